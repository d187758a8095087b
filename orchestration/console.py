"""What the command prints for people: tables and progress with rich."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.status import Status
from rich.table import Table

from orchestration.home import Home

if TYPE_CHECKING:
    from orchestration.records import RunRecord
    from orchestration.status import StatusReport

out = Console()
POLL_SECONDS = 0.2
SHOWN = 20
"""Rows of a list that are printed; `--json` gives all."""


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
                f"[dim]{status.message}[/dim]"
            )


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
        table.add_row(
            problem["path"], str(problem["row"] or ""), problem["column"], problem["reason"]
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
            table.add_row(entity, name, f"{value.normalize():,f}")
        out.print(table)
    for row_number, column, reason in delivery["quarantine"]:
        out.print(f"row {row_number}, {column}: {reason}", markup=False)


def show_status(report: StatusReport) -> None:
    """Print where the warehouse stands."""
    table = Table(show_header=False, box=None)
    run = report.run
    if run:
        table.add_row("last run", f"{run.state}: {run.message or run.step} ({run.run_id})")
        table.add_row("started", f"{run.started_at:%Y-%m-%d %H:%M:%S} UTC")
    table.add_row("writer", str(report.writer or "nobody"))
    if report.published:
        built = f"built {report.published.built_at:%Y-%m-%d %H:%M:%S} UTC"
        table.add_row("published", f"generation {report.published.generation_id}, {built}")
    else:
        table.add_row("published", "nothing yet")
    if report.kept:
        table.add_row("kept", "generations " + ", ".join(map(str, report.kept)))
    if report.paused:
        table.add_row("publishing", f"paused: {report.paused.reason}")
    for title, counts in (("deliveries", report.deliveries), ("audits", report.audits)):
        if counts:
            table.add_row(title, ", ".join(f"{value} {name}" for name, value in counts.items()))
    for open_delivery in report.open_deliveries:
        table.add_row(
            open_delivery["status"],
            f"{open_delivery['delivery_id']} {open_delivery['path']}: "
            f"{open_delivery['status_reason']}",
        )
    if report.problem:
        table.add_row("problem", report.problem)
    out.print(table)


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
            table.add_row(*row.values())
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
        keys = "; ".join(str(key) for key in audit["sample"])
        table.add_row(audit["severity"], audit["table"], audit["rule"], audit["observed"], keys)
    out.print(table)
