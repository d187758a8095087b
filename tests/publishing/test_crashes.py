"""A kill at any change to the file system leaves the old or the new published file, whole."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from published_homes import build, make_home, numbers, run

from orchestration.home import Home
from orchestration.publishing import (
    generations,
    is_paused,
    publish,
    read_generation,
    resume,
    rollback,
)
from orchestration.recovery import recover


def to_clone(home: Home) -> None:
    """Three generations, and the clone that a killed run left."""
    for number in (1, 2, 3):
        run(home, number)
    build(home, 9)


def to_publish(home: Home) -> None:
    """Three generations, and a clone that waits to be published."""
    to_clone(home)


def to_publish_first(home: Home) -> None:
    """Nothing published, and a clone that waits."""
    build(home, 9)


def to_roll_back(home: Home) -> None:
    """Three generations, and a clone that must not survive."""
    to_clone(home)


@pytest.mark.parametrize(
    ("act", "prepare", "outcomes"),
    [
        ("clone", to_clone, {3}),
        ("publish", to_publish, {3, 9}),
        ("publish", to_publish_first, {None, 9}),
        ("rollback", to_roll_back, {3, 2}),
    ],
    ids=["clone", "publish", "first publish", "rollback"],
)
def test_a_kill_at_every_step_leaves_one_whole_file_and_the_next_run_heals(
    tmp_path: Path,
    spawn: Callable[..., object],
    act: str,
    prepare: Callable[[Home], None],
    outcomes: set[int | None],
) -> None:
    start = make_home(tmp_path / "start")
    prepare(start)
    seen: set[int | None] = set()
    for call in range(1, 100):
        home = Home(tmp_path / f"killed-{call}")
        copy_with_links(start, home)
        process = spawn("dying", home.root, act, call)
        output, _ = process.communicate(timeout=60)  # type: ignore[attr-defined]
        if "lived" in output:
            break
        assert process.returncode == -signal.SIGKILL  # type: ignore[attr-defined]
        seen.add(check_whole(home))
        check_recovered(home)
        check_next_run(home)
        shutil.rmtree(home.root)
    assert call > 3, "the kills came too late to mean anything"
    seen.add(check_whole(home))
    assert seen == outcomes


def copy_with_links(start: Home, home: Home) -> None:
    """Copy a home, its published file again a link to its newest generation."""
    shutil.copytree(start.root, home.root)
    if home.published.exists():
        generation = read_generation(home.published)
        assert generation is not None
        home.published.unlink()
        home.published.hardlink_to(home.generations / f"marts-{generation.generation_id}.duckdb")


def check_whole(home: Home) -> int | None:
    """Assert that what is published is of one run; return its build number."""
    if not home.published.exists():
        return None
    (number,) = numbers(home.published)
    generation = read_generation(home.published)
    assert generation is not None
    assert generation.run_id == f"run-{number}"
    return number


def check_recovered(home: Home) -> None:
    """Assert that without a publish, too, the published file is linked and nothing is left over."""
    recover(home)
    numbered = {path.name: path for path in home.generations.glob("*")}
    assert len(numbered) <= 3
    published = read_generation(home.published)
    if published:
        assert numbered[f"marts-{published.generation_id}.duckdb"].samefile(home.published)
    for name, path in numbered.items():
        generation = read_generation(path)
        assert generation is not None
        assert name == f"marts-{generation.generation_id}.duckdb"
    assert not list(home.serving.glob(".*"))


def check_next_run(home: Home) -> None:
    """Assert that the next publish works, can be rolled back, and that nothing is left over."""
    if is_paused(home):
        resume(home)
    before = read_generation(home.published)
    build(home, 20)
    following = publish(home)
    assert following.previous_generation_id == (before.generation_id if before else None)
    assert numbers(home.published) == {20}
    kept = generations(home)
    assert kept[0] == following
    names = {f"marts-{generation.generation_id}.duckdb" for generation in kept}
    assert {path.name for path in home.generations.iterdir()} == names
    assert len(names) <= 3
    assert {path.name for path in home.serving.iterdir()} == {
        "marts.duckdb",
        "generations",
        "newest-generation",
    }
    assert not list(home.root.glob("marts-next*"))
    if before:
        assert rollback(home) == before
