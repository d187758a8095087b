"""Processes that the tests start: each runs the daily job once, or serves the interface."""

from __future__ import annotations

import sys
from pathlib import Path

from orchestration.defs.launch import execute
from orchestration.home import Home


def run(home: Home) -> None:
    """Run, saying who is waited for and how it ended."""
    record = execute(home, on_wait=lambda holder: print(f"waits for {holder.purpose}", flush=True))
    print(record.outcome, flush=True)


def serve(home: Home, port: str) -> None:
    """Serve the interface until interrupted."""
    from orchestration.defs.ui import serve as serve_ui

    serve_ui(home, int(port))


if __name__ == "__main__":
    globals()[sys.argv[1]](Home(Path(sys.argv[2])), *sys.argv[3:])
