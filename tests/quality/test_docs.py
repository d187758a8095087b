"""Data Docs stand on their own and tell no secrets."""

from __future__ import annotations

import re
import socket
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from orchestration.quality import audit_deliveries, build_data_docs

from .conftest import Warehouse


@pytest.fixture
def site(warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    def refuse(*_: object) -> None:
        raise AssertionError("an audit went to the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    deliveries = [
        warehouse.deliver("orders", customer_id="'secret-' || i", freight_amount="99999999"),
        warehouse.deliver("customers", registered_at="timestamp '2030-01-01'"),
    ]
    validations: list[Any] = []
    audit_deliveries(warehouse.connection, deliveries, validations=validations)
    folder = tmp_path / "data_docs"
    folder.mkdir()
    (folder / "left_over.html").write_text("from an earlier run")
    assert build_data_docs(validations, folder) == folder / "index.html"
    return folder


def test_the_index_leads_to_a_page_per_suite_failed_ones_first(site: Path) -> None:
    index = (site / "index.html").read_text(encoding="utf-8")
    links = re.findall(r'<a href="([^"]+)">([^<]+)</a>', index)
    assert [name for _, name in links] == [
        "deliveries",
        "raw.customers",
        "raw.orders",
        "versions",
    ]
    assert all((site / unquote(link)).is_file() for link, _ in links)


def test_a_page_names_the_rule_and_the_failing_rows(site: Path) -> None:
    (page,) = site.rglob("*raw.customers.html")
    text = page.read_text(encoding="utf-8")
    assert "updated_at does not lie before registered_at" in text
    assert "_delivery_id 2, _row_number 5" in text


def test_no_page_shows_a_value_of_a_personal_column(site: Path) -> None:
    pages = [page.read_text(encoding="utf-8") for page in site.rglob("*.html")]
    assert len(pages) == 5
    for private in ("secret-", "Secret", "13700000000", "13800000000"):
        assert not any(private in page for page in pages)


def test_no_page_fetches_anything_from_elsewhere(site: Path) -> None:
    for page in site.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert "<script" not in text
        assert not re.search(r"<(link|img)[^>]+https?:", text)
        assert not re.search(r"url\(\s*[\"']?https?:", text)


def test_an_earlier_run_leaves_nothing_behind(site: Path) -> None:
    assert not (site / "left_over.html").exists()
