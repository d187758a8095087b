"""How long refund chains take to reconcile from the current state, whole and after a day's change.

Run it from the project's root: `python -m benchmarks.reconciliation [--chains N]`. The chains are
rows made up in the tables of the current state: most are paid as they should be, some are retried,
some came back, some miss their bill line.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration import transform
from orchestration.home import Home
from orchestration.ingestion import schema
from orchestration.ingestion.contract import load_contract
from orchestration.ingestion.sources import load_sources

SQL = Path(__file__).with_name("sql") / "reconciliation"
TARGET_SECONDS, TARGET_CHAINS = 90, 5_000_000
FACTS = ("fct_refund_reconciliation", "fct_reconciliation_breaks")
_SIDES = (
    *("int_orders_current", "int_order_lines_current", "int_claims_current"),
    *("int_refund_orders_current", "int_channel_bill_lines_current", "int_fund_flows_current"),
)
_OTHER_FACTS = ("fct_ledger_postings", "int_ledger_lines", "int_postings_frozen")


@dataclass(frozen=True)
class Built:
    """What one dbt command took.

    Attributes:
        seconds: From its begin to its end.
        models: Seconds by model, the slowest first.
    """

    seconds: float
    models: dict[str, float]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--chains", type=int, default=TARGET_CHAINS)
    parser.add_argument("--work", type=Path, help="a new folder that is kept")
    arguments = parser.parse_args()
    folder = arguments.work or Path(tempfile.mkdtemp(prefix="anxin-reconciliation-"))
    try:
        _measure(Home(folder).create(), arguments.chains)
    finally:
        if arguments.work is None:
            shutil.rmtree(folder, ignore_errors=True)


def _measure(home: Home, chains: int) -> None:
    with duckdb.connect(str(home.warehouse)) as connection:
        schema.ensure(connection, load_contract(), load_sources())
    everything = ["--exclude-resource-type", "unit_test", "--exclude-resource-type", "test"]
    _dbt(home, ["build", *everything, "--select", *(f"+{name}" for name in FACTS)])
    _execute(home, "chains.sql", chains)
    models = _models(home)
    whole = _dbt(home, ["run", "--full-refresh", "--select", *models])
    _show(f"{chains} chains, whole", whole)
    print(f"target {TARGET_SECONDS * chains / TARGET_CHAINS:.0f} s for as many chains")
    _show("nothing new", _dbt(home, ["run", "--select", *models]))
    _execute(home, "day.sql", chains)
    _show("a day's change", _dbt(home, ["run", "--select", *models]))


def _models(home: Home) -> list[str]:
    """What lies between the current state and the facts."""
    inputs = {name: node["inputs"] for name, node in transform.restating_models(home).items()}
    found, waiting = set[str](), list(FACTS)
    while waiting:
        name = waiting.pop()
        if name not in found and name in inputs and not name.endswith("_current"):
            found.add(name)
            waiting += inputs[name]
    return sorted(found - {"int_data_clock", *_OTHER_FACTS})


def _execute(home: Home, file: str, chains: int) -> None:
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("set preserve_insertion_order = false")
        connection.execute(f"set variable chains = {chains}")
        connection.execute((SQL / file).read_text(encoding="utf-8"))


def _dbt(home: Home, arguments: list[str]) -> Built:
    started = time.perf_counter()
    result = transform.invoke(home, arguments)
    seconds = time.perf_counter() - started
    if result.failed:
        raise transform.TransformError(str(result.failed))
    models = {node.name: node.seconds for node in result.nodes if node.resource_type == "model"}
    return Built(seconds, dict(sorted(models.items(), key=lambda item: -item[1])))


def _show(what: str, built: Built) -> None:
    print(f"{what}: {built.seconds:.1f} s, of which models {sum(built.models.values()):.1f} s")
    for name, seconds in built.models.items():
        if seconds >= 0.1 * max(built.models.values()):
            print(f"    {name} {seconds:.1f} s")


if __name__ == "__main__":
    main()
