"""What dbt's profile makes of the environment."""

from __future__ import annotations

from typing import Any

import jinja2
import pytest
import yaml

from orchestration.home import PROJECT


def profile(environment: dict[str, str]) -> dict[str, Any]:
    """The profile as dbt renders it."""
    text = (PROJECT / "profiles.yml").read_text(encoding="utf-8")
    rendered = jinja2.Template(text).render(env_var=environment.get)
    return dict(yaml.safe_load(rendered)["anxin"])


@pytest.mark.parametrize("text", [None, ""])
def test_without_variables_only_what_is_published_is_read(text: str | None) -> None:
    names = ("ANXIN_HOME", "ANXIN_TARGET", "ANXIN_MEMORY_LIMIT")
    found = profile({} if text is None else dict.fromkeys(names, text))
    assert found["target"] == "published"
    published, local = found["outputs"]["published"], found["outputs"]["local"]
    assert published["path"] == ":memory:"
    assert published["attach"] == [
        {"path": "var/serving/marts.duckdb", "alias": "marts", "read_only": True}
    ]
    assert local["path"] == "var/warehouse.duckdb"
    assert local["config_options"]["memory_limit"] == "4GB"


def test_a_run_says_where_it_writes() -> None:
    found = profile({"ANXIN_HOME": "/elsewhere", "ANXIN_TARGET": "local"})
    assert found["target"] == "local"
    assert found["outputs"]["local"]["attach"][0]["path"] == "/elsewhere/marts-next.duckdb"
