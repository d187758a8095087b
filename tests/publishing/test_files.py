"""Copies: free space is checked, holes stay holes."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from published_homes import numbers, run

from orchestration.home import Home
from orchestration.publishing import DiskSpaceError, clone
from orchestration.publishing.files import copy_file, share_blocks, write_atomically


def without_shared_blocks(folder: Path) -> None:
    """Skip where a copy costs no space."""
    probe = folder / "probe"
    probe.write_bytes(b"x" * 4096)
    if share_blocks(probe, folder / "shared"):
        pytest.skip("this file system shares blocks: a clone needs no space")


def test_a_clone_that_the_disk_can_not_hold_says_what_it_needs(home: Home, tmp_path: Path) -> None:
    without_shared_blocks(tmp_path)
    run(home, 1)
    free = shutil.disk_usage(home.root).free
    home.published.chmod(0o644)
    os.truncate(home.published, free)  # a hole: too big to copy, though it takes no space
    with pytest.raises(DiskSpaceError, match="bytes are needed") as caught:
        clone(home)
    assert caught.value.needed == int(free * 1.1)
    assert f"{caught.value.needed:,}" in str(caught.value)
    assert not list(home.root.glob("marts-next*"))


def test_holes_stay_holes_and_data_stays_data(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    with source.open("wb") as file:
        file.write(b"head" * 1024)
        file.seek(64 * 2**20)
        file.write(b"tail" * 1024)
        file.truncate(96 * 2**20)
    if source.stat().st_blocks * 512 > 2**20:
        pytest.skip("this file system has no holes")
    copy_file(source, target)
    assert target.read_bytes() == source.read_bytes()
    assert target.stat().st_blocks * 512 < 2**20


def test_an_empty_file_is_copied(tmp_path: Path) -> None:
    (tmp_path / "source").touch()
    copy_file(tmp_path / "source", tmp_path / "target")
    assert (tmp_path / "target").read_bytes() == b""


def test_a_clone_can_be_written_though_the_published_file_can_not(home: Home) -> None:
    run(home, 1)
    assert os.stat(home.published).st_mode & 0o222 == 0  # noqa: PTH116
    assert clone(home).stat().st_mode & 0o200
    assert numbers(home.marts_next) == {1}


@pytest.mark.parametrize("durable", [False, True])
def test_a_text_is_replaced_whole_and_readable_by_all(tmp_path: Path, durable: bool) -> None:
    path = tmp_path / "new" / "status.json"
    for text in ("a long first text", "short"):
        write_atomically(path, text, durable=durable)
        assert path.read_text() == text
    assert path.stat().st_mode & 0o777 == 0o644
    assert [file.name for file in path.parent.iterdir()] == ["status.json"]
