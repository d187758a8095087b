"""Structured logs: one JSON object per line, rotated, with run and delivery id.

Modules log with `logging.getLogger(__name__)` and pass facts as `extra={"delivery_id": 7}`.
Messages of foreign exceptions may quote delivered values, so quoted parts are masked.
"""

from __future__ import annotations

import json
import logging
import os
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from traceback import extract_tb
from typing import Any

from orchestration.home import AnxinError, Home

MAX_BYTES = 10 * 1024 * 1024
BACKUPS = 5

_LOGGER = "orchestration"
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}
_QUOTED = re.compile(r"""['"].*['"]""")
"""From the first quote to the last: a quoted value may hold quotes itself."""

_run_id: ContextVar[str | None] = ContextVar("anxin_run_id", default=None)
_delivery_id: ContextVar[int | None] = ContextVar("anxin_delivery_id", default=None)


def log_file(home: Home) -> Path:
    """Where the log of a home stands."""
    return home.logs / "anxin.jsonl"


def configure(home: Home, run_id: str | None, *, verbose: bool = False) -> Path:
    """Send the project's log records to the home's log file.

    Doing it again replaces the earlier set-up. Records of this context carry `run_id`, and so do
    those of threads, which start without a context.

    Args:
        home: The home whose `logs` folder is written to.
        run_id: The run that this process works for, None outside a run.
        verbose: Record DEBUG as well.

    Returns:
        The log file.
    """
    logger = logging.getLogger(_LOGGER)
    for handler in [h for h in logger.handlers if isinstance(h, _LogFile)]:
        logger.removeHandler(handler)
        handler.close()
    home.logs.mkdir(parents=True, exist_ok=True)
    handler = _LogFile(log_file(home))
    handler.setFormatter(JsonFormatter(run_id))
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG if verbose else logging.INFO)
    _run_id.set(run_id)
    return log_file(home)


def current_run_id() -> str | None:
    """The run of this context."""
    return _run_id.get()


@contextmanager
def quiet() -> Iterator[None]:
    """Keep warnings and log lines off the terminal; the log file has them."""
    root, nobody = logging.getLogger(), logging.NullHandler()
    root.addHandler(nobody)  # without a handler, the first record would install one to stderr
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        root.removeHandler(nobody)


@contextmanager
def about_delivery(delivery_id: int) -> Iterator[None]:
    """Let the records inside carry a delivery id."""
    token = _delivery_id.set(delivery_id)
    try:
        yield
    finally:
        _delivery_id.reset(token)


class JsonFormatter(logging.Formatter):
    """Turns a record into one line of JSON: ts, level, logger, message, ids, extras."""

    def __init__(self, run_id: str | None = None) -> None:
        """Take the run id for records whose context has none."""
        super().__init__()
        self._default_run_id = run_id

    def format(self, record: logging.LogRecord) -> str:
        """Write a record as one line; values that JSON does not know become text."""
        line: dict[str, Any] = {
            "ts": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            "run_id": _run_id.get() or self._default_run_id,
            "delivery_id": _delivery_id.get(),
        }
        extras = {k: v for k, v in vars(record).items() if k not in _STANDARD}
        line.update(extras)
        if record.exc_info and record.exc_info[1]:
            line["error"] = _described(record.exc_info[1])
        return json.dumps(line, default=str, ensure_ascii=False)


def _described(error: BaseException | None) -> list[dict[str, Any]]:
    """Describe an exception and its causes, outermost first, without delivered values."""
    chain: list[dict[str, Any]] = []
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        frames = extract_tb(error.__traceback__)
        chain.append(
            {
                "type": type(error).__name__,
                "message": str(error) if isinstance(error, AnxinError) else masked(error),
                "at": [f"{Path(f.filename).name}:{f.lineno} {f.name}" for f in frames],
            }
        )
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return chain


def masked(message: object) -> str:
    """The first line of a foreign message without what it quotes, maybe a delivered value."""
    return _QUOTED.sub("'…'", str(message).strip().partition("\n")[0])


class _LogFile(RotatingFileHandler):
    """A rotating file that several processes may write to: it follows the others' rotations."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, maxBytes=MAX_BYTES, backupCount=BACKUPS, encoding="utf-8")

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line to the file that bears the name now, or to the old one if none can."""
        with suppress(OSError):
            if self.stream and not self._is_current():
                old, self.stream = self.stream, self._open()
                old.close()
        super().emit(record)

    def _is_current(self) -> bool:
        """Whether the open file is still the one under the name."""
        try:
            return os.path.samestat(os.fstat(self.stream.fileno()), Path(self.baseFilename).stat())
        except FileNotFoundError:
            return False
