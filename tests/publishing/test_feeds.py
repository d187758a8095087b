"""What is said of feeds: missing and late dates, held and rejected files, the data clock."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest

from orchestration import feeds
from orchestration.feeds import Books, Feed
from orchestration.home import PROJECT, Home
from orchestration.ingestion.sources import INTRADAY
from orchestration.lock import writer_lock
from orchestration.status import collect
from tests.publishing.published_homes import DELIVERIES

AT = datetime(2021, 8, 31, tzinfo=UTC)


class Manifest:
    """A table of deliveries; a day is one of August, an hour when the file was loaded."""

    def __init__(self) -> None:
        self.connection = duckdb.connect()
        self.connection.execute("create schema raw")
        self.connection.execute(DELIVERIES)
        self._id = 0

    def add(
        self, day: int, hour: int, status: str = "accepted", feed: str = "orders", name: str = "a"
    ) -> None:
        self._id += 1
        self.connection.execute(
            "insert into raw.deliveries by name select ? as delivery_id, 'native' as source,"
            " ? as feed, make_date(2021, 8, ?) as dt, concat(feed, '/', dt, '/', ?) as path,"
            " ? as status, 'why' as status_reason,"
            " timestamp '2021-08-31' + to_hours(?) as loaded_at",
            [self._id, feed, day, name, status, hour],
        )

    def books(self) -> Books:
        return feeds.read_books(self.connection, "raw.deliveries", self._id, AT)

    def feed(self, name: str = "orders") -> Feed:
        (found,) = [feed for feed in self.books().feeds if feed.feed == name]
        return found


@pytest.fixture
def manifest() -> Iterator[Manifest]:
    manifest = Manifest()
    yield manifest
    manifest.connection.close()


def days(*numbers: int) -> list[date]:
    return [date(2021, 8, number) for number in numbers]


def test_dates_are_missing_from_the_first_daily_one_to_the_newest_of_the_source(
    manifest: Manifest,
) -> None:
    for day in (1, 5, 6, 9):
        manifest.add(day, 1)
    for day in (10, 11):
        manifest.add(day, 1, feed="claims")
    assert manifest.feed().daily_from == date(2021, 8, 5)
    assert manifest.feed().missing == days(7, 8, 10, 11)
    assert manifest.feed("claims").missing == []
    assert manifest.books().clocks == {"native": date(2021, 8, 11)}


def test_what_lands_during_the_day_ends_no_day(manifest: Manifest) -> None:
    for day in (1, 2):
        manifest.add(day, 1)
    for day in (1, 3):
        manifest.add(day, 1, feed="livestream_traffic")
    for day in (1, 2, 3):
        manifest.add(day, 1, feed="livestream_sessions")
    assert manifest.feed().missing == []
    assert manifest.feed("livestream_sessions").missing == []
    assert manifest.books().clocks == {"native": date(2021, 8, 2)}


def test_the_models_know_the_same_to_land_during_the_day() -> None:
    model = PROJECT / "models" / "staging" / "manifest" / "stg_manifest__deliveries.sql"
    (left_out,) = re.findall(r"entity not in \((.*?)\)", model.read_text(encoding="utf-8"))
    assert set(re.findall(r"\w+", left_out)) == INTRADAY


def test_a_feed_that_never_came_on_two_days_in_a_row_misses_none(manifest: Manifest) -> None:
    for day in (1, 8, 15):
        manifest.add(day, 1)
    assert (manifest.feed().daily_from, manifest.feed().missing) == (None, [])
    assert manifest.books().clocks == {}


@pytest.mark.parametrize("status", ["held", "rejected", "loaded"])
def test_a_file_that_does_not_count_leaves_its_date_missing(
    manifest: Manifest, status: str
) -> None:
    for day in (1, 2, 4):
        manifest.add(day, 1)
    manifest.add(3, 1, status)
    assert manifest.feed().missing == days(3)


def test_a_date_is_late_when_a_later_one_was_loaded_before(manifest: Manifest) -> None:
    for day, hour in ((1, 1), (2, 5), (3, 3), (4, 3)):
        manifest.add(day, hour)
    assert manifest.feed().late == days(2)


def test_a_correction_or_a_second_file_makes_a_date_not_late(manifest: Manifest) -> None:
    manifest.add(1, 1, "superseded")
    manifest.add(2, 2)
    manifest.add(1, 3)
    manifest.add(1, 4, name="b")
    assert manifest.feed().late == []


def test_held_and_rejected_files_count_until_they_are_replaced(manifest: Manifest) -> None:
    manifest.add(1, 1, "held")
    manifest.add(1, 2)
    manifest.add(2, 3, "rejected")
    manifest.add(3, 3, "held")
    assert (manifest.feed().accepted, manifest.feed().held, manifest.feed().rejected) == (1, 1, 1)
    found = [(row["delivery_id"], row["status"]) for row in manifest.books().open_deliveries]
    assert found == [(3, "rejected"), (4, "held")]


def test_what_was_kept_is_read_as_it_was_while_the_warehouse_is_locked(tmp_path: Path) -> None:
    home = Home(tmp_path / "home").create()
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute("create schema raw")
        connection.execute(DELIVERIES)
        connection.execute("create table raw.change_events as select 7 as change_seq")
        connection.execute(
            "insert into raw.deliveries by name select 1 as delivery_id, 'native' as source,"
            " 'orders' as feed, date '2021-08-01' + i::integer as dt, i::varchar as path,"
            " 'accepted' as status, timestamp '2021-08-31' as loaded_at from range(2) as r(i)"
        )
    feeds.save(home)
    with writer_lock(home, "run", wait=0), duckdb.connect(str(home.warehouse)) as connection:
        connection.execute("delete from raw.deliveries")
        books = collect(home).books
        assert books is not None
        assert (books.change_seq, books.deliveries) == (7, {"accepted": 2})
        assert books.feeds[0].daily_from == date(2021, 8, 1)


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"as_of": 3}'])
def test_a_damaged_summary_is_none(tmp_path: Path, text: str) -> None:
    home = Home(tmp_path)
    home.books_file.write_text(text)
    assert feeds.load(home) is None
