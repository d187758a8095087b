"""Processes that the tests start: each runs the daily job once, or serves the interface."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from orchestration.defs.launch import execute
from orchestration.home import Home
from orchestration.lock import Holder


def say(holder: Holder) -> None:
    """Print who is waited for."""
    print(f"waits for {holder.purpose}", flush=True)


def run(home: Home) -> None:
    """Run, saying who is waited for and how it ended."""
    record = execute(home, on_wait=say)
    print(record.outcome, flush=True)


def rebuild(home: Home) -> None:
    """Rebuild everything by the command."""
    from orchestration.cli import main

    os.environ["ANXIN_HOME"] = str(home.root)
    sys.argv[1:] = ["run", "--full-refresh"]
    main()


def unattended(home: Home) -> None:
    """Run as Dagster's own processes do, saying who is waited for."""
    from orchestration.defs.definitions import build_definitions
    from orchestration.defs.instance import open_instance
    from orchestration.defs.session import RunSession

    session = RunSession(
        home, on_wait=lambda holder: print(f"waits for {holder.purpose}", flush=True)
    )
    with open_instance(home) as instance:
        job = build_definitions(home, lambda: session).resolve_job_def("daily_refresh")
        job.execute_in_process(instance=instance)


def serve(home: Home, port: str) -> None:
    """Serve the interface until interrupted."""
    from orchestration.defs.ui import serve as serve_ui

    serve_ui(home, int(port))


if __name__ == "__main__":
    globals()[sys.argv[1]](Home(Path(sys.argv[2])), *sys.argv[3:])
