"""How the demo's facts are shown on a terminal."""

from __future__ import annotations

import os
import sys
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich import box
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from orchestration.demo_facts import Rows
from orchestration.home import Home

if TYPE_CHECKING:
    from rich.console import Console, JustifyMethod

    from orchestration.demo import Demo


def show(home: Home, demo: Demo, out: Console) -> None:
    """Print everything; all tables fit 80 columns."""
    facts = demo.facts
    _show_deliveries(facts, out)
    _show_gmv(demo, out)
    out.print("[bold]GMV by category and day of August[/bold], CNY")
    out.print(_table(_pivot(facts["categories"])))
    out.print("[bold]Livestream sessions[/bold], times of Shanghai; GPM = GMV per 1,000 views")
    out.print(_table(facts["sessions"]))
    out.print("[bold]Claims by right[/bold], CNY")
    out.print(_table(facts["rights"]))
    _show_claims(facts, out)
    _show_audits(demo, out)
    waiting, waited = facts["waiting"][0], demo.before["waiting"][0]
    out.print(
        f"Waiting for their order: {waiting['claims']} claims (before the corrections"
        f" {waited['claims']}), {waiting['order_lines']} order lines\n",
        highlight=False,
    )
    _show_ways_on(home, out)


def _show_deliveries(facts: dict[str, Rows], out: Console) -> None:
    """Print what became of the files: paths without the source, as there is only one."""
    counts = ", ".join(f"{row['files']} {row['status']}" for row in facts["statuses"])
    out.print(f"\n[bold]Deliveries[/bold]: {counts}", highlight=False)
    for row in facts["not_accepted"]:
        out.print(f"  {row['status']:<10} {row['path'].removeprefix('native/')}", highlight=False)
        out.print(Padding(Text(row["reason"]), (0, 0, 0, 13)))
    out.print("\n[bold]Quarantined rows[/bold]; the other rows of the file count")
    for path in dict.fromkeys(row["path"] for row in facts["quarantine"]):
        out.print(f"  {path.removeprefix('native/')}", highlight=False)
        rows = [
            {"row": row["row_number"], "column": row["column_name"], "reason": row["reason"]}
            for row in facts["quarantine"]
            if row["path"] == path
        ]
        out.print(_table(rows))


def _show_gmv(demo: Demo, out: Console) -> None:
    before = {row["day"]: row["gmv"] for row in demo.before["gmv"]}
    rows = [
        {
            "day": row["day"],
            "orders": row["orders"],
            "before": before.get(row["day"]),
            "GMV": row["gmv"],
            "refunded": row["refunded"],
            "net": row["net"],
        }
        for row in demo.facts["gmv"]
    ]
    out.print("[bold]Paid GMV by day[/bold], CNY; `before` is what stood before the corrections")
    out.print(_table(rows))


def _show_claims(facts: dict[str, Rows], out: Console) -> None:
    out.print("[bold]Claims for bad fruit (R6) and allergies (R7)[/bold], times since application")
    rows = [
        {**row, "approve": _span(row["approve"]), "refund": _span(row["refund"])}
        for row in facts["windows"]
    ]
    out.print(_table(rows))
    out.print("[bold]The two cases[/bold]")
    table = Table(box=box.SIMPLE_HEAD, show_header=False, pad_edge=False)
    for title, values in _case_lines(facts["cases"]):
        table.add_row(title, *values)
    out.print(table)


def _case_lines(cases: Rows) -> list[tuple[str, list[str]]]:
    spans = {"after_receipt", "approve", "refund", "return_to_refund"}
    titles = {
        "claim": "claim", "goods": "goods", "name": "right", "received": "received",
        "applied": "applied", "after_receipt": "after receipt", "window_ends": "window ends",
        "eligible": "eligible", "approve": "approved after", "refund": "refunded after",
        "return_to_refund": "return to refund", "paid": "paid", "refunded": "refunded",
    }  # fmt: skip
    return [
        (title, [_span(case[key]) if key in spans else _cell(case[key]) for case in cases])
        for key, title in titles.items()
    ]


def _show_audits(demo: Demo, out: Console) -> None:
    out.print("[bold]Audits[/bold]")
    out.print(_table(demo.audits))
    for number, record in enumerate(demo.runs, 1):
        for audit in record.audits:
            said = f"run {number}, {audit['severity']}: {audit['table']}: {audit['rule']}"
            out.print(f"{said} ({audit['observed']})", markup=False, highlight=False)
    out.print()


def _show_ways_on(home: Home, out: Console) -> None:
    """Print commands to copy, for the folder and the home at hand; these may be long."""
    published = _relative(home.published)
    python, anxin = (
        _relative(Path(sys.executable).with_name(name)) for name in ("python", "anxin")
    )
    if home != Home(Path("var").resolve()):
        anxin = f"ANXIN_HOME={_relative(home.root)} {anxin}"
    query = f"duckdb.connect('{published}', read_only=True).sql('from core.fct_claims').show()"
    ways = (
        ("The published file, open to any reader at any time", published),
        ("With the DuckDB CLI", f"duckdb -readonly {published} 'from sales.agg_gmv_daily'"),
        ("With Python", f'{python} -c "import duckdb; {query}"'),
        ("Dagster at http://127.0.0.1:3000", f"{anxin} ui"),
        ("What waits for a decision; `release` lets a held file count", f"{anxin} status"),
    )
    for title, command in ways:
        out.print(f"{title}:", style="bold", highlight=False)
        out.print(f"  {command}", soft_wrap=True, markup=False, highlight=False)


def _relative(path: Path) -> str:
    """Write a path from the current folder, if it lies below it."""
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("..") else relative


def _pivot(rows: Rows) -> Rows:
    """Turn days into columns, with a sum for each category."""
    days = sorted({row["day"] for row in rows})
    table: dict[str, dict[str, Any]] = {}
    for row in rows:
        line = table.setdefault(
            row["category"], {"category": row["category"], **dict.fromkeys(days)}
        )
        line[row["day"]] = row["gmv"]
    for line in table.values():
        line["sum"] = sum(line[day] or 0 for day in days)
    return list(table.values())


def _table(rows: Rows) -> Table:
    """Lay rows out; only reasons may take several lines."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for name in rows[0] if rows else ():
        numeric = any(type(row[name]) in (int, float, Decimal) for row in rows)
        justify: JustifyMethod = "right" if numeric else "left"
        table.add_column(name, justify=justify, no_wrap=name != "reason")
    for row in rows:
        table.add_row(*(_cell(value) for value in row.values()))
    return table


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (float, Decimal)):
        return f"{value:,.2f}"
    if isinstance(value, datetime):
        return f"{value:%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    return f"{value:,}" if isinstance(value, int) else str(value)


def _span(seconds: int | None) -> str:
    """Write a time span by its two largest units."""
    if seconds is None:
        return ""
    parts: list[str] = []
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60), ("s", 1)):
        count, seconds = divmod(seconds, size)
        if count or parts:
            parts.append(f"{count}{unit}")
    return " ".join(parts[:2]) or "0s"
