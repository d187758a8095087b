"""How the command ends, whatever it has met."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import typer

from orchestration import ending, log
from orchestration.home import PROJECT, Home

SPEAK = """
import logging, sys, warnings
from orchestration import cli

@cli.app.command()
def speak() -> None:
    warnings.warn("a warning")
    logging.info("the first record of all")
    logging.getLogger("orchestration.anything").warning("a record")

sys.argv[1:] = ["speak"]
cli.main()
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("ANXIN_HOME", str(tmp_path / "home"))
    return Home.from_environment()


def ended(command: Callable[[], None], *, is_json: bool = False) -> int:
    """Run a command of Typer; return its exit code."""
    app = typer.Typer(pretty_exceptions_enable=False)
    app.command()(command)
    with pytest.raises(SystemExit) as caught:
        ending.end(lambda: app([], standalone_mode=False), is_json=is_json)
    return int(str(caught.value))


def interrupted() -> None:
    raise KeyboardInterrupt


def broken() -> None:
    raise ValueError('no "delivered value" can be read\nas the second line tells')


def refused() -> None:
    raise typer.Exit(1)


def test_an_interruption_says_that_it_was_one(capsys: pytest.CaptureFixture[str]) -> None:
    said = "interrupted; the next run goes on from here"
    assert ended(interrupted) == 130
    assert capsys.readouterr() == ("", f"anxin: {said}\n")
    assert ended(interrupted, is_json=True) == 130
    assert json.loads(capsys.readouterr().out) == {"error": said}


def test_what_nobody_has_foreseen_is_one_line_and_stands_in_the_log(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ended(broken, is_json=True) == 1
    found = capsys.readouterr()
    said = f"ValueError: no '…' can be read; {log.log_file(home)} says more"
    assert found.err == f"anxin: {said}\n"
    assert json.loads(found.out) == {"error": said}
    written = json.loads(log.log_file(home).read_text())
    assert "test_ending.py" in written["error"][0]["at"][-1]


def test_an_exit_code_stays(capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(refused) == 1
    assert ended(lambda: None) == 0
    assert capsys.readouterr() == ("", "")


def test_no_command_prints_records_or_warnings(home: Home) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SPEAK],
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert (done.stdout, done.stderr) == ("", "")
