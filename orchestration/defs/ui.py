"""Serves Dagster's web interface, its daemon and the pages on this machine only."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from orchestration.home import PROJECT, AnxinError, Home, UsageError

MODULE = "orchestration.defs.definitions"
HOST = "127.0.0.1"
STOP_SECONDS = 60.0
LEFTOVER_SECONDS = 10.0
_SOCKET_PATH = 90
"""Bytes that the folder of a Unix socket may take; the whole path has to fit into 107."""


def serve(home: Home, port: int = 3000) -> None:
    """Serve until interrupted, then stop what was started.

    Schedules and the sensor of the landing are switched on in the interface; they and backfills
    need this process. What the server says goes to `logs/dagster.log`. Beside it, at the next
    port, stand dbt's documentation of the models and the Data Docs of the audits.

    Args:
        home: Whose runs are shown; made if absent.
        port: At 127.0.0.1; the pages take the next one.

    Raises:
        UsageError: One of the ports is taken, or a variable of the environment makes no sense.
        AnxinError: The server could not start, or stopped by itself.
    """
    from orchestration.defs.instance import end_dead_runs, open_instance
    from orchestration.defs.pages import documenting, served
    from orchestration.defs.settings import require_sense

    require_sense()
    for wanted in (port, port + 1):
        if _answers(wanted):
            raise UsageError(f"port {wanted} of {HOST} is taken; name another one with --port")
    home.create()
    with open_instance(home) as instance:
        end_dead_runs(instance)
    # Set before the server starts: an ignored signal would stay ignored there.
    before = {sign: signal.signal(sign, _interrupt) for sign in (signal.SIGINT, signal.SIGTERM)}
    try:
        with (
            log_file(home).open("wb") as log,
            served(home, port + 1) as pages,
            documenting(home, environment(home), log),
        ):
            server = subprocess.Popen(  # noqa: S603
                command(port),
                cwd=PROJECT,
                env=environment(home),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
            try:
                _wait_until_served(home, server, port)
                print(f"Dagster is served at http://{HOST}:{port}; Ctrl-C stops it.", flush=True)
                print(f"Models and audits are documented at {pages}", flush=True)
                server.wait()
                raise AnxinError(f"Dagster has stopped by itself; see {log_file(home)}")
            finally:
                _stop(server)
    except KeyboardInterrupt:
        return
    finally:
        for sign, handler in before.items():
            signal.signal(sign, handler)


def log_file(home: Home) -> Path:
    """Where the output of the server and of its runs goes; started anew every time."""
    return home.logs / "dagster.log"


def command(port: int) -> list[str]:
    """How the server is started: the web server, the daemon and one code server for both."""
    return [
        *(sys.executable, "-W", "ignore", "-m", "dagster", "dev"),
        *("--module-name", MODULE, "--working-directory", str(PROJECT)),
        *("--host", HOST, "--port", str(port)),
        *("--log-level", "warning", "--code-server-log-level", "warning"),
    ]


def environment(home: Home) -> dict[str, str]:
    """The environment of the server: state and temporary files below the home."""
    temporary = home.dagster / "tmp"
    temporary.mkdir(parents=True, exist_ok=True)
    wanted = {
        "ANXIN_HOME": str(home.root),
        "DAGSTER_HOME": str(home.dagster),
        "DAGSTER_DISABLE_TELEMETRY": "1",
        "PYTHONWARNINGS": "ignore",
    }
    if len(os.fsencode(temporary)) <= _SOCKET_PATH:
        wanted["TMPDIR"] = str(temporary)
    return {**os.environ, **wanted}


def _wait_until_served(home: Home, server: subprocess.Popen[bytes], port: int) -> None:
    while not _answers(port):
        if server.poll() is not None:
            lines = log_file(home).read_text(encoding="utf-8", errors="replace").splitlines()
            raise AnxinError("Dagster could not start:\n" + "\n".join(lines[-5:]))
        time.sleep(0.3)


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((HOST, port)) == 0


def _interrupt(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt


def _stop(server: subprocess.Popen[bytes]) -> None:
    """Let the server stop its children, and end what is left of its group."""
    if server.poll() is None:
        server.send_signal(signal.SIGINT)
        try:
            server.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
    deadline = time.monotonic() + LEFTOVER_SECONDS
    sign: int = signal.SIGTERM
    while True:
        try:
            os.killpg(server.pid, sign)
        except ProcessLookupError:
            return
        time.sleep(0.2)
        sign = signal.SIGKILL if time.monotonic() > deadline else 0
