"""Make a whole history: the truth, the files that a platform delivers of it, the answer key."""

from __future__ import annotations

import fcntl
import json
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TextIO

import duckdb

from simulator import answers, delivery, money, world
from simulator.contract import entities
from simulator.parameters import BEGINNING, Parameters

VERSION = 4
"""Goes up when the same seed and parameters give other bytes."""
MARKER = "simulation.json"
"""Says that a folder is ours; locked while it is being filled."""
TRUTH = "history.duckdb"
MEMORY_LIMIT = "4GB"


@dataclass
class Simulation:
    """What was made.

    Attributes:
        out: The folder with `landing`, `earlier` and `answers`.
        seconds: Wall time by step.
        files: Delivered files, those of `earlier` included.
        bytes: Their size.
        rows: Their rows.
        faults: Planted faults, breaks in the money trail included.
    """

    out: Path
    seconds: dict[str, float] = field(default_factory=dict)
    files: int = 0
    bytes: int = 0
    rows: int = 0
    faults: int = 0


def simulate(
    parameters: Parameters,
    out: Path,
    *,
    faults: delivery.Faults | None = None,
    keep_truth: bool = False,
    with_answers: bool = True,
    on_step: Callable[[str], None] = lambda step: None,
) -> Simulation:
    """Write landing files and answer key below a folder; what an earlier call left is replaced.

    The folder `answers` comes last and whole, so a folder that has it is complete; it is empty when
    none are asked for, which saves a good part of the time.

    Args:
        parameters: Size, seed, span.
        out: An empty or new folder, or one that an earlier call has made, finished or not.
        faults: Rates of the faults; those of `parameters.is_clean` by default.
        keep_truth: Leave the database of the truth there, for looking into it.
        with_answers: Work out the answer key.
        on_step: Is told each step as it begins.

    Raises:
        FileExistsError: The folder holds something else, or another call is filling it.
    """
    faults = faults or (delivery.Faults.none() if parameters.is_clean else delivery.Faults())
    with _claimed(out) as marker:
        _clear(out)
        marker.truncate(0)
        marker.write(_described(parameters, faults))
        marker.flush()
        made = Simulation(out)
        return _fill(
            made,
            parameters,
            faults,
            keep_truth=keep_truth,
            with_answers=with_answers,
            on_step=on_step,
        )


def _fill(
    made: Simulation,
    parameters: Parameters,
    faults: delivery.Faults,
    *,
    keep_truth: bool,
    with_answers: bool,
    on_step: Callable[[str], None],
) -> Simulation:
    out = made.out

    @contextmanager
    def step(name: str) -> Iterator[None]:
        on_step(name)
        started = time.perf_counter()
        yield
        made.seconds[name] = round(time.perf_counter() - started, 1)

    with duckdb.connect(str(out / TRUTH)) as connection:
        _configure(connection, out)
        with step("world"):
            world.make_world(connection, parameters)
        with step("money"):
            money.make_money(connection, parameters, faults.breaks)
        with step("files"):
            delivery.deliver(connection, parameters, out, faults)
        (out / "tmp" / "answers").mkdir()
        if with_answers:
            with step("answers"):
                make_final(connection, parameters)
                answers.write_answers(connection, out / "tmp" / "answers")
        _count(connection, made)
    if not keep_truth:
        (out / TRUTH).unlink()
    (out / "tmp" / "answers").rename(out / "answers")
    shutil.rmtree(out / "tmp", ignore_errors=True)
    return made


def make_final(connection: duckdb.DuckDBPyConnection, parameters: Parameters) -> None:
    """Make the views `final.<entity>`: what a warehouse holds once all files are in."""
    connection.execute("create or replace schema final")
    for entity in entities():
        module = money if entity in money.ENTITIES else world
        select = module.state_sql(entity, BEGINNING, parameters.end_at, None)
        connection.execute(f"create view final.{entity} as {select}")


def _configure(connection: duckdb.DuckDBPyConnection, out: Path) -> None:
    connection.execute(f"set memory_limit = '{MEMORY_LIMIT}'")
    (out / "tmp").mkdir()
    connection.execute("set temp_directory = $1", [str(out / "tmp" / "spill")])
    connection.execute("set TimeZone = 'UTC'")
    connection.execute("set preserve_insertion_order = true")


@contextmanager
def _claimed(out: Path) -> Iterator[TextIO]:
    """Hold a folder, made when it is absent, for this call alone; yield its open marker.

    Raises:
        FileExistsError: It holds something that a simulation did not make, a warehouse that was
            built in it, or another call is filling it.
    """
    if out.exists() and not out.is_dir():
        raise FileExistsError(f"{out} is no folder")
    if out.exists() and any(out.iterdir()) and not (out / MARKER).exists():
        raise FileExistsError(f"{out} holds files that no simulation made; name an empty folder")
    if (out / "warehouse.duckdb").exists():
        raise FileExistsError(f"{out} holds a warehouse that was built there; name another folder")
    out.mkdir(parents=True, exist_ok=True)
    with (out / MARKER).open("a", encoding="utf-8") as marker:
        try:
            fcntl.flock(marker, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise FileExistsError(f"another `anxin simulate` is writing to {out}") from None
        yield marker


def _clear(out: Path) -> None:
    """Delete what an earlier call left, the answers first."""
    for folder in ("answers", "landing", "earlier", "tmp"):
        shutil.rmtree(out / folder, ignore_errors=True)
    for name in (TRUTH, f"{TRUTH}.wal"):
        (out / name).unlink(missing_ok=True)


def _described(parameters: Parameters, faults: delivery.Faults) -> str:
    described = {
        "simulator_version": VERSION,
        "scale": parameters.scale,
        **asdict(parameters),
        "faults": asdict(faults),
    }
    return json.dumps(described, indent=2, default=str) + "\n"


def _count(connection: duckdb.DuckDBPyConnection, made: Simulation) -> None:
    files = [
        path
        for stage in ("landing", "earlier")
        for path in (made.out / stage).rglob("*")
        if path.is_file()
    ]
    made.files, made.bytes = len(files), sum(path.stat().st_size for path in files)
    row = connection.execute(
        "select (select coalesce(sum(rows_read), 0)::bigint from delivery.files),"
        " (select count(*) from delivery.planted_faults)"
        " + (select count(*) from money.planted_breaks)"
    ).fetchone()
    made.rows, made.faults = row or (0, 0)
