"""The documentation of the models: every column is described, and nothing comes from elsewhere."""

from __future__ import annotations

import re
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration import transform
from orchestration.defs.pages import served
from orchestration.home import Home
from orchestration.model_docs import POLICY, build_model_docs, describe_columns

OPENED = re.compile(r"<(?:script|link|img|iframe)\b[^>]*\b(?:src|href)=[\"']?(?:https?:)?//")
"""What a browser fetches from elsewhere as soon as it opens a page."""


@pytest.fixture(scope="module")
def page(small_home: Home) -> Path:
    """The page about the project and a small published file."""
    return build_model_docs(small_home)


def fetched(address: str) -> tuple[int, str, str]:
    """Status, content policy and text of an answer."""
    try:
        with urllib.request.urlopen(address) as answer:  # noqa: S310 - the test's own server
            return answer.status, answer.headers["Content-Security-Policy"], answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers["Content-Security-Policy"], error.read().decode()


def test_every_column_of_every_built_model_is_described(built_home: Home) -> None:
    manifest = transform.manifest(built_home)
    describe_columns(manifest)
    described = {
        (node["schema"], node["name"], name)
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model"
        for name, column in node["columns"].items()
        if column["description"]
    }
    with duckdb.connect() as connection:
        for path, alias in ((built_home.warehouse, "warehouse"), (built_home.marts_next, "marts")):
            connection.execute(f"attach '{path}' as {alias} (read_only)")
        schemas = tuple({schema for schema, _, _ in described})
        built = connection.execute(
            "select schema_name, table_name, column_name from duckdb_columns()"
            f" where schema_name in {schemas}"
        ).fetchall()
    assert len(built) > 1000
    assert [".".join(column) for column in built if column not in described] == []


def test_the_page_holds_models_metrics_and_readers(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for name in ("agg_gmv_daily", "int_claims_current", "stg_native__orders", "bi_dashboards"):
        assert f'"{name}"' in text
    assert '"net_cash_amount"' in text
    assert "INLINE DATA" not in text


def test_the_page_fetches_nothing_from_elsewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert OPENED.search(text) is None
    assert POLICY in text
    assert OPENED.search('<script src="https://elsewhere.example/x.js">')


def test_pages_are_served_on_this_machine_and_nothing_else_is(small_home: Home, page: Path) -> None:
    with served(small_home, 0) as address:
        assert address.startswith("http://127.0.0.1:")
        status, policy, text = fetched(f"{address}/")
        assert (status, policy) == (200, POLICY)
        for place in re.findall(r'href="([^"]+)"', text):
            status, policy, _ = fetched(f"{address}{place}index.html")
            assert (status, policy) == (200, POLICY)
            assert fetched(f"{address}{place}")[0] == 200
        for outside in ("/models/../warehouse.duckdb", "/models/%2e%2e/warehouse.duckdb", "/x"):
            assert fetched(f"{address}{outside}")[0] == 404
        assert fetched(f"{address}/audits/nothing.html")[0] == 404


def test_descriptions_come_from_the_block_of_the_columns_name() -> None:
    manifest: dict[str, Any] = {
        "docs": {"d": {"name": "phone", "package_name": "anxin", "block_contents": "Secret."}},
        "sources": {
            "s": {
                "name": "customers",
                "resource_type": "source",
                "columns": {"phone": {"description": ""}, "city": {"description": "Where."}},
            }
        },
        "nodes": {
            "n": {"name": "int_customers_current", "resource_type": "model", "columns": {}},
            "o": {"name": "agg_customers", "resource_type": "model", "columns": {}},
        },
    }
    describe_columns(manifest)
    columns = manifest["nodes"]["n"]["columns"]
    assert {name: column["description"] for name, column in columns.items()} == {
        "phone": "Secret.",
        "city": "Where.",
        "source": "",
    }
    assert manifest["nodes"]["o"]["columns"] == {}
