"""Publishing: what readers see changes by one rename, and only when the clone is whole."""

from __future__ import annotations

import os
import re
import shutil
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest
from published_homes import build, make_home, numbers, run

from orchestration.home import Home, UsageError
from orchestration.publishing import (
    AuditRow,
    PublishError,
    PublishingPausedError,
    WaitingRow,
    clone,
    drop_clone,
    drop_older,
    generations,
    is_paused,
    publish,
    read_generation,
    read_pause,
    resume,
    rollback,
    stamp,
    swap,
)


def ids(home: Home) -> list[int]:
    """The numbers of the generations that can be served."""
    return [generation.generation_id for generation in generations(home)]


def links(home: Home) -> set[str]:
    """Everything in the folder of generations."""
    return {path.name for path in home.generations.iterdir()}


def test_the_first_clone_is_absent_and_its_publish_makes_generation_one(home: Home) -> None:
    assert not clone(home).exists()
    first = run(home, 1)
    assert (first.generation_id, first.previous_generation_id, first.change_seq) == (1, None, 41)
    assert numbers(home.published) == {1}
    assert not home.marts_next.exists()
    assert read_generation(home.published) == first


def test_a_clone_holds_what_is_published_and_editing_it_changes_nothing_for_readers(
    home: Home,
) -> None:
    run(home, 1)
    before = home.published.read_bytes()
    assert clone(home).read_bytes() == before
    build(home, 2)
    assert home.published.read_bytes() == before
    assert all((home.generations / name).read_bytes() == before for name in links(home))


def test_a_clone_removes_what_a_killed_run_left(home: Home) -> None:
    run(home, 1)
    for name in ("", ".wal", ".wal.checkpoint", ".copying"):
        home.marts_next.with_name(home.marts_next.name + name).write_text("left over")
    spill = home.marts_next.with_name(home.marts_next.name + ".tmp")
    spill.mkdir()
    (spill / "block").write_text("left over")
    clone(home)
    assert numbers(home.marts_next) == {1}
    assert [path.name for path in home.root.glob("marts-next*")] == ["marts-next.duckdb"]


def test_dropping_the_clone_leaves_the_published_file(home: Home) -> None:
    run(home, 1)
    build(home, 2)
    drop_clone(home)
    drop_clone(home)
    assert not home.marts_next.exists()
    assert numbers(home.published) == {1}


def test_three_generations_stay_and_the_current_one_is_among_them(home: Home) -> None:
    for number in range(1, 6):
        run(home, number)
    assert ids(home) == [5, 4, 3]
    assert links(home) == {"marts-3.duckdb", "marts-4.duckdb", "marts-5.duckdb"}
    assert (home.generations / "marts-5.duckdb").samefile(home.published)
    assert numbers(home.generations / "marts-3.duckdb") == {3}


def test_a_published_file_can_be_read_but_not_written_by_its_owner(home: Home) -> None:
    run(home, 1)
    assert home.published.stat().st_mode & 0o777 == 0o444
    run(home, 2)
    assert numbers(home.published) == {2}


def test_the_meta_tables_tell_what_the_file_was_built_from(home: Home) -> None:
    build(home, 1)
    checked = datetime(2026, 3, 2, 1, 2, 3, tzinfo=UTC)
    audits = [
        AuditRow(
            "marts", None, "fct_orders", "unique", "order_id", "critical", True, "0", 0, checked
        ),
        AuditRow("batch", 2, "orders", "volume", None, "warning", False, "3", None, checked),
    ]
    waiting = [WaitingRow("claims", "orders", 3, checked)]
    stamp(home, run_id="again", code_fingerprint="beef", audits=audits, waiting=waiting)
    publish(home)
    with duckdb.connect(str(home.published), read_only=True) as connection:
        assert connection.execute(
            "select generation_id, run_id, change_seq, code_fingerprint from meta.generation"
        ).fetchall() == [(1, "again", 41, "beef")]
        statuses = "select status, count(*) from meta.deliveries group by all order by 1"
        assert connection.execute(statuses).fetchall() == [
            ("accepted", 2),
            ("held", 1),
            ("loaded", 1),
            ("rejected", 1),
        ]
        columns = [row[0] for row in connection.execute("describe meta.deliveries").fetchall()]
        assert "file_stamp" not in columns
        assert "change_seq" in columns
        assert connection.execute(
            "select run_id, stage, delivery_id, success, checked_at from meta.audits order by 2"
        ).fetchall() == [
            ("again", "batch", 2, False, checked.replace(tzinfo=None)),
            ("again", "marts", None, True, checked.replace(tzinfo=None)),
        ]
        assert connection.execute("from meta.waiting").fetchall() == [
            ("claims", "orders", 3, checked.replace(tzinfo=None))
        ]


def test_the_verdicts_of_an_earlier_run_are_replaced(home: Home) -> None:
    checked = datetime(2026, 3, 2, tzinfo=UTC)
    row = AuditRow("marts", None, "fct_orders", "unique", None, "critical", True, None, 0, checked)
    build(home, 1)
    stamp(home, run_id="one", code_fingerprint="f", audits=[row] * 3)
    publish(home)
    build(home, 2)
    publish(home)
    with duckdb.connect(str(home.published), read_only=True) as connection:
        assert connection.execute("select count(*) from meta.audits").fetchone() == (0,)


def test_a_clone_with_a_write_ahead_log_is_not_published(home: Home) -> None:
    run(home, 1)
    build(home, 2)
    wal = home.marts_next.with_name("marts-next.duckdb.wal")
    wal.write_bytes(b"")
    with pytest.raises(PublishError, match=r"marts-next\.duckdb\.wal"):
        publish(home)
    wal.unlink()
    publish(home)
    assert numbers(home.published) == {2}


def test_a_write_ahead_log_beside_the_published_file_stops_clone_publish_and_rollback(
    home: Home,
) -> None:
    run(home, 1)
    run(home, 2)
    build(home, 3)
    (home.serving / "marts.duckdb.wal").write_bytes(b"")
    for act in (publish, rollback, clone):
        with pytest.raises(PublishError, match=r"marts\.duckdb\.wal"):
            act(home)
    assert numbers(home.published) == {2}
    assert not is_paused(home)


def test_a_clone_that_is_still_open_for_writing_is_not_published(home: Home) -> None:
    run(home, 1)
    build(home, 2)
    with duckdb.connect(":memory:") as leaked:
        leaked.execute(f"attach '{home.marts_next}' as still_open")
        with pytest.raises(PublishError, match="already attached"):
            publish(home)
    assert publish(home).generation_id == 2


def test_a_clone_without_a_stamp_is_not_published(home: Home) -> None:
    clone(home)
    with duckdb.connect(str(home.marts_next)) as connection:
        connection.execute("create table half as select 1 as row_id")
    with pytest.raises(PublishError, match=r"no meta\.generation"):
        publish(home)
    assert not home.published.exists()


def test_an_absent_or_broken_clone_is_not_published(home: Home) -> None:
    with pytest.raises(PublishError, match="absent"):
        publish(home)
    run(home, 1)
    home.marts_next.write_bytes(b"not a database" * 1000)
    with pytest.raises(PublishError, match="can't be published"):
        publish(home)
    assert numbers(home.published) == {1}


def test_a_view_in_the_clone_is_named_and_not_published(home: Home) -> None:
    run(home, 1)
    clone(home)
    with duckdb.connect(str(home.marts_next)) as connection:
        connection.execute("create view sales.agg_view as select * from core.fct_orders")
    stamp(home, run_id="r", code_fingerprint="f")
    with pytest.raises(PublishError, match=r"sales\.agg_view"):
        publish(home)
    assert numbers(home.published) == {1}


def test_a_clone_that_carries_the_stamp_of_what_is_published_is_not_published(home: Home) -> None:
    run(home, 1)
    clone(home)
    with pytest.raises(PublishError, match="built on generation None, but 1 is published"):
        publish(home)


def test_stamping_needs_a_clone_and_a_closed_warehouse(home: Home) -> None:
    with pytest.raises(PublishError, match=r"marts-next\.duckdb is absent"):
        stamp(home, run_id="r", code_fingerprint="f")
    build(home, 1)
    with (
        duckdb.connect(str(home.warehouse)),
        pytest.raises(PublishError, match=r"can't be stamped.*warehouse\.duckdb"),
    ):
        stamp(home, run_id="r", code_fingerprint="f")


def test_stamping_twice_gives_the_same_number(home: Home) -> None:
    run(home, 1)
    assert build(home, 2).generation_id == 2
    assert stamp(home, run_id="r", code_fingerprint="f").generation_id == 2


def test_rolling_back_serves_the_earlier_file_and_pauses_publishing(home: Home) -> None:
    for number in (1, 2, 3):
        run(home, number)
    assert rollback(home, reason="wrong refunds").generation_id == 2
    assert numbers(home.published) == {2}
    assert ids(home) == [3, 2, 1]
    paused = read_pause(home)
    assert paused is not None
    assert paused.generation_id == 2
    assert paused.reason == "rolled back from generation 3 to generation 2: wrong refunds"
    build(home, 4)
    with pytest.raises(PublishingPausedError, match="wrong refunds"):
        publish(home)
    assert numbers(home.published) == {2}
    assert resume(home) == paused
    assert resume(home) is None
    assert publish(home).generation_id == 4
    assert numbers(home.published) == {4}


def test_rolling_back_twice_goes_further_back_and_naming_a_generation_goes_forward(
    home: Home,
) -> None:
    for number in (1, 2, 3):
        run(home, number)
    rollback(home)
    assert rollback(home).generation_id == 1
    assert numbers(home.published) == {1}
    with pytest.raises(PublishError, match="not kept"):
        rollback(home)
    assert rollback(home, to=3).generation_id == 3
    assert numbers(home.published) == {3}
    assert is_paused(home)
    assert links(home) == {f"marts-{number}.duckdb" for number in (1, 2, 3)}


def test_after_a_rollback_the_next_generation_descends_from_what_is_served(home: Home) -> None:
    for number in (1, 2, 3):
        run(home, number)
    rollback(home)
    resume(home)
    fourth = run(home, 4)
    assert (fourth.generation_id, fourth.previous_generation_id) == (4, 2)
    assert ids(home) == [4, 2, 1], "ancestors stay before the one that was rolled away"
    assert rollback(home).generation_id == 2


def test_a_rolled_away_generation_stays_when_there_are_fewer_ancestors(home: Home) -> None:
    run(home, 1)
    run(home, 2)
    rollback(home)
    resume(home)
    run(home, 3)
    assert ids(home) == [3, 2, 1]
    assert read_generation(home.published).previous_generation_id == 1  # type: ignore[union-attr]


def test_a_clone_built_before_a_rollback_can_not_be_published_after_it(home: Home) -> None:
    run(home, 1)
    run(home, 2)
    build(home, 3)
    kept = home.marts_next.read_bytes()
    rollback(home)
    resume(home)
    assert not home.marts_next.exists()
    home.marts_next.write_bytes(kept)
    with pytest.raises(PublishError, match="built on generation 2, but 1 is published"):
        publish(home)


def test_rolling_back_to_what_is_not_there_changes_nothing(home: Home) -> None:
    with pytest.raises(PublishError, match="Nothing is published"):
        rollback(home)
    run(home, 1)
    for to, message in ((9, "not kept"), (1, "published already")):
        with pytest.raises(UsageError, match=message):
            rollback(home, to=to)
    assert not is_paused(home)
    assert numbers(home.published) == {1}


def test_what_was_built_before_a_month_was_closed_is_not_served_again(home: Home) -> None:
    run(home, 1)
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute("insert into raw.change_events values (42)")
    run(home, 2)
    with pytest.raises(UsageError, match="Generation 1 was built before a month was closed"):
        rollback(home, closed=42)
    assert (numbers(home.published), is_paused(home)) == ({2}, False)
    assert rollback(home, closed=41).generation_id == 1


def test_a_kill_right_after_the_rename_leaves_nothing_from_before_an_erasure(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(home, 1)
    run(home, 2)
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute("insert into raw.change_events values (42)")
    build(home, 3)

    def die(_: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(swap, "fsync_folder", die)
    with pytest.raises(KeyboardInterrupt):
        publish(home, oldest=42)
    monkeypatch.undo()
    assert numbers(home.published) == {3}
    assert links(home) == set()
    assert run(home, 4).generation_id == 4
    assert ids(home) == [4, 3]


def damage(home: Home) -> None:
    """Overwrite the published file, and with it the link to its generation."""
    size = home.published.stat().st_size
    home.published.chmod(0o644)
    home.published.write_bytes(os.urandom(size))


def test_a_damaged_published_file_can_be_rolled_back_from(home: Home) -> None:
    run(home, 1)
    run(home, 2)
    damage(home)
    for act in (publish, rollback):
        with pytest.raises(PublishError, match=r"`anxin rollback --to N` \(kept and whole: 1\)"):
            act(home)
    with pytest.raises(UsageError, match=r"Generation 2 is not kept\. Kept besides it: 1"):
        rollback(home, to=2)
    assert rollback(home, to=1).generation_id == 1
    assert ids(home) == [1]
    resume(home)
    assert run(home, 3).generation_id == 3
    assert ids(home) == [3, 1]


def test_a_damaged_file_without_another_generation_is_removed_and_built_anew(home: Home) -> None:
    run(home, 1)
    damage(home)
    for act in (publish, rollback):
        with pytest.raises(PublishError, match=f"whole: none.*remove {home.published}"):
            act(home)
    home.published.unlink()
    assert run(home, 2).generation_id == 2
    assert ids(home) == [2]
    assert links(home) == {"marts-2.duckdb"}


def test_a_number_is_never_given_twice(home: Home) -> None:
    for number in (1, 2, 3):
        run(home, number)
    rollback(home)
    resume(home)
    drop_older(home, 42)  # as an erasure does
    assert links(home) == {"marts-2.duckdb"}
    assert run(home, 4).generation_id == 4
    (home.serving / "marts.duckdb").unlink()
    shutil.rmtree(home.generations)
    assert run(home, 5).generation_id == 5


def test_an_unreadable_pause_marker_still_pauses(home: Home) -> None:
    build(home, 1)
    (home.serving / "publishing-paused.json").write_text("{")
    with pytest.raises(PublishingPausedError, match="can't be read"):
        publish(home)


def test_a_process_that_holds_the_old_file_is_told_the_new_generation(home: Home) -> None:
    run(home, 1)
    with duckdb.connect(str(home.published), read_only=True) as old:
        run(home, 2)
        assert read_generation(home.published).generation_id == 2  # type: ignore[union-attr]
        assert old.execute("select generation_id from meta.generation").fetchall() == [(1,)]


def test_a_home_with_a_quote_in_its_path_works(tmp_path: Path) -> None:
    home = make_home(tmp_path / "it's here")
    build(home, 1)
    assert publish(home).generation_id == 1
    assert re.search(r"it's here", str(home.published))
