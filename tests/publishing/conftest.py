"""Fixtures and processes for the tests of publishing."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from orchestration.home import PROJECT, Home

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from published_homes import make_home  # noqa: E402

Spawn = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home with a warehouse and nothing published."""
    return make_home(tmp_path / "home")


@pytest.fixture
def spawn() -> Iterator[Spawn]:
    """Start an actor of `actors.py` in a process of its own; stopped after the test."""
    started: list[subprocess.Popen[str]] = []

    def start(actor: str, *arguments: object) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, str(HERE / "actors.py"), actor, *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(PROJECT)},
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()
