"""Sidecars: what a sender states of a file, rightly or not."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import duckdb

from simulator.contract import Entity
from simulator.delivery.windows import Cell

LIES = ("rows", "sums", "sha256")


def write_sidecar(
    connection: duckdb.DuckDBPyConnection, file: Path, entity: Entity, cell: Cell, lie: str = ""
) -> None:
    """State rows, sums and hash of a file that has exactly a cell's rows.

    Args:
        connection: Holds the cell.
        file: The file; the sidecar is laid beside it.
        entity: The cell's.
        cell: Its rows.
        lie: Which statement is wrong, one of `LIES`; none when empty.
    """
    sums = _sums(connection, entity, cell)
    if lie == "sums" and not sums:
        lie = "rows"
    if lie == "sums":
        sums[entity.totals[0]] += 1
    digest = hashlib.sha256(file.read_bytes() + (b"?" if lie == "sha256" else b""))
    stated = {
        "rows": cell.rows + (lie == "rows"),
        "sums": sums,
        "sha256": digest.hexdigest(),
    }
    sidecar = file.with_name(f"{file.name}.manifest.json")
    sidecar.write_text(json.dumps(stated, indent=2) + "\n", encoding="utf-8")


def _sums(connection: duckdb.DuckDBPyConnection, entity: Entity, cell: Cell) -> dict[str, int]:
    if not entity.totals:
        return {}
    listed = ", ".join(f"coalesce(sum({name}), 0)::bigint" for name in entity.totals)
    row = connection.execute(
        f"select {listed} from delivery.staged_{entity.name} where _dt = $1", [cell.window.dt]
    ).fetchone()
    return dict(zip(entity.totals, row or (), strict=True))
