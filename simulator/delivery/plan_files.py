"""Which files are split, cut off, repeated, corrected, or lied about."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from simulator.contract import Entity, entities
from simulator.delivery.faults import Faults
from simulator.delivery.windows import Cell, draw


def _has_totals(cell: Cell, entity: Entity) -> bool:
    return bool(entity.totals) and len(entity.keys) == 1


def _is_compressed(cell: Cell, entity: Entity) -> bool:
    return cell.format not in ("csv", "jsonl")


def _has_two_rows(cell: Cell, entity: Entity) -> bool:
    return cell.rows > 1


def _is_any(cell: Cell, entity: Entity) -> bool:
    return True


_FITS: dict[str, Callable[[Cell, Entity], bool]] = {
    "corrected": lambda cell, entity: _has_totals(cell, entity) and cell.rows > 1,
    "same_file_again": _has_totals,
    "truncated": _is_compressed,
    "split": _has_two_rows,
    "wrong_sidecar": _is_any,
    "empty": _is_any,
}
"""Which cells each kind can be planted in; the hardest to please come first."""


def plan_files(cells: Sequence[Cell], faults: Faults, seed: int) -> dict[Cell, str]:
    """Choose a kind of file fault for some cells.

    Returns:
        The kind by cell; a month can only be corrected.
    """
    free = [cell for cell in cells if not cell.allows_rows and cell.window.is_daily]
    months = [cell for cell in cells if not cell.allows_rows and not cell.window.is_daily]
    chosen: dict[Cell, str] = {}
    if faults.corrected:
        chosen.update((cell, "corrected") for cell in months if cell.rows > 1)
    daily = sum(cell.window.is_daily for cell in cells)
    for kind, fits in _FITS.items():
        rate = getattr(faults, kind)
        if not rate:
            continue
        able = [cell for cell in free if cell not in chosen and fits(cell, entities()[cell.entity])]
        able.sort(key=lambda cell: draw(seed, kind, cell.entity, cell.window.index))
        wanted = max(1, int(rate * daily + draw(seed, kind)))
        chosen.update((cell, kind) for cell in able[:wanted])
    return chosen
