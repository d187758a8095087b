"""What the command prints for people: tables and progress with rich."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Any

from rich.console import Console, JustifyMethod
from rich.markup import escape
from rich.status import Status
from rich.table import Table
from rich.text import Text

from orchestration.home import Home

if TYPE_CHECKING:
    from orchestration.backfill import Plan
    from orchestration.closing import Reconciled
    from orchestration.erasing import Erased
    from orchestration.feeds import Books
    from orchestration.records import RunRecord
    from orchestration.status import StatusReport
    from orchestration.verify import Verification
    from simulator.simulate import Simulation

out = Console()
POLL_SECONDS = 0.2
SHOWN = 20
"""Rows of a list that are printed; `--json` gives all."""
DAYS_SHOWN = 3
"""Dates of one feed that are printed."""
KEYS_SHOWN = 5
"""Failing keys of one audit that are printed; `--json` gives more."""


@contextmanager
def progress(home: Home, *, quiet: bool) -> Iterator[None]:
    """Show what the run does, read from its status, until the block ends."""
    if quiet or not out.is_terminal:
        yield
        return
    stop = threading.Event()
    with out.status("starting") as spinner:
        watcher = threading.Thread(target=_watch, args=(home, spinner, stop), daemon=True)
        watcher.start()
        try:
            yield
        finally:
            stop.set()
            watcher.join()


def _watch(home: Home, spinner: Status, stop: threading.Event) -> None:
    from orchestration.status import read_status

    while not stop.wait(POLL_SECONDS):
        status = read_status(home)
        if status and status.state == "running":
            files = status.counters
            done = f" ({files['files_done']} of {files['files_total']})" if files else ""
            spinner.update(
                f"{status.step}{done if status.step == 'ingest' else ''} "
                f"[dim]{escape(status.message)}[/dim]"
            )


@contextmanager
def spinner(first: str, *, quiet: bool) -> Iterator[Callable[[str], None]]:
    """Show the step that is told to the yielded function, until the block ends."""
    if quiet or not out.is_terminal:
        yield lambda step: None
        return
    with out.status(first) as shown:
        yield shown.update


def show_simulation(made: Simulation) -> None:
    """Print where a simulated history lies, how big it is, and what to do with it."""
    seconds = ", ".join(f"{step} {spent:.1f}" for step, spent in made.seconds.items())
    out.print(
        f"{made.files:,} files with {made.rows:,} rows ({made.bytes / 1e6:,.1f} MB) and"
        f" {made.faults:,} planted faults below {made.out}",
        highlight=False,
    )
    out.print(f"seconds: {seconds}", style="dim")
    out.print(
        f"Load it:    ANXIN_HOME={made.out} anxin run\n"
        f"Compare it: ANXIN_HOME={made.out} anxin check-answers {made.out / 'answers'}",
        highlight=False,
        soft_wrap=True,
    )


def show_reconciled(made: Reconciled) -> None:
    """Print the summary of a month, what stands against closing it, and where the files lie."""
    for found in made.tables:
        table = Table(title=f"{made.month}: {found.name}", title_justify="left", box=None)
        shown = [
            position
            for position, column in enumerate(found.columns)
            if not column.startswith(("under_", "over_"))  # by age: in the files
        ]
        for position in shown:
            column = found.columns[position]
            values = [row[position] or "" for row in found.rows]
            is_number = any(values) and all(
                value.replace(".", "").removeprefix("-").isdecimal() for value in values if value
            )
            justify: JustifyMethod = "right" if is_number else "left"
            table.add_column(column.replace("_", " "), justify=justify, overflow="fold")
        for row in found.rows:
            _add_row(table, *(row[position] or "" for position in shown))
        _print_whole(table)
        out.print()
    for objection in made.objections:
        said = f"stands against closing: {objection}"
        out.print(said, style="yellow", markup=False, highlight=False)
    if made.restated:
        out.print(
            "since the close, by account, payer and currency:"
            " reported - corrections of earlier months + changed = today"
        )
        for since in made.restated:
            out.print(
                f"  {since.account} {since.payer or ''} {since.currency_code}:"
                f" {since.reported_amount:,} - {since.earlier_months_amount:,}"
                f" + {since.changed_amount:,} = {since.today_amount:,}",
                markup=False,
                highlight=False,
            )
    if made.restatement_folder:
        out.print(f"row by row: {made.restatement_folder}", highlight=False, soft_wrap=True)
    elif made.state == "closed":
        is_behind = made.restated is None
        out.print(
            "what changed since the close is left out: `anxin run` first"
            if is_behind
            else "nothing has changed since the close"
        )
    out.print(f"{made.state}; written to {made.folder}", highlight=False, soft_wrap=True)


def _print_whole(table: Table) -> None:
    """Print a table of amounts: as wide as it is where no terminal has an edge, else folded."""
    unbound = out.options.update(max_width=10_000)
    widest = None if out.is_terminal else out.measure(table, options=unbound).maximum
    out.print(table, width=widest, crop=False)


def show_plan(plan: Plan) -> None:
    """Print what a backfill would recompute."""
    dates = f", {len(plan.dates)} of them with sales or refunds" if plan.dates else ""
    out.print(
        f"{plan.from_date} to {plan.to_date}:"
        f" {(plan.to_date - plan.from_date).days + 1} dates{dates}",
        highlight=False,
    )
    table = Table(box=None, pad_edge=False)
    for title in ("model", "by", "units", "rows", "of", "about"):
        table.add_column(title, justify="left" if title in ("model", "by") else "right")
    for model in plan.models:
        about = "" if model.seconds is None else f"{model.seconds:.1f} s"
        counts = (f"{count:,}" for count in (model.units, model.rows, model.table_rows))
        _add_row(table, model.model, model.unit, *counts, about)
    out.print(table)
    if plan.seconds is not None:
        out.print(f"about {plan.seconds:.0f} s by the recorded runs", highlight=False)
    closed = ", ".join(plan.closed_periods) or "none"
    out.print(f"closed periods that would feel it: {closed}", highlight=False)
    out.print("rows that come out as they are now spread no further; nothing was changed")


def show_erased(erased: Erased) -> None:
    """Print what an erasure did, and what is left to the operator."""
    again = f", {erased.already} were erased before" if erased.already else ""
    out.print(
        f"{erased.people} customers erased{again}: {erased.rows:,} raw rows emptied,"
        f" {erased.quarantined:,} quarantined texts, {erased.evidence:,} kept files and"
        f" {erased.generations} earlier generations removed",
        highlight=False,
    )
    if erased.landing:
        out.print("these files name erased people, or may: remove them or have them delivered anew")
        for path in erased.landing:
            out.print(f"  landing/{path}", markup=False, highlight=False, soft_wrap=True)
    out.print("`anxin run` takes them out of the published marts")


def show_verification(found: Verification) -> None:
    """Print whether the warehouse equals its rebuild, or which rows do not."""
    if found.is_equal:
        out.print(f"{found.rows:,} rows of {found.models} tables equal their rebuild from raw")
        return
    for difference in found.differences:
        if difference.columns:
            columns = escape("; ".join(difference.columns))
            out.print(f"[bold]{difference.model}[/bold]: {columns}", soft_wrap=True)
            continue
        out.print(
            f"[bold]{difference.model}[/bold]: {difference.only_live:,} of"
            f" {difference.live_rows:,} rows stand only in the live table,"
            f" {difference.only_rebuilt:,} of {difference.rebuilt_rows:,} only in the rebuilt one",
            highlight=False,
        )
        for example in difference.examples:
            text = ", ".join(f"{name} {value}" for name, value in example.items())
            out.print(f"  {text}", markup=False, highlight=False, soft_wrap=True)


def show_run(record: RunRecord) -> None:
    """Print how a run ended: counts, what was not taken, what did not hold."""
    counts = record.ingested
    if counts:
        out.print(
            f"files: {counts['files_seen']} seen, {counts['loaded']} new, "
            f"{counts['unchanged']} unchanged, {counts['held'] + len(record.held)} held, "
            f"{counts['rejected']} rejected; rows: {counts['rows_read']:,} read = "
            f"{counts['rows_accepted']:,} accepted + {counts['rows_quarantined']:,} quarantined"
        )
        show_problems(counts["problems"])
    for delivery_id, reason in record.held.items():
        out.print(f"delivery {delivery_id} is held: {reason}", markup=False)
    _show_failed_audits(record.audits)
    seconds = ", ".join(f"{step} {spent:.1f}" for step, spent in record.seconds.items())
    if seconds:
        out.print(f"seconds: {seconds}", style="dim")
    out.print(record.message, style="bold", markup=False)


def show_problems(problems: list[dict[str, Any]]) -> None:
    """Print files and rows that were not taken, with the reason."""
    if not problems:
        return
    table = Table("file", "row", "column", "reason", title="not taken", title_justify="left")
    for problem in problems[:SHOWN]:
        _add_row(
            table, problem["path"], str(problem["row"] or ""), problem["column"], problem["reason"]
        )
    out.print(table)
    if len(problems) > SHOWN:
        out.print(f"and {len(problems) - SHOWN} more; raw.quarantine has all")


def show_delivery(delivery: dict[str, Any]) -> None:
    """Print one delivery with its control totals and the first quarantined rows."""
    out.print(
        f"delivery {delivery['delivery_id']} ({delivery['path']}): {delivery['status']}",
        markup=False,
        style="bold",
    )
    for text in (delivery["status_reason"], delivery["notes"]):
        if text:
            out.print(text, markup=False)
    if delivery["rows_read"] is not None:
        out.print(
            f"rows: {delivery['rows_read']:,} read = {delivery['rows_accepted']:,} accepted"
            f" + {delivery['rows_quarantined']:,} quarantined"
        )
    if delivery["control_totals"]:
        table = Table("entity", "control total", "value", title="totals", title_justify="left")
        table.columns[2].justify = "right"
        for entity, name, value in delivery["control_totals"]:
            _add_row(table, entity, name, f"{value.normalize():,f}")
        out.print(table)
    for row_number, column, reason in delivery["quarantine"]:
        out.print(f"row {row_number}, {column}: {reason}", markup=False)


def show_status(report: StatusReport) -> None:
    """Print where the warehouse stands."""
    table = Table(show_header=False, box=None)
    run = report.run
    if run:
        _add_row(table, "last run", f"{run.state}: {run.message or run.step} ({run.run_id})")
        _add_row(table, "started", f"{run.started_at:%Y-%m-%d %H:%M:%S} UTC")
    _add_row(table, "writer", str(report.writer or "nobody"))
    if report.published:
        built = f"built {report.published.built_at:%Y-%m-%d %H:%M:%S} UTC"
        _add_row(table, "published", f"generation {report.published.generation_id}, {built}")
    else:
        _add_row(table, "published", "nothing yet")
    if report.kept:
        _add_row(table, "kept", "generations " + ", ".join(map(str, report.kept)))
    if report.paused:
        _add_row(table, "publishing", f"paused: {report.paused.reason}")
    books = report.books
    if books:
        behind = books.change_seq - (report.published.change_seq if report.published else 0)
        _add_row(table, "changes", f"{books.change_seq}, of them {behind} not published")
        for source, day in books.clocks.items():
            _add_row(table, "data clock", f"{source}: to the end of {day}")
    counted = books.deliveries if books else {}
    for title, counts in (("deliveries", counted), ("audits", report.audits)):
        if counts:
            _add_row(table, title, ", ".join(f"{value} {name}" for name, value in counts.items()))
    if report.waiting:
        _add_row(
            table,
            "waiting",
            ", ".join(
                f"{row['row_count']:,} {row['entity']} for {row['waits_for']}"
                for row in report.waiting
            ),
        )
    for open_delivery in books.open_deliveries if books else []:
        _add_row(
            table,
            open_delivery["status"],
            f"{open_delivery['delivery_id']} {open_delivery['path']}: "
            f"{open_delivery['status_reason']}",
        )
    for path, reason in (books.unreadable if books else {}).items():
        _add_row(table, "can't be read", f"{path}: {reason}")
    if report.problem:
        _add_row(table, "problem", report.problem)
    out.print(table)
    if books and books.feeds:
        _show_feeds(books)


def _show_feeds(books: Books) -> None:
    """Print what is missing or late, feed by feed."""
    out.print(f"feeds, {books.as_of:%Y-%m-%d %H:%M:%S} UTC", style="italic")
    table = Table(box=None, pad_edge=False)
    for title in ("feed", "newest", "missing", "late", "open"):
        table.add_column(title, overflow="fold", no_wrap=title in ("feed", "newest"))
    for feed in books.feeds:
        counts = {"held": feed.held, "rejected": feed.rejected}
        _add_row(
            table,
            *(f"{feed.source}/{feed.feed}", str(feed.newest_dt or "")),
            *(_days(feed.missing), _days(feed.late)),
            ", ".join(f"{count} {name}" for name, count in counts.items() if count),
        )
    out.print(table)


def _days(days: list[date]) -> str:
    """List the last of some dates."""
    shown = ", ".join(map(str, days[-DAYS_SHOWN:]))
    return f"{len(days) - DAYS_SHOWN} and {shown}" if len(days) > DAYS_SHOWN else shown


def show_audits(record: dict[str, Any]) -> None:
    """Print the audits of a run that did not hold, with the rows that failed."""
    if not record["audits"]:
        out.print(f"run {record['run_id']} ({record['outcome']}): every audit held")
        return
    _show_failed_audits(record["audits"])
    for name, rows in record["failing_rows"].items():
        if not rows:
            continue
        table = Table(*rows[0], title=name, title_justify="left")
        for row in rows[:SHOWN]:
            _add_row(table, *row.values())
        out.print(table)


def _show_failed_audits(audits: list[dict[str, Any]]) -> None:
    if not audits:
        return
    table = Table(
        "severity",
        "table",
        "rule",
        "found",
        "rows",
        title="audits that did not hold",
        title_justify="left",
    )
    for audit in audits[:SHOWN]:
        keys = "; ".join(str(key) for key in audit["sample"][:KEYS_SHOWN])
        _add_row(table, audit["severity"], audit["table"], audit["rule"], audit["observed"], keys)
    out.print(table)


def _add_row(table: Table, *cells: object) -> None:
    """Add a row of plain text: what was delivered may look like markup."""
    table.add_row(*(Text("" if cell is None else str(cell)) for cell in cells))
