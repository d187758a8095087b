"""One measured thing in a process of its own: `python -m benchmarks.worker NAME HOME ARGUMENTS`.

Prints one JSON object: what the thing says of itself, and its peak memory in MB where the system
tells. Its wall and CPU seconds are taken by the process that starts it.
"""

from __future__ import annotations

import json
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from orchestration.home import Home


def main() -> None:
    """Do what the arguments name."""
    name, root, arguments = sys.argv[1:]
    found = WORKS[name](Home(Path(root)), **json.loads(arguments))
    print(json.dumps({**found, "peak_mb": peak_mb()}, default=str))


def peak_mb() -> float | None:
    """The most memory that this process has held; None where there is no /proc."""
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    peaks = [line.split()[1] for line in lines if line.startswith("VmHWM")]
    return int(peaks[0]) / 1024 if peaks else None


def models(home: Home, arguments: list[str]) -> dict[str, Any]:
    """Run dbt on some models, one at a time.

    Returns:
        Seconds and CPU seconds of dbt's command, and per node: dbt's seconds, CPU seconds since
        the node before (those of the first are its statements'), and seconds and CPU seconds of
        its statements.
    """
    from orchestration import transform

    cpu_of: dict[str, float] = {}
    before: list[float] = []

    def note(node: transform.NodeResult) -> None:
        now = time.process_time()
        if before:
            cpu_of[node.unique_id] = now - before[-1]
        before.append(now)

    with listening() as spent:
        wall, cpu = time.perf_counter(), time.process_time()
        result = transform.invoke(home, [*arguments, "--threads", "1"], on_node=note)
        taken = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
    if result.failed:
        raise SystemExit(f"failed: {[(node.name, node.message) for node in result.failed]}")
    nodes = {
        node.name: {
            "seconds": node.seconds,
            "cpu": cpu_of.get(node.unique_id, spent[node.unique_id][1]),
            "sql_wall": spent[node.unique_id][0],
            "sql_cpu": spent[node.unique_id][1],
        }
        for node in result.nodes
    }
    return {**taken, "nodes": nodes}


@contextmanager
def listening() -> Iterator[dict[str, list[float]]]:
    """Add up seconds and CPU seconds of the statements that dbt executes, by node."""
    from dbt.adapters.duckdb.environments.local import DuckDBCursorWrapper
    from dbt_common.events.contextvars import get_node_info

    spent: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    execute = DuckDBCursorWrapper.execute

    def timed(self: Any, sql: str, bindings: Any = None) -> Any:  # noqa: ANN401
        wall, cpu = time.perf_counter(), time.process_time()
        try:
            return execute(self, sql, bindings)
        finally:
            of_node = spent[get_node_info().get("unique_id") or ""]
            of_node[0] += time.perf_counter() - wall
            of_node[1] += time.process_time() - cpu

    DuckDBCursorWrapper.execute = timed
    try:
        yield spent
    finally:
        DuckDBCursorWrapper.execute = execute


def script(home: Home, folder: str, mark: int) -> dict[str, Any]:
    """Run a script of `sql/`; seconds and CPU seconds by its files."""
    from benchmarks import hand_written

    files: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    with hand_written.connect(home) as connection:
        connection.execute(f"set variable mark = {mark}")
        for file, statement in hand_written.statements(folder):
            wall, cpu = time.perf_counter(), time.process_time()
            connection.execute(statement)
            files[file][0] += time.perf_counter() - wall
            files[file][1] += time.process_time() - cpu
    return {
        "wall": sum(wall for wall, _ in files.values()),
        "cpu": sum(cpu for _, cpu in files.values()),
        "nodes": {
            file: {"seconds": wall, "cpu": cpu, "sql_wall": wall, "sql_cpu": cpu}
            for file, (wall, cpu) in files.items()
        },
    }


def load(home: Home) -> dict[str, Any]:
    """Load what has landed and let it count; build nothing."""
    from orchestration import pipeline

    with pipeline.opened(home, "benchmark") as opened:
        opened.ingest()
        opened.audit_deliveries()
        opened.finish("ingested", "loaded")
    if opened.record.held:
        raise SystemExit(f"held: {opened.record.held}")
    return {"seconds": opened.record.seconds}


def whole(home: Home, backfill: list[str] | None = None) -> dict[str, Any]:
    """Run everything, as `anxin run` does."""
    started = time.perf_counter()
    from orchestration import cli as _cli  # noqa: F401 (what the command imports)
    from orchestration.defs.launch import execute

    imported = time.perf_counter()
    days = (date.fromisoformat(backfill[0]), date.fromisoformat(backfill[1])) if backfill else None
    nodes: list[tuple[float, float]] = []
    record = execute(
        home, backfill=days, on_node=lambda node: nodes.append((node.seconds, time.perf_counter()))
    )
    busy = nodes[-1][1] - nodes[0][1] + nodes[0][0] if nodes else 0.0
    return {
        "imports": imported - started,
        "wall": time.perf_counter() - imported,
        "outcome": record.outcome,
        "seconds": record.seconds,
        "dbt_start": record.seconds.get("build", 0.0) - busy,
        "nodes": {node["name"]: node["seconds"] for node in record.nodes},
        "models": [n["name"] for n in record.nodes if n["resource_type"] == "model"],
    }


def imports(home: Home) -> dict[str, Any]:
    """Only import what a run with nothing new needs."""
    from orchestration import cli as _cli  # noqa: F401
    from orchestration.defs import launch as _launch  # noqa: F401

    return {"home": str(home.root)}


def days(home: Home, landing: str, dates: list[str]) -> dict[str, Any]:
    """Deliver and run one date after the other; file sizes after each."""
    from orchestration import pipeline
    from orchestration.ingestion.landing import deliver

    sizes = []
    for day in dates:
        for path in sorted(Path(landing).rglob(f"dt={day}/*")):
            deliver(home, path, path.parts[-4], path.parts[-3], day)
        started = time.perf_counter()
        pipeline.run(home)
        sizes.append(
            {
                "day": day,
                "seconds": time.perf_counter() - started,
                "warehouse": home.warehouse.stat().st_size,
                "marts": home.published.stat().st_size,
            }
        )
    return {"sizes": sizes}


def dashboard(home: Home) -> dict[str, Any]:
    """Ask the tiles of a dashboard."""
    from benchmarks.dashboard import ask

    return ask(home)


WORKS = {work.__name__: work for work in (models, script, load, whole, imports, days, dashboard)}

if __name__ == "__main__":
    main()
