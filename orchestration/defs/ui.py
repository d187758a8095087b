"""Serves Dagster's web interface and its daemon on this machine only."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

from orchestration.home import PROJECT, Home

MODULE = "orchestration.defs.definitions"
HOST = "127.0.0.1"
STOP_SECONDS = 60.0
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
    server = subprocess.Popen(  # noqa: S603
        command(port), cwd=PROJECT, env=environment(home), start_new_session=True
    )
    previous = signal.signal(signal.SIGTERM, _interrupt)
    try:
        return server.wait()
    except KeyboardInterrupt:
        return 0
    finally:
        signal.signal(signal.SIGTERM, previous)
        _stop(server)


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
    """Ask the server to stop its children; end what is left of its group when it takes long."""
    if server.poll() is None:
        server.send_signal(signal.SIGINT)
        try:
            server.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            server.kill()
    try:
        os.killpg(server.pid, signal.SIGTERM)
    except ProcessLookupError:
        return
