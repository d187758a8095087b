"""Erases a person, killed before its n-th change to a file, for every n: `actor <root>`.

Copies the home `<root>/start` to `<root>/<n>`, forks a process that erases there, and prints how
that ended, until one lives to its end.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from orchestration.home import Home
from tests.erasing.conftest import copied
from tests.erasing.people import erase
from tests.kills.nursery import arm


def main() -> None:
    """Print one line per fork."""
    root, number, status = Path(sys.argv[1]), 0, signal.SIGKILL
    start = Home(root / "start")
    while status == signal.SIGKILL:
        number += 1
        status = _forked(copied(start, root / str(number)), number)
        print(number, "killed" if status == signal.SIGKILL else f"ended {status}", flush=True)


def _forked(home: Home, number: int) -> int:
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1]
    try:
        arm("file", number)
        erase(home)
        os._exit(0)
    except BaseException as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        os._exit(1)


if __name__ == "__main__":
    main()
