"""How the demo's facts are shown on a terminal."""

from __future__ import annotations

import os
import sys
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from rich import box
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from orchestration.demo_facts import Rows
from orchestration.home import Home

if TYPE_CHECKING:
    from rich.console import Console, JustifyMethod

    from orchestration.demo import Demo, Wave
    from orchestration.records import RunRecord
    from simulator.parameters import Parameters

BAR = 24
"""Width of the longest bar."""


def show_beginning(parameters: Parameters, out: Console) -> None:
    """Say what the data are before anything is shown of them."""
    out.print(
        f"[bold]Simulated data[/bold]: an invented livestream platform with"
        f" {parameters.lines:,} order lines from"
        f" {parameters.from_date} to {parameters.to_date}, calibrated on what two articles"
        " published about Douyin e-commerce and its consumer rights (安心购). No person, shop or"
        " order in it is real. Its files come in like those of a real platform: the past at"
        " once, then day by day, with faults planted in them. After each delivery the pipeline"
        " loads, builds, audits and publishes. At the end the published marts are compared with"
        " an answer key that was made without this warehouse.\n",
        highlight=False,
    )


def show_wave(wave: Wave, record: RunRecord, seconds: float, out: Console) -> None:
    """Print what came in and how the run ended."""
    counts = record.ingested
    out.print(f"[bold]{wave.title}[/bold]: {len(wave.files)} files", highlight=False)
    out.print(
        f"  {counts['rows_read']:,} rows read = {counts['rows_accepted']:,} accepted +"
        f" {counts['rows_quarantined']:,} quarantined;"
        f" {counts['held'] + len(record.held)} files held, {counts['rejected']} rejected\n"
        f"  {record.message} after {seconds:.0f} s",
        highlight=False,
    )


def show(home: Home, demo: Demo, out: Console) -> None:
    """Print everything; all tables fit 80 columns."""
    from orchestration import check_answers

    facts = demo.facts
    _show_deliveries(facts, out)
    out.print(
        "[bold]Paid GMV by month[/bold], CNY: what buyers paid, refunds not taken off; `net` is"
        " less the refunds of the month, `times` the GMV over that of a year before"
    )
    out.print(_table(_with_bars(facts["months"])))
    out.print(
        "[bold]The last days[/bold]; `before` is the GMV before the last delivery, which brought"
        " corrections"
    )
    out.print(_table(_with_before(demo)))
    out.print("[bold]Channels[/bold]; `returned` is the share of orders with returned goods")
    out.print(_table([{**row, "returned": _share(row["returned"])} for row in facts["channels"]]))
    out.print("[bold]Categories[/bold]; a refund counts when its money was paid back")
    out.print(_table(facts["categories"]))
    out.print(
        "[bold]Largest livestream sessions[/bold]; `gpm` is GMV per 1,000 views, `uv_value` GMV"
        " per viewer"
    )
    out.print(_table(facts["sessions"]))
    out.print(
        "[bold]Claims by right[/bold]; `served` ended in a refund or an exchange, `outside` are"
        " not covered by the right, or came too late"
    )
    out.print(_table(facts["rights"]))
    _show_cases(facts["cases"], out)
    _show_findings(facts, out)
    _show_audits(demo, out)
    if demo.check:
        check_answers.show(demo.check, out)
    _show_ways_on(home, out)


def _show_deliveries(facts: dict[str, Rows], out: Console) -> None:
    """Print what became of the files: paths without the source, as there is only one."""
    counts = ", ".join(f"{row['files']} {row['status']}" for row in facts["statuses"])
    out.print(
        f"\n[bold]Deliveries[/bold]: {counts}. A held file waits for somebody's decision, a"
        " rejected one can't be read, a superseded one was corrected.",
        highlight=False,
    )
    for row in facts["not_accepted"]:
        out.print(f"  {row['status']:<10} {row['path'].removeprefix('native/')}", highlight=False)
        out.print(Padding(Text(row["reason"]), (0, 0, 0, 13)))
    out.print("\n[bold]Quarantined rows[/bold] by feed, with an example; the other rows count")
    out.print(_table(facts["quarantine"]))


def _with_bars(months: Rows) -> Rows:
    """Add a bar to each month, as long as its GMV."""
    longest = max((row["gmv"] for row in months), default=0) or 1
    return [
        {
            **{name: value for name, value in row.items() if name != "refunded"},
            "": "█" * round(float(BAR * row["gmv"] / longest)),
        }
        for row in months
    ]


def _with_before(demo: Demo) -> Rows:
    before = {row["day"]: row["gmv"] for row in demo.before["days"]}
    return [
        {
            "day": row["day"],
            "orders": row["orders"],
            "before": before.get(row["day"]),
            "gmv": row["gmv"],
            "refunded": row["refunded"],
            "net": row["net"],
        }
        for row in demo.facts["days"]
    ]


def _show_cases(cases: Rows, out: Console) -> None:
    out.print("[bold]The articles' two cases[/bold]: rotten durian, and an allergy after 29 days")
    table = Table(box=box.SIMPLE_HEAD, show_header=False, pad_edge=False)
    for title, values in _case_lines(cases):
        table.add_row(title, *values)
    out.print(table)


def _case_lines(cases: Rows) -> list[tuple[str, list[str]]]:
    spans = {"after_receipt", "approve", "refund", "return_to_refund"}
    titles = {
        "goods": "goods", "name": "right", "paid": "paid", "received": "received",
        "applied": "applied", "after_receipt": "after receipt", "window_ends": "window ends",
        "eligible": "eligible", "approve": "approved after", "refund": "refunded after",
        "return_to_refund": "return to refund", "refunded": "refunded",
    }  # fmt: skip
    return [
        (title, [_span(case[key]) if key in spans else _cell(case[key]) for case in cases])
        for key, title in titles.items()
    ]


def _show_findings(facts: dict[str, Rows], out: Console) -> None:
    """Print growth, return zones, scores and what became of the articles' statements."""
    out.print(
        "[bold]Growth[/bold]; `times` is GMV over that of the base, `units` the same of units sold"
    )
    out.print(_table(facts["growth"]))
    out.print(
        "[bold]Return zones[/bold] of shops with 30 orders that are old enough to know: green up to"
        " 15%, amber up to 20%"
    )
    zones = [{**row, "median_rate": _share(row["median_rate"])} for row in facts["zones"]]
    out.print(_table(zones))
    out.print("[bold]Scores[/bold] of the last day, 0 to 100")
    out.print(_table(facts["scores"]))
    out.print(
        "[bold]What the articles state[/bold], at the scale of these data, and what they show"
    )
    out.print(_table(facts["statements"]))
    out.print("[bold]Statements that these data can't judge[/bold]")
    out.print(_table(facts["unjudged"]))


def _show_audits(demo: Demo, out: Console) -> None:
    out.print(
        "[bold]Audits[/bold] by run; a critical one would have kept the run from being published,"
        " `anxin audits` lists those that did not pass"
    )
    out.print(_table(demo.audits))


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
        ("A platform of your size", f"{anxin} simulate --lines 1000000 --out FOLDER"),
    )
    for title, command in ways:
        out.print(f"{title}:", style="bold", highlight=False)
        out.print(f"  {command}", soft_wrap=True, markup=False, highlight=False)


def _relative(path: Path) -> str:
    """Write a path from the current folder, if it lies below it."""
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("..") else relative


def _table(rows: Rows) -> Table:
    """Lay rows out; only reasons may take several lines."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for name in rows[0] if rows else ():
        numeric = any(type(row[name]) in (int, float, Decimal) for row in rows)
        justify: JustifyMethod = "right" if numeric else "left"
        wraps = name in ("reason", "ids")
        table.add_column(name, justify=justify, no_wrap=not wraps, overflow="fold")
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


def _share(rate: float | None) -> str:
    return "" if rate is None else f"{rate:.1%}"


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
