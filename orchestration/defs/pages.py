"""Serves what the home holds as static pages, on this machine only: models and audits."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path, PurePosixPath
from typing import BinaryIO
from urllib.parse import unquote, urlsplit

from orchestration.home import PROJECT, Home
from orchestration.model_docs import POLICY

HOST = "127.0.0.1"
_HEAD = b'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Anxin</title></head>'
_INDEX = b"""<body><h1>Anxin</h1><ul>
<li><a href="/models/">Models, columns and lineage</a> (dbt docs)</li>
<li><a href="/audits/">Audits of the last run</a> (Data Docs)</li>
</ul></body></html>
"""
_ABSENT = b"""<body><p>Not there yet: audits come with a run, the page of the models some seconds
after the start.</p></body></html>
"""


@contextmanager
def served(home: Home, port: int) -> Iterator[str]:
    """Serve the pages until the block ends; yields their address.

    Args:
        home: Whose pages are shown, as they are at the moment of each request.
        port: At 127.0.0.1; 0 takes a free one.

    Raises:
        OSError: The port is taken.
    """
    folders = {"models": home.model_docs, "audits": home.docs}

    class Pages(_Pages):
        roots = folders

    with ThreadingHTTPServer((HOST, port), Pages) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://{HOST}:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def documenting(home: Home, environment: dict[str, str], log: BinaryIO) -> Iterator[None]:
    """Write the page of the models while the block runs; it takes some seconds."""
    if not home.published.exists():
        yield
        return
    writer = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "orchestration.model_docs"],
        cwd=PROJECT,
        env=environment,
        stdout=log,
        stderr=log,
    )
    try:
        yield
    finally:
        writer.terminate()
        writer.wait()


class _Pages(SimpleHTTPRequestHandler):
    """Files below the folders, by the first part of the path."""

    roots: dict[str, Path]

    def do_GET(self) -> None:
        """Send a file, or a page that says what there is."""
        path = Path(self.translate_path(self.path))
        if urlsplit(self.path).path in ("/", ""):
            self._send_text(200, _INDEX)
        elif not path.exists():
            self._send_text(404, _ABSENT)
        else:
            super().do_GET()

    def translate_path(self, path: str) -> str:
        """Name the file of a request; one outside the folders names none."""
        first, *rest = [
            part for part in PurePosixPath(unquote(urlsplit(path).path)).parts if part != "/"
        ] or [""]
        root = self.roots.get(first)
        if root is None or ".." in rest:
            return "/nonexistent"
        return str(root.joinpath(*rest))

    def end_headers(self) -> None:
        """Forbid the browser to fetch anything from elsewhere, and to keep old pages."""
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("Cache-Control", "no-store")
        super().end_headers()

    def list_directory(self, path: object) -> None:
        """Show no listings of folders."""
        self._send_text(404, _ABSENT)

    def log_message(self, format: str, *arguments: object) -> None:
        """Keep quiet about requests."""

    def _send_text(self, status: int, text: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(_HEAD + text)))
        self.end_headers()
        self.wfile.write(_HEAD + text)
