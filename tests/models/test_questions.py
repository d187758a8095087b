"""The example questions of every mart are answered by a small published file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from orchestration import transform
from orchestration.home import Home

Question = tuple[str, str, str]


@pytest.fixture(scope="module")
def published(small_home: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    """A reader of the published file of a small platform."""
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"attach '{small_home.published}' as marts (read_only)")
        connection.execute("use marts")
        yield connection


def questions(manifest: dict[str, Any]) -> list[Question]:
    """Model, question and SQL of all examples."""
    return [
        (node["name"], example["question"], example["sql"])
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model"
        for example in node["config"]["meta"].get("questions", [])
    ]


def unanswered(reader: duckdb.DuckDBPyConnection, asked: list[Question]) -> Iterator[str]:
    """Questions whose SQL fails or finds no row."""
    for model, question, sql in asked:
        try:
            if not reader.execute(sql).fetchall():
                yield f"{model}: {question} finds no row"
        except duckdb.Error as error:
            yield f"{model}: {question} fails: {error}"


def test_every_question_is_answered(published: duckdb.DuckDBPyConnection, small_home: Home) -> None:
    asked = questions(transform.manifest(small_home))
    assert len(asked) >= 2
    assert list(unanswered(published, asked)) == []


def test_a_wrong_question_is_noticed(published: duckdb.DuckDBPyConnection) -> None:
    wrong = [
        ("fct_orders", "How many?", "select number_of_orders from core.fct_orders"),
        ("fct_orders", "Where?", "select city from core.fct_orders where false"),
    ]
    assert len(list(unanswered(published, wrong))) == len(wrong)
