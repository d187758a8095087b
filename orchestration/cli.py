"""The command `anxin`: run the warehouse, see how it stands, repair it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from orchestration import console, ending, log
from orchestration.home import AnxinError, Home, UsageError

if TYPE_CHECKING:
    from orchestration.lock import Holder
    from orchestration.records import RunRecord

app = typer.Typer(
    help="The Anxin warehouse: delivered files to audited, published marts.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object, for scripts.")]
Wait = Annotated[
    float | None,
    typer.Option(help="Seconds to wait for another writer; without it, as long as it takes."),
]
Day = Annotated[datetime, typer.Option(formats=["%Y-%m-%d"])]


@app.command()
def demo(json_output: Json = False) -> None:
    """Deliver a small platform's files day by day, run, correct, run again, and show it all."""
    from orchestration.demo import run_demo

    run_demo(Home.from_environment(), json_output=json_output)


@app.command()
def run(
    select: Annotated[
        str | None, typer.Option(help="Build only these models (dbt selection); not published.")
    ] = None,
    full_refresh: Annotated[
        bool, typer.Option("--full-refresh", help="Rebuild every model from raw.")
    ] = False,
    wait: Wait = None,
    json_output: Json = False,
) -> None:
    """Load what has landed, build what changed, audit it, publish it."""
    from orchestration.defs.launch import execute

    home = Home.from_environment()
    with console.progress(home, quiet=json_output):
        record = execute(
            home, select=select, full_refresh=full_refresh, wait=wait, on_wait=_say_wait
        )
    _show_run(record, json_output)


@app.command()
def ingest(
    file: Annotated[Path, typer.Argument(help="The file to deliver; its sidecar comes along.")],
    source: Annotated[str, typer.Option(help="Who delivers, for example native.")],
    feed: Annotated[str, typer.Option(help="The kind of file, for example orders.")],
    dt: Annotated[str, typer.Option(help="Date of the delivery, YYYY-MM-DD.")],
    wait: Wait = None,
    json_output: Json = False,
) -> None:
    """Deliver one file: copy it to the landing, load it, audit it. `anxin run` builds from it."""
    from orchestration import pipeline
    from orchestration.ingestion import landing

    home = Home.from_environment().create()
    landed = landing.deliver(home, file, source, feed, dt)
    path = landed.relative_to(home.landing).as_posix()
    with (
        console.progress(home, quiet=json_output),
        pipeline.opened(home, f"ingest {path}", wait=wait, on_wait=_say_wait) as opened,
    ):
        opened.ingest()
        opened.audit_deliveries()
        opened.finish("ingested", f"{path} is loaded; `anxin run` builds and publishes")
        delivery = _latest_delivery(home, path)
    _print(delivery, json_output, lambda: console.show_delivery(delivery))
    if delivery["status"] != "accepted":
        raise typer.Exit(1)


@app.command()
def backfill(
    from_date: Annotated[
        datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First business date.")
    ],
    to_date: Annotated[
        datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="Last business date.")
    ],
    select: Annotated[
        str | None,
        typer.Option(help="Models to recompute, each from its inputs as they are; by default all."),
    ] = None,
    plan: Annotated[
        bool, typer.Option("--plan", help="Only say what it would touch; changes nothing.")
    ] = False,
    wait: Wait = None,
    json_output: Json = False,
) -> None:
    """Recompute a range of business dates from raw, whatever has changed, in one run."""
    from orchestration.defs.launch import execute

    if to_date < from_date:
        raise UsageError("--to lies before --from")
    home = Home.from_environment()
    if plan:
        _show_plan(home, from_date.date(), to_date.date(), select, wait, json_output)
        return
    with console.progress(home, quiet=json_output):
        record = execute(
            home,
            backfill=(from_date.date(), to_date.date()),
            backfill_select=select,
            wait=wait,
            on_wait=_say_wait,
        )
    _show_run(record, json_output)


@app.command()
def status(json_output: Json = False) -> None:
    """Show the last run, who writes, what is published, missing, late, held and rejected files."""
    from orchestration.status import collect

    report = collect(Home.from_environment())
    _print(json.loads(report.as_json()), json_output, lambda: console.show_status(report))


@app.command()
def audits(
    run_id: Annotated[str | None, typer.Option("--run", help="By default the last run.")] = None,
    json_output: Json = False,
) -> None:
    """List the audits of a run that did not hold, with the keys or rows that failed."""
    from orchestration import records

    record = records.read(Home.from_environment(), run_id)
    found = {name: record[name] for name in ("run_id", "outcome", "audits", "failing_rows")}
    _print(found, json_output, lambda: console.show_audits(record))


@app.command()
def release(
    delivery_id: Annotated[int, typer.Argument(help="The held delivery.")],
    who: Annotated[str, typer.Option(help="Who decides; kept with the event.")],
    wait: Wait = None,
) -> None:
    """Let a held delivery count after all; the next run builds from it."""
    from orchestration import pipeline
    from orchestration.ingestion import manifest, repeats

    home = Home.from_environment()
    _require_warehouse(home)
    with pipeline.opened(home, f"release {delivery_id}", wait=wait, on_wait=_say_wait) as opened:
        with pipeline.connect(home) as connection:
            repeats.hold_for_more(connection, delivery_id)
            manifest.release(connection, delivery_id, who)
        opened.finish("released", f"delivery {delivery_id} is released; `anxin run` builds from it")
    typer.echo(opened.record.message)


@app.command()
def reject(
    delivery_id: Annotated[int, typer.Argument(help="A delivery, also one that was not read.")],
    reason: Annotated[str, typer.Option(help="Why, and who says so; kept with the event.")],
    wait: Wait = None,
) -> None:
    """Refuse a delivery for good: its rows no longer count from the next run on."""
    from orchestration import pipeline
    from orchestration.ingestion import manifest

    home = Home.from_environment()
    _require_warehouse(home)
    with pipeline.opened(home, f"reject {delivery_id}", wait=wait, on_wait=_say_wait) as opened:
        with pipeline.connect(home) as connection:
            refused = manifest.reject(connection, {delivery_id: reason})
        what = f"delivery {delivery_id} is rejected"
        if earlier := [str(id_) for id_ in refused if id_ != delivery_id]:
            what += f", and with it {', '.join(earlier)}, read from the same file"
        opened.finish("rejected", f"{what}; `anxin run` builds without")
    typer.echo(opened.record.message)


@app.command()
def erase(
    customer_ids: Annotated[
        list[str], typer.Argument(help="Customers to erase; of other sources `<source>:<id>`.")
    ],
    who: Annotated[str, typer.Option(help="Who decides; kept with the event.")],
    wait: Wait = None,
    json_output: Json = False,
) -> None:
    """Erase people for good; their orders and amounts stay. `anxin run` then mends the marts."""
    from orchestration import erasing, pipeline

    home = Home.from_environment()
    _require_warehouse(home)
    with (
        console.progress(home, quiet=json_output),
        pipeline.opened(home, "erase", wait=wait, on_wait=_say_wait) as opened,
    ):
        erased = erasing.erase(home, list(dict.fromkeys(customer_ids)), who)
        opened.finish("erased", f"{erased.people} customers are erased; `anxin run` publishes it")
    _print(asdict(erased), json_output, lambda: console.show_erased(erased))


@app.command()
def verify(wait: Wait = None, json_output: Json = False) -> None:
    """Rebuild everything from raw beside the live files, and compare row for row."""
    from orchestration import pipeline
    from orchestration.verify import verify as rebuild_and_compare

    home = Home.from_environment()
    _require_warehouse(home)
    with (
        console.progress(home, quiet=json_output),
        pipeline.opened(home, "verify", wait=wait, on_wait=_say_wait) as opened,
    ):
        found = rebuild_and_compare(
            opened, on_node=lambda node: opened.status.step("rebuild", node.name)
        )
        unequal = len(found.differences)
        opened.finish(
            "verified" if found.is_equal else "failed",
            f"{found.rows:,} rows of {found.models} tables equal their rebuild"
            if found.is_equal
            else f"{unequal} of {found.models} tables differ from their rebuild",
        )
    _print(asdict(found), json_output, lambda: console.show_verification(found))
    if not found.is_equal:
        raise typer.Exit(1)


@app.command()
def publish(wait: Wait = None, json_output: Json = False) -> None:
    """Resume publishing after a rollback, then run."""
    from orchestration import publishing

    home = Home.from_environment()
    _require_warehouse(home)
    with _writing(home, "publish", wait):
        publishing.resume(home)
    run(wait=wait, json_output=json_output)


@app.command()
def rollback(
    to: Annotated[int | None, typer.Option(help="Generation; by default the one before.")] = None,
    reason: Annotated[str | None, typer.Option(help="Why; shown while paused.")] = None,
    wait: Wait = None,
    json_output: Json = False,
) -> None:
    """Publish an earlier generation again, and pause publishing until `anxin publish`."""
    from orchestration import pipeline, publishing
    from orchestration.closing.months import newest_close
    from orchestration.ingestion.erasures import newest_erasure

    home = Home.from_environment()
    _require_warehouse(home)
    with _writing(home, "rollback", wait):
        with pipeline.connect(home) as connection:
            oldest, close = newest_erasure(connection), newest_close(connection)
        generation = publishing.rollback(
            home, to, reason=reason, oldest=oldest, closed=close.change_seq if close else 0
        )
    _print(
        asdict(generation),
        json_output,
        lambda: typer.echo(
            f"generation {generation.generation_id} is published again; "
            "publishing is paused until `anxin publish`"
        ),
    )


@app.command("close")
def close_month(
    month: Annotated[str, typer.Argument(help="The month, YYYY-MM.")],
    by: Annotated[str, typer.Option(help="Who decides; kept with the event.")],
    hard: Annotated[
        bool, typer.Option("--hard", help="For good: freeze postings and report.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Close it whatever stands against it.")
    ] = False,
    reopen: Annotated[bool, typer.Option("--reopen", help="Open it again.")] = False,
    reason: Annotated[str | None, typer.Option(help="Why; kept with the event.")] = None,
    wait: Wait = None,
    json_output: Json = False,
) -> None:
    """Close a month of the refund ledger: softly, then for good with --hard."""
    from orchestration import closing, pipeline

    if reopen and (hard or force):
        raise UsageError("--reopen goes with --by and --reason only")
    home, asked = Home.from_environment(), closing.Month.parse(month)
    _require_warehouse(home)
    who = closing.Who(by, reason, force)
    with pipeline.opened(home, f"close {month}", wait=wait, on_wait=_say_wait) as opened:
        with closing.books(home) as connection:
            if reopen:
                events = [closing.reopen(connection, asked, who)]
            else:
                events = closing.close(home, connection, asked, who, is_hard=hard)
        said = ", ".join(f"{event.period} {event.event.replace('_', ' ')}" for event in events)
        note = f"{said} by {by}; `anxin run` publishes it"
        opened.finish("closed", note)
    _print([asdict(event) for event in events], json_output, lambda: typer.echo(note))


@app.command()
def reconcile(
    month: Annotated[str, typer.Option(help="The month, YYYY-MM.")],
    close: Annotated[
        int | None,
        typer.Option(help="Write what the close with this change number kept, reopened or not."),
    ] = None,
    wait: Wait = None,
    json_output: Json = False,
) -> None:
    """Reconcile the refunds of a month: print the summary, write a workbook and CSV files."""
    from orchestration import closing

    home, asked = Home.from_environment().create(), closing.Month.parse(month)
    _require_warehouse(home)
    with _writing(home, f"reconcile {month}", wait):
        made = closing.reconcile(home, asked, close)
    _print(asdict(made), json_output, lambda: console.show_reconciled(made))


@app.command()
def simulate(
    lines: Annotated[int, typer.Option(min=1000, help="Order lines of the whole history.")],
    out: Annotated[Path, typer.Option(help="A new or empty folder, or one made by this command.")],
    seed: Annotated[int, typer.Option(help="Another seed gives other data, the same ratios.")] = 1,
    from_date: Annotated[
        datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First business date.")
    ] = datetime(2020, 1, 1),  # noqa: DTZ001 (a date)
    to_date: Annotated[
        datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="Last business date.")
    ] = datetime(2021, 8, 31),  # noqa: DTZ001 (a date)
    days: Annotated[
        int, typer.Option(min=1, help="How many of the last days come day by day.")
    ] = 7,
    clean: Annotated[bool, typer.Option("--clean", help="Plant no faults.")] = False,
    fault: Annotated[
        list[str] | None,
        typer.Option(help="KIND=RATE, for example orphan=0 to leave orphans out; repeatable."),
    ] = None,
    keep_truth: Annotated[
        bool, typer.Option("--keep-truth", help="Keep history.duckdb, from which all is made.")
    ] = False,
    json_output: Json = False,
) -> None:
    """Write the files of an invented platform, faults included, with the right answers beside."""
    from simulator.delivery import Faults
    from simulator.parameters import Parameters
    from simulator.simulate import simulate as make

    if to_date < from_date:
        raise UsageError("--to lies before --from")
    parameters = Parameters(lines, seed, from_date.date(), to_date.date(), days, clean)
    try:
        faults = (Faults.none() if clean else Faults()).with_rates(fault or [])
        with console.spinner("world", quiet=json_output) as say:
            made = make(parameters, out, faults=faults, keep_truth=keep_truth, on_step=say)
    except (FileExistsError, ValueError) as error:
        raise UsageError(str(error)) from error
    _print(asdict(made), json_output, lambda: console.show_simulation(made))


@app.command("check-answers")
def check_answers(
    answers: Annotated[Path, typer.Argument(help="The answers folder of a simulation.")],
    wait: Wait = None,
    json_output: Json = False,
) -> None:
    """Compare the published marts with the answer key of the simulation that was loaded."""
    from orchestration import check_answers as checking

    home = Home.from_environment()
    _require_warehouse(home)
    with _writing(home, "check-answers", wait):
        report = checking.check(home, answers)
    _print(asdict(report), json_output, lambda: checking.show(report, console.out))
    if not report.is_right:
        raise typer.Exit(1)


@app.command()
def ui(
    port: Annotated[
        int, typer.Option(min=1, max=65534, help="Port at 127.0.0.1; the pages take the next one.")
    ] = 3000,
) -> None:
    """Serve Dagster at 127.0.0.1 until interrupted."""
    from orchestration.defs.ui import serve

    serve(Home.from_environment().create(), port=port)


def main() -> None:
    """Run the command; exit 0 when all went well, 1 on a failed audit, 2 on wrong usage."""
    with log.quiet():
        ending.end(lambda: app(standalone_mode=False), is_json="--json" in sys.argv)


def _say_wait(holder: Holder) -> None:
    typer.echo(f"waiting for another writer: {holder}", err=True)


def _writing(home: Home, purpose: str, wait: float | None) -> AbstractContextManager[None]:
    from orchestration.recovery import writing

    return writing(home, purpose, wait=wait, on_wait=_say_wait)


def _show_plan(
    home: Home,
    first: date,
    last: date,
    select: str | None,
    wait: float | None,
    json_output: bool,
) -> None:
    from orchestration import backfill
    from orchestration.defs.arrivals import require_dates

    require_dates(first, last)
    _require_warehouse(home)
    with _writing(home, "backfill --plan", wait):
        planned = backfill.plan(home, first, last, select)
    _print(asdict(planned), json_output, lambda: console.show_plan(planned))


def _show_run(record: RunRecord, json_output: bool) -> None:
    found = json.loads(json.dumps(asdict(record), default=str))
    _print(found, json_output, lambda: console.show_run(record))


def _print(found: object, json_output: bool, show: Callable[[], None]) -> None:
    if json_output:
        typer.echo(json.dumps(found, ensure_ascii=False, default=str))
    else:
        show()


def _latest_delivery(home: Home, path: str) -> dict[str, Any]:
    """The newest delivery of a landing path with its control totals and quarantined rows."""
    from orchestration import pipeline

    with pipeline.connect(home) as connection:
        row = connection.execute(
            "select delivery_id, path, status, status_reason, notes, rows_read, rows_accepted,"
            " rows_quarantined from raw.deliveries where path = $1"
            " order by delivery_id desc limit 1",
            [path],
        )
        names, rows = [column[0] for column in row.description], row.fetchall()
        if not rows:
            raise AnxinError(f"{path} could not be read; it stays in the landing for the next run")
        found = dict(zip(names, rows[0], strict=True))
        delivery_id = [found["delivery_id"]]
        found["control_totals"] = connection.execute(
            "select entity, total_name, total_value from raw.control_totals"
            " where delivery_id = $1 order by all",
            delivery_id,
        ).fetchall()
        found["quarantine"] = connection.execute(
            "select row_number, column_name, reason from raw.quarantine"
            " where delivery_id = $1 order by row_number limit 20",
            delivery_id,
        ).fetchall()
    return found


def _require_warehouse(home: Home) -> None:
    if not home.warehouse.exists():
        raise UsageError(f"there is no warehouse in {home.root} yet: `anxin run` makes it")


if __name__ == "__main__":
    main()
