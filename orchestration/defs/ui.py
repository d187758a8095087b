"""Serves Dagster's web interface and its daemon on this machine only."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

from orchestration.home import PROJECT, Home

MODULE = "orchestration.defs.definitions"
HOST = "127.0.0.1"
STOP_SECONDS = 60.0
LEFTOVER_SECONDS = 10.0
_SOCKET_PATH = 90
"""Bytes that the folder of a Unix socket may take; the whole path has to fit into 107."""


def serve(home: Home, port: int = 3000) -> int:
    """Serve until interrupted, then stop what was started.

    Args:
        home: Whose runs are shown; made if absent.
        port: At 127.0.0.1.

    Returns:
        The exit code of the server, 0 when it was interrupted.
    """
    from orchestration.defs.instance import end_dead_runs, open_instance

    home.create()
    with open_instance(home) as instance:
        end_dead_runs(instance)
    # Set before the server starts: an ignored signal would stay ignored there.
    before = {sign: signal.signal(sign, _interrupt) for sign in (signal.SIGINT, signal.SIGTERM)}
    server = subprocess.Popen(  # noqa: S603
        command(port), cwd=PROJECT, env=environment(home), start_new_session=True
    )
    try:
        return server.wait()
    except KeyboardInterrupt:
        return 0
    finally:
        _stop(server)
        for sign, handler in before.items():
            signal.signal(sign, handler)


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
