"""The delivered files are what the script makes, small, and hold no person."""

from __future__ import annotations

import json
import subprocess
import sys
import zlib
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from orchestration.home import PROJECT

DEMO = PROJECT / "demo"
WAVES = ("landing", "corrections")
SIZE_LIMIT = 300_000


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which the script has just written."""
    folder = tmp_path_factory.mktemp("made")
    command = [sys.executable, str(DEMO / "make_fixtures.py"), str(folder)]
    subprocess.run(command, check=True, capture_output=True)
    return folder


def files_of(folder: Path) -> dict[str, Path]:
    places = [folder / "expected.json", *(p for wave in WAVES for p in (folder / wave).rglob("*"))]
    return {p.relative_to(folder).as_posix(): p for p in places if p.is_file()}


def same(one: Path, other: Path) -> bool:
    """Compare bytes; compressed ones by what they hold, as every zlib and Arrow packs its way."""
    if one.suffix == ".parquet":
        return bool(pq.read_table(one).equals(pq.read_table(other)))
    if one.suffix == ".gz":
        (first, first_ends), (second, second_ends) = unpacked(one), unpacked(other)
        if not first_ends:  # cut off: where exactly is up to the packer
            return not second_ends and (first.startswith(second) or second.startswith(first))
        return second_ends and first == second
    return one.read_bytes() == other.read_bytes()


def unpacked(path: Path) -> tuple[bytes, bool]:
    member = zlib.decompressobj(wbits=31)
    return member.decompress(path.read_bytes()), member.eof


def test_the_script_makes_the_tracked_files_again(made: Path) -> None:
    tracked, again = files_of(DEMO), files_of(made)
    assert tracked.keys() == again.keys()
    assert [name for name in tracked if not same(tracked[name], again[name])] == []


def test_making_twice_gives_the_same_bytes(made: Path, tmp_path: Path) -> None:
    command = [sys.executable, str(DEMO / "make_fixtures.py"), str(tmp_path)]
    subprocess.run(command, check=True, capture_output=True)
    first, second = files_of(made), files_of(tmp_path)
    assert {name: path.read_bytes() for name, path in first.items()} == {
        name: path.read_bytes() for name, path in second.items()
    }


def test_the_files_are_small() -> None:
    assert sum(path.stat().st_size for path in files_of(DEMO).values()) < SIZE_LIMIT


def test_every_file_has_an_expected_outcome() -> None:
    expected = json.loads((DEMO / "expected.json").read_text(encoding="utf-8"))["deliveries"]
    named = {f"{WAVES[one['wave'] - 1]}/{one['path']}" for one in expected}
    delivered = {name for name in files_of(DEMO) if not name.endswith(".json")}
    assert named == delivered


def test_the_readme_names_the_planted_cases() -> None:
    cases = json.loads((DEMO / "expected.json").read_text(encoding="utf-8"))["cases"]
    readme = (DEMO / "README.md").read_text(encoding="utf-8")
    missing = [one for kind in cases.values() for one in kind.values() if one not in readme]
    assert missing == []
