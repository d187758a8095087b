"""The project as dbt understands it, compiled once."""

from __future__ import annotations

from typing import Any

import pytest

from orchestration import transform
from tests.empty_home import empty_home


@pytest.fixture(scope="session")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The manifest of the project with the SQL of a full build, for an empty warehouse."""
    home = empty_home(tmp_path_factory.mktemp("compiled"))
    transform.invoke(
        home, ["compile", "--select", "resource_type:model", "--exclude", "resource_type:test"]
    )
    compiled = transform.manifest(home)
    models = [n for n in compiled["nodes"].values() if n["resource_type"] == "model"]
    assert all(node["compiled_code"] for node in models)
    return compiled
