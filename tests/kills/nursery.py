"""A process that has everything imported and forks runs, which die as they are told.

Reads lines `<home> <kind> <n>` and answers each with how the run ended: `lived`, or `killed`.
Kinds: `step` dies when the run reports its n-th step, `file` before its n-th change to a file,
`time` after n milliseconds, `full` never; `count` lives and leaves beside the home what there is to
die at.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from orchestration import pipeline
from orchestration.home import Home
from orchestration.status import StatusWriter

FILE_CALLS = ("replace", "link", "unlink", "fsync", "fchmod", "ftruncate", "copy_file_range")


LOADED = ("dbt.cli.main", "orchestration.quality.deliveries", "orchestration.quality.marts")
"""Loaded once for all runs, since they take longer than a run."""


def main() -> None:
    """Fork one run per line."""
    for module in LOADED:
        import_module(module)
    print("ready", flush=True)
    for line in sys.stdin:
        root, kind, number = line.rsplit(" ", 2)
        child = os.fork()
        if child == 0:
            _live(Home(Path(root)), kind, int(number))
        _, status = os.waitpid(child, 0)
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        print("killed" if killed else f"lived {os.WEXITSTATUS(status)}", flush=True)


def _live(home: Home, kind: str, number: int) -> None:
    """Run in this process, which ends here in any case."""
    code = 0
    try:
        if kind == "count":
            count(home)
        else:
            arm(kind, number)
            pipeline.run(home)
    except BaseException as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        code = 1
    os._exit(code)


def count(home: Home) -> None:
    """Run, and note every step, the number of changes to files, and the milliseconds."""
    steps: list[str] = []
    calls: list[str] = []

    def noted(into: list[str], original: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            into.append(" ".join(str(a) for a in arguments if isinstance(a, str)))
            return original(*arguments, **options)

        return call

    StatusWriter.step = noted(steps, StatusWriter.step)  # type: ignore[method-assign]
    for name in FILE_CALLS:
        setattr(os, name, noted(calls, getattr(os, name)))
    started = time.monotonic()
    pipeline.run(home)
    spent = round((time.monotonic() - started) * 1000)
    found = {"steps": steps, "files": len(calls), "milliseconds": spent}
    home.root.with_suffix(".json").write_text(json.dumps(found))


def arm(kind: str, number: int) -> None:
    """Make this process kill itself at the given point."""
    count = 0

    def wrapped(original: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            nonlocal count
            count += 1
            if count == number:
                os.kill(os.getpid(), signal.SIGKILL)
            return original(*arguments, **options)

        return call

    if kind == "step":
        StatusWriter.step = wrapped(StatusWriter.step)  # type: ignore[method-assign]
    elif kind == "file":
        for name in FILE_CALLS:
            setattr(os, name, wrapped(getattr(os, name)))
    elif kind == "time":
        threading.Thread(target=_die_after, args=(number / 1000,), daemon=True).start()


def _die_after(seconds: float) -> None:
    time.sleep(seconds)
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main()
