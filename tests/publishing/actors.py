"""Processes that the tests start: readers, lock holders, and publishers that get killed."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb

from orchestration.home import Home
from orchestration.lock import LockTimeoutError, holder, writer_lock
from orchestration.publishing import clone, publish, rollback
from orchestration.status import StatusWriter, reporting


def read(home: Home, stop: str, most: str = "", pause: str = "0.05") -> None:
    """Open the published file 20 times a second until a file appears; print what was seen.

    Args:
        home: Whose published file.
        stop: The file that ends it.
        most: After how many reads it ends at the latest.
        pause: Seconds from one read to the next.
    """
    seen: list[str] = []
    print("ready", flush=True)
    while not Path(stop).exists() and not (most and len(seen) >= int(most)):
        started = time.monotonic()
        with duckdb.connect(str(home.published), read_only=True) as connection:
            first = connection.execute("select distinct build_number from core.fct_orders")
            orders = first.fetchall()
            stamped = connection.execute("select run_id from meta.generation").fetchall()
            time.sleep(0.01)
            second = connection.execute("select distinct build_number from sales.agg_gmv_daily")
            assert second.fetchall() == orders
            assert len(orders) == 1
            assert stamped == [(f"run-{orders[0][0]}",)]
            seen.append(str(orders[0][0]))
        time.sleep(max(float(pause) - (time.monotonic() - started), 0))
    print(" ".join(seen), flush=True)


def hold(home: Home) -> None:
    """Hold the lock until a line comes in."""
    with writer_lock(home, "run", run_id="run-held", wait=0):
        print("held", flush=True)
        sys.stdin.readline()


def take(home: Home, wait: str) -> None:
    """Take the lock, saying who is waited for."""
    try:
        with writer_lock(
            home,
            "rollback",
            wait=float(wait),
            on_wait=lambda h: print(f"waits for {h}", flush=True),
        ):
            print("taken", flush=True)
    except LockTimeoutError as error:
        print(f"gave up: {error}", flush=True)


def contend(home: Home, rounds: str, counter: str) -> None:
    """Add to a counter file under the lock, reading and writing it apart."""
    for _ in range(int(rounds)):
        with writer_lock(home, "run"):
            value = int(Path(counter).read_text())
            time.sleep(0.002)
            Path(counter).write_text(str(value + 1))


def probe(home: Home, stop: str) -> None:
    """Ask without a pause who holds the lock, until a file appears."""
    print("ready", flush=True)
    while not Path(stop).exists():
        holder(home)


def report(home: Home) -> None:
    """Start a run's status under the lock and wait for a line."""
    with writer_lock(home, "run", run_id="run-1", wait=0):
        StatusWriter(home, "run-1").step("ingest", files=3)
        print("reported", flush=True)
        sys.stdin.readline()


def runs(home: Home, stop: str) -> None:
    """Begin and end runs without a pause, until a file appears."""
    number = 0
    while not Path(stop).exists():
        number += 1
        run_id = f"run-{number}"
        with writer_lock(home, "run", run_id=run_id), reporting(home, run_id):
            if number == 1:
                print("ready", flush=True)


def rewrite(home: Home, stop: str) -> None:
    """Write the status again and again, with texts of very different lengths."""
    with writer_lock(home, "run", run_id="run-1", wait=0):
        writer = StatusWriter(home, "run-1")
        print("ready", flush=True)
        number = 0
        while not Path(stop).exists():
            number += 1
            writer.step("ingest", "x" * (number % 7 * 3000), files=number)


def dying(home: Home, act: str, call: str) -> None:
    """Do one act, die by SIGKILL before its n-th change to a file; print `lived` if not."""
    acts: dict[str, Callable[[], Any]] = {
        "clone": lambda: clone(home),
        "publish": lambda: publish(home),
        "rollback": lambda: rollback(home),
    }
    _die_at(int(call))
    acts[act]()
    print("lived", flush=True)


def _die_at(fatal: int) -> None:
    """Count the calls that change files and kill this process before the n-th."""
    count = 0

    def wrapped(original: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: object, **options: object) -> object:
            nonlocal count
            count += 1
            if count == fatal:
                os.kill(os.getpid(), signal.SIGKILL)
            return original(*arguments, **options)

        return call

    for name in ("replace", "link", "unlink", "fsync", "fchmod", "ftruncate", "copy_file_range"):
        if hasattr(os, name):
            setattr(os, name, wrapped(getattr(os, name)))


if __name__ == "__main__":
    globals()[sys.argv[1]](Home(Path(sys.argv[2])), *sys.argv[3:])
