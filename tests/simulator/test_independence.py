"""The answer key stays on its own path: it can't be wrong in the way that the warehouse is."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import simulator
from orchestration.home import PROJECT
from simulator.contract import CONTRACT_FILE, SEEDS

ROOM = Path(simulator.__file__).parent
MODULES = sorted(ROOM.rglob("*.py"))
QUERIES = sorted((ROOM / "answers").rglob("*.sql"))
SCHEMAS = {"base", "final", "truth", "money", "delivery"}
FACTS = {
    "truth.parameters",
    "money.line_shares",
    "money.planted_breaks",
    "delivery.files",
    "delivery.planted_faults",
}


def imported(module: Path) -> Iterator[str]:
    """Yield the packages that a module imports."""
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name.partition(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "").partition(".")[0]


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(ROOM)))
def test_no_module_uses_code_of_the_warehouse(module: Path) -> None:
    assert (
        set(imported(module)) & {"orchestration", "expectations", "dbt", "great_expectations"}
        == set()
    )


@pytest.mark.parametrize("query", QUERIES, ids=lambda path: path.stem)
def test_the_keys_sql_reads_the_truth_and_facts_only(query: Path) -> None:
    code = re.sub(r"--.*", "", query.read_text(encoding="utf-8"))
    assert "{{" not in code
    read = re.findall(r"\b(?:from|join)\s+(\w+\.\w+)", code)
    assert {table.partition(".")[0] for table in read} <= SCHEMAS
    assert {table for table in read if table.partition(".")[0] not in ("base", "final")} <= FACTS
    files = re.findall(r"read_(?:csv|parquet|json)\((.*?)[,)]", code)
    assert all(file == "getvariable('seeds'" for file in files)


def test_of_the_dbt_project_it_reads_the_raw_contract_and_the_seeds() -> None:
    naming = [
        str(module.relative_to(ROOM))
        for module in MODULES
        if re.search(r"\"(?:models|macros|seeds|orchestration)[\"/]", module.read_text("utf-8"))
    ]
    assert naming == ["contract.py"]
    assert CONTRACT_FILE == PROJECT / "models" / "staging" / "native" / "_native__sources.yml"
    assert SEEDS == PROJECT / "seeds"


def test_no_model_macro_or_loader_knows_the_simulator() -> None:
    rooms = ("models", "macros", "expectations", "orchestration/ingestion", "orchestration/quality")
    files = [
        path
        for room in rooms
        for path in (PROJECT / room).rglob("*")
        if path.suffix in (".py", ".sql", ".yml", ".md")
    ]
    assert len(files) > 100
    assert [path for path in files if "simulator" in path.read_text(encoding="utf-8")] == []
