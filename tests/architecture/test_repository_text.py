"""The project speaks of itself: no hosts, no machine, no story of its making."""

from __future__ import annotations

from pathlib import Path

import pytest
from text_rules import forbidden, ignored_names, project_files, text_of

from orchestration.home import PROJECT


def test_no_file_says_what_is_forbidden() -> None:
    faults = [
        f"{path.relative_to(PROJECT)}:{number} names {what}"
        for path in project_files(PROJECT, ignored_names(PROJECT / ".gitignore"))
        for number, what in forbidden(text_of(path) or "")
    ]
    assert faults == []


def test_the_lock_names_no_host() -> None:
    lock = (PROJECT / "requirements.lock").read_text(encoding="utf-8")
    assert "--hash=sha256:" in lock
    assert "://" not in lock


@pytest.mark.parametrize(
    "line",
    [
        "index-url = https://py" + "pi.org/sim" + "ple",
        "https://files.python" + "hosted.org/packages/a.whl",
        "https://mirror.example/sim" + "ple",
        "cd /wo" + "rk/main",
        'open("/tm' + 'p/raw.duckdb")',
        "see /ho" + "me/ada/notes.md",
        "/Us" + "ers/ada",
        "C:" + "\\data",
        "as found in the previous ses" + "sion",
        "see is" + "sue #12",
        "as re" + "quested",
        "TO" + "DO: later",
    ],
)
def test_a_forbidden_line_is_noticed(line: str) -> None:
    assert [number for number, _ in forbidden(f"fine\n{line}\n")] == [2]


@pytest.mark.parametrize(
    "line",
    [
        "One row per livestream session; the last session of a creator.",
        "landing/<source>/<feed>/dt=2021-06-17/a.csv",
        "the file lies in $ANXIN_HOME/tmp/ or <home>/wo" + "rk/",
        "a simple rule, simply put; tmp_path / 'home'",
        "https://docs.getdbt.com/reference",
    ],
)
def test_a_harmless_line_is_not(line: str) -> None:
    assert list(forbidden(line)) == []


def test_ignored_folders_and_binary_files_are_left_out(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("var/\n*.egg-info/\n# a comment\n")
    for name in ("var/a.txt", ".git/b.txt", "x.egg-info/c.txt", "docs/d.txt"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text("text")
    (tmp_path / "e.bin").write_bytes(b"\0\1")
    found = list(project_files(tmp_path, ignored_names(tmp_path / ".gitignore")))
    assert [path.name for path in found] == [".gitignore", "d.txt", "e.bin"]
    assert [text_of(path) for path in found[1:]] == ["text", None]
