"""The delivered files: complete, deterministic, and faulty exactly where the books say so."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest
import zstandard

from simulator import money, world
from simulator.contract import Entity, entities
from simulator.delivery import Faults, deliver
from simulator.delivery.faults import file_kinds
from simulator.delivery.staging import state_sql
from simulator.delivery.windows import FORMATS, windows
from simulator.parameters import BEGINNING, Parameters

PARAMETERS = Parameters(lines=1_500, seed=5, from_date=date(2021, 6, 1), days=5)
Row = dict[str, str | None]
DENSE = Faults(contract_break=0.05, duplicate_version=0.05, late=0.1, orphan=0.05)


@dataclass
class History:
    """A delivered history.

    Attributes:
        files: `delivery.files` by stage and path.
        faults: `delivery.planted_faults`.
    """

    out: Path
    connection: duckdb.DuckDBPyConnection
    files: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    faults: list[dict[str, Any]] = field(default_factory=list)

    def deliver(self, out: Path, faults: Faults) -> History:
        """Deliver the same truth once more, somewhere else."""
        deliver(self.connection, PARAMETERS, out, faults)
        made = History(out, self.connection)
        for row in _dicts(self.connection, "from delivery.files"):
            made.files[row["stage"], row["path"]] = row
        made.faults = _dicts(self.connection, "from delivery.planted_faults")
        return made


def _dicts(connection: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = connection.execute(query).to_arrow_table().to_pylist()
    return rows


@pytest.fixture(scope="module")
def truth(tmp_path_factory: pytest.TempPathFactory) -> Iterator[History]:
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'; set threads = 2")
        world.make_world(connection, PARAMETERS)
        money.make_money(connection, PARAMETERS, Faults().breaks)
        yield History(tmp_path_factory.mktemp("truth"), connection)


@pytest.fixture(scope="module")
def dirty(truth: History, tmp_path_factory: pytest.TempPathFactory) -> History:
    return truth.deliver(tmp_path_factory.mktemp("dirty"), DENSE)


@pytest.fixture(scope="module")
def clean(truth: History, tmp_path_factory: pytest.TempPathFactory) -> History:
    return truth.deliver(tmp_path_factory.mktemp("clean"), Faults.none())


def read(file: Path) -> list[Row]:
    """Return the rows of a file as texts, in order; bytes that are no UTF-8 are replaced."""
    if file.suffix == ".parquet":
        return [
            {name: _text(value) for name, value in row.items()}
            for row in pq.read_table(file).to_pylist()
        ]
    content = file.read_bytes()
    if file.suffix == ".gz":
        content = gzip.decompress(content)
    if file.suffix == ".zst":
        content = zstandard.ZstdDecompressor().decompressobj().decompress(content)
    text = content.decode(errors="replace")
    if ".csv" in file.name:
        return [
            {name: value or None for name, value in row.items()}
            for row in csv.DictReader(io.StringIO(text))
        ]
    parsed = (json.loads(line) for line in text.splitlines())
    return [{name: _text(value) for name, value in row.items()} for row in parsed]


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return str(value).lower() if isinstance(value, bool) else str(value)


def landed(history: History, stage: str = "landing") -> dict[str, Path]:
    """Return the files of a stage by path, without sidecars."""
    root = history.out / stage
    found = sorted(path for path in root.rglob("*") if path.is_file())
    return {
        str(path.relative_to(root)): path
        for path in found
        if not path.name.endswith(".manifest.json")
    }


def accepted_rows(history: History, stage: str, path: str) -> list[Row]:
    """Return the rows of an accepted file that no one refuses, and that do not wait."""
    spoilt = {
        fault["row_number"]
        for fault in history.faults
        if (fault["stage"], fault["path"]) == (stage, path)
        and fault["found_by"] in ("quarantine", "waiting")
    }
    rows = read(history.out / stage / path)
    return [row for number, row in enumerate(rows, 1) if number not in spoilt]


def final_rows(history: History, entity: Entity) -> dict[tuple[str | None, ...], Row]:
    """Return the newest version of every key by the accepted files of the landing."""
    versions: list[tuple[str, str, str, Row]] = []
    for (stage, path), file in history.files.items():
        if stage == "landing" and file["feed"] == entity.name and file["status"] == "accepted":
            versions += [
                (str(row["updated_at"]), str(file["dt"]), path, row)
                for row in accepted_rows(history, stage, path)
            ]
    versions.sort(key=lambda version: version[:3])
    return {tuple(row.get(key) for key in entity.keys): row for *_, row in versions}


def test_the_landing_ends_in_the_final_state_of_every_entity(dirty: History) -> None:
    skewed = {fault["key"] for fault in dirty.faults if fault["kind"] == "clock_skew"}
    for entity in entities().values():
        state = state_sql(entity.name, BEGINNING, PARAMETERS.end_at, None)
        newest = (
            f"select columns(*)::varchar from ({state}) qualify row_number() over"
            f" (partition by {', '.join(entity.keys)} order by updated_at desc) = 1"
        )
        wanted = {
            tuple(row[key] for key in entity.keys): row for row in _dicts(dirty.connection, newest)
        }
        found = final_rows(dirty, entity)
        assert found.keys() == wanted.keys(), entity.name
        for key, row in wanted.items():
            if "|".join(map(str, key)) in skewed:
                assert str(found[key].pop("updated_at")) > str(row.pop("updated_at"))
            assert {name: found[key].get(name) for name in row} == row, entity.name


def test_the_versions_of_products_are_all_there_once(clean: History) -> None:
    for name in ("products", "merchants", "creators", "customers"):
        paths = [path for (_, path), file in clean.files.items() if file["feed"] == name]
        found = [row for path in paths for row in accepted_rows(clean, "landing", path)]
        state = state_sql(name, BEGINNING, PARAMETERS.end_at, None)
        wanted = _dicts(clean.connection, f"select columns(*)::varchar from ({state})")
        assert sorted(map(str, found)) == sorted(map(str, wanted))


def test_earlier_files_are_all_replaced(dirty: History) -> None:
    earlier = landed(dirty, "earlier")
    assert earlier
    assert earlier.keys() <= landed(dirty).keys()
    for path, file in earlier.items():
        assert file.read_bytes() != landed(dirty)[path].read_bytes()
    monthly = [path for path in earlier if "2021-06-30" in path or "2021-07-31" in path]
    assert monthly
    notes = {fault["note"] for fault in dirty.faults if fault["kind"] == "corrected"}
    assert notes == {"wrong amount", "a thing that does not exist", "a row that is missing"}


def test_the_books_name_every_file_and_count_its_rows(dirty: History) -> None:
    for stage in ("landing", "earlier"):
        assert {path for s, path in dirty.files if s == stage} == landed(dirty, stage).keys()
    for (stage, path), file in dirty.files.items():
        quarantined = sum(
            (fault["stage"], fault["path"], fault["found_by"]) == (stage, path, "quarantine")
            for fault in dirty.faults
        )
        if file["status"] == "rejected":
            assert file["rows_read"] == file["rows_accepted"] == file["rows_quarantined"] == 0
        else:
            assert file["rows_read"] == len(read(dirty.out / stage / path)), path
            assert file["rows_quarantined"] == quarantined
            assert file["rows_accepted"] == file["rows_read"] - quarantined


def test_planted_rows_stand_where_the_books_say(dirty: History) -> None:
    rows: dict[tuple[str, str], list[Row]] = {}
    numbered = [fault for fault in dirty.faults if fault["row_number"]]
    for fault in numbered:
        place = fault["stage"], fault["path"]
        rows.setdefault(place, read(dirty.out / place[0] / place[1]))
        row = rows[place][fault["row_number"] - 1]
        keys = entities()[fault["entity"]].keys
        assert "|".join(str(row[key]) for key in keys) == fault["key"]
        value = row.get(fault["column_name"])
        match fault["note"].partition(",")[0]:
            case "a word for a number or time":
                assert value == "n/a"
            case "negative amount":
                assert int(str(value)) < 0
            case "required value missing":
                assert value is None
            case "impossible date":
                assert str(value).lstrip("0").startswith("22-08-01")
            case "GB18030 bytes":
                assert "\ufffd" in str(value)
    assert len(numbered) > 50


def test_every_kind_is_planted(dirty: History) -> None:
    assert {fault["kind"] for fault in dirty.faults} == set(file_kinds())
    notes = {fault["note"] for fault in dirty.faults if fault["kind"] == "contract_break"}
    assert len(notes) == 7
    assert len({fault["fault_id"] for fault in dirty.faults}) == len(dirty.faults)


@pytest.mark.parametrize("offset", [0, 1])
def test_every_kind_can_be_switched_off(truth: History, tmp_path: Path, offset: int) -> None:
    chosen = file_kinds()[offset::2]
    faults = Faults.none().with_rates([f"{kind}=0.02" for kind in chosen])
    made = truth.deliver(tmp_path, faults)
    assert {fault["kind"] for fault in made.faults} == set(chosen)


def test_clean_files_are_only_right_ones(clean: History) -> None:
    assert clean.faults == []
    assert not (clean.out / "earlier").exists()
    assert {file["status"] for file in clean.files.values()} == {"accepted"}
    tags = {path.rpartition("/")[2].partition(".")[0] for _, path in clean.files}
    assert tags == set(entities())


def test_months_come_first_and_days_in_their_own_formats(clean: History) -> None:
    spans = {str(span.dt): span for span in windows(PARAMETERS)}
    assert [str(s.dt) for s in windows(PARAMETERS) if not s.is_daily] == [
        "2021-06-30",
        "2021-07-31",
        "2021-08-26",
    ]
    for (_, path), file in clean.files.items():
        wanted = FORMATS[file["feed"]] if spans[str(file["dt"])].is_daily else "parquet"
        assert path.endswith(f"/{file['feed']}.{wanted}")


def test_the_same_truth_gives_the_same_bytes_with_any_number_of_threads(
    truth: History, dirty: History, tmp_path: Path
) -> None:
    truth.connection.execute("set threads = 1")
    again = truth.deliver(tmp_path, DENSE)
    truth.connection.execute("set threads = 2")
    assert _digests(again.out) == _digests(dirty.out)
    assert again.faults == dirty.faults
    assert again.files == dirty.files


def _digests(root: Path) -> dict[str, str]:
    return {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def test_sidecars_tell_the_truth_unless_planted(dirty: History) -> None:
    lies = {fault["path"] for fault in dirty.faults if fault["kind"] == "wrong_sidecar"}
    root = dirty.out / "landing"
    for sidecar in root.rglob("*.manifest.json"):
        file = sidecar.with_name(sidecar.name.removesuffix(".manifest.json"))
        stated = json.loads(sidecar.read_text(encoding="utf-8"))
        rows = read(file)
        sums = {name: sum(int(row[name] or 0) for row in rows) for name in stated["sums"]}
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        found = {"rows": len(rows), "sums": sums, "sha256": digest}
        assert (found != stated) == (str(file.relative_to(root)) in lies)


@pytest.mark.parametrize(
    ("setting", "complaint"),
    [
        ("typo=0.1", "there is no fault 'typo'"),
        ("late=much", "'much' is no rate"),
        ("late", "'' is no rate"),
        ("late=1.5", "the rate of late is 1.5"),
        ("late=nan", "the rate of late is nan"),
    ],
)
def test_a_bad_rate_is_refused(setting: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        Faults().with_rates([setting])


def test_rates_are_set_by_name() -> None:
    assert Faults().with_rates(["late=0", "empty=1"]) == Faults(late=0, empty=1)
    assert Faults.none().are_files_clean
    assert not Faults().are_files_clean
    assert Faults.none().with_rates(["fee_diff=0.1"]).are_files_clean
    assert Faults.none().with_rates(["fee_diff=0.1"]).breaks["FEE_DIFF"] == 0.1
    assert set(Faults.none().breaks.values()) == {0}
