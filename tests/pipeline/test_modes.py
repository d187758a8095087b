"""Other users of the machine read what is published, and nothing else that may name people."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from orchestration.home import Home
from orchestration.lock import writer_lock
from orchestration.publishing import compact

NOBODY = 65534
PRIVATE = ("landing", "evidence", "logs", "exports", "dagster", "dbt")


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o7777


def test_a_run_leaves_only_what_is_served_open_to_others(published: Home) -> None:
    assert {name: mode(published.root / name) for name in PRIVATE} == dict.fromkeys(PRIVATE, 0o700)
    assert mode(published.docs) & 0o077 == 0
    assert mode(published.warehouse) == 0o600
    assert mode(published.serving) == mode(published.generations) == 0o755
    assert mode(published.published) == 0o444


def test_an_open_home_is_closed_but_for_what_a_group_was_allowed(home: Home) -> None:
    for name in PRIVATE:
        (home.root / name).chmod(0o755)
    home.landing.chmod(0o2775)
    home.exports.chmod(0o2770)
    home.serving.chmod(0o750)
    home.warehouse.chmod(0o644)
    home.create()
    assert mode(home.landing) == mode(home.exports) == 0o2770
    assert mode(home.logs) == mode(home.evidence) == 0o750
    assert mode(home.serving) == 0o750
    assert mode(home.warehouse) == 0o600


def test_what_a_writer_leaves_beside_the_warehouse_is_its_own(tmp_path: Path) -> None:
    home = Home(tmp_path / "home").create()
    before = os.umask(0o022)
    try:
        with writer_lock(home, "test"), duckdb.connect(str(home.warehouse)) as connection:
            connection.execute("create table named as select 'ada' as name")
            log = home.warehouse.with_name(f"{home.warehouse.name}.wal")
            assert mode(log) == mode(home.warehouse) == 0o600
        home.warehouse.chmod(0o644)
        compact(home.warehouse)
        assert mode(home.warehouse) == 0o600
        assert os.umask(0o022) == 0o022
    finally:
        os.umask(before)


@pytest.fixture
def reachable(published: Home) -> Iterator[Home]:
    """A home that other users can reach, if they can reach any."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    shutil.copytree(published.root, folder / "home")
    yield Home(folder / "home")
    shutil.rmtree(folder)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user")
def test_another_user_reads_the_marts_and_no_other_file(reachable: Home) -> None:
    def is_read(path: Path) -> bool:
        return not subprocess.run(
            ["cat", path], user=NOBODY, group=NOBODY, extra_groups=[], capture_output=True
        ).returncode

    (reachable.root / "probe").touch(0o644)
    if not is_read(reachable.root / "probe"):
        pytest.skip("other users can't reach the folder of temporary files")
    files = {path for path in reachable.root.rglob("*") if path.is_file()}
    read = {path.relative_to(reachable.root).parts[0] for path in files if is_read(path)}
    assert is_read(reachable.published)
    assert not is_read(reachable.warehouse)
    assert read <= {"probe", "serving", "status.json", "deliveries.json", "writer.lock"}
