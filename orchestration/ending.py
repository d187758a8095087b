"""How a command ends: its exit code, and what it says of an error."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import NoReturn

import duckdb
import typer

from orchestration import log
from orchestration.home import AnxinError, Home

INTERRUPTED = 130

logger = logging.getLogger(__name__)


def end(command: Callable[[], object], *, is_json: bool) -> NoReturn:
    """Run the command and exit: 0 when all went well, 130 when it was interrupted.

    Errors are one line, or with `is_json` an object as well; what nobody has foreseen is logged.
    """
    try:
        code = command()  # what Typer returns for an exit; an interruption is one to it, too
    except typer.TyperException as error:
        from typer.rich_utils import rich_format_error

        rich_format_error(error)  # type: ignore[arg-type]
        _exit(error.exit_code, error.format_message(), is_json=is_json, is_said=True)
    except AnxinError as error:
        _exit(error.exit_code, str(error), is_json=is_json)
    except (duckdb.IOException, OSError) as error:  # they quote paths, and no delivered value
        _exit(1, str(error).partition("\n")[0], is_json=is_json)
    except KeyboardInterrupt:
        code = INTERRUPTED
    except Exception as error:
        _exit(1, _unforeseen(error), is_json=is_json)
    if code == INTERRUPTED:
        _exit(INTERRUPTED, "interrupted; the next run goes on from here", is_json=is_json)
    sys.exit(code if isinstance(code, int) else 0)


def _exit(code: int, message: str, *, is_json: bool, is_said: bool = False) -> NoReturn:
    if is_json:
        typer.echo(json.dumps({"error": message}, ensure_ascii=False))
    if not is_said:
        typer.echo(f"anxin: {message}", err=True)
    sys.exit(code)


def _unforeseen(error: Exception) -> str:
    """Log an error with where it came from; return what it says in a line."""
    home = Home.from_environment()
    said = f"{type(error).__name__}: {log.masked(error)}"
    with suppress(OSError):
        log.configure(home, log.current_run_id())
        logger.error("the command broke off", exc_info=error)
        return f"{said}; {log.log_file(home)} says more"
    return said
