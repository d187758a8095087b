"""Failures that concern one file and leave the others alone."""

from __future__ import annotations

from orchestration.home import AnxinError


class FileRejectedError(AnxinError):
    """The file can't be read as a delivery of its feed; the message says why."""


class FileUnavailableError(AnxinError):
    """The file can't be read at the moment; the next ingest takes it up again."""
