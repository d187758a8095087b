"""Every kind of bad file gets its own clear message and stops no other file."""

from __future__ import annotations

import errno
import gzip
import io
import json
import shutil
import zipfile
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from orchestration.ingestion import bounded
from orchestration.ingestion.content import _unzip, decompress
from orchestration.ingestion.errors import FileRejectedError
from orchestration.ingestion.load import ingest

from .bills import zipped
from .conftest import GOOD, PRODUCTS, Room

GOOD_FILE = f"{PRODUCTS}\n{GOOD}\n"
NOISE = "".join(f"{PRODUCTS}{number * 7919}\n" for number in range(20_000)).encode()

REJECTED = {
    "empty.csv": (b"", "the file is empty"),
    "empty.parquet": (b"", "the file is empty"),
    "empty.csv.gz": (gzip.compress(b""), "the file is empty"),
    "blank.csv": (b"\n\n", "the file has no header"),
    "lacks.csv": (b"product_id,category_id,updated_at\n", "lacks the required column merchant_id"),
    "twice.csv": (b"product_id,Product_ID\n", "columns 1 and 2 have one name"),
    "nameless.csv": (b"product_id,,x\n", "column 2 of the header has no name"),
    "latin.csv": ("naïve\n".encode("latin-1"), "column 1 of the header is no printable UTF-8 text"),
    "utf16.csv": (GOOD_FILE.encode("utf-16"), "column 1 of the header is no printable UTF-8 text"),
    "reserved.csv": (b"product_id,_row_number\n", "the column name '_row_number' is reserved"),
    "open.csv": (b'product_id,"merchant', "the header can't be read"),
    "cut.csv.gz": (gzip.compress(NOISE)[:-2000], "the gzip data is cut off before its end"),
    "cut.csv.zst": (zstandard.compress(NOISE)[:-20], "the zstd data is cut off before its end"),
    "no.csv.gz": (b"product_id", "the gzip data is damaged"),
    "no.csv.zst": (b"product_id", "the zstd data is damaged"),
    "no.parquet": (GOOD_FILE.encode(), "is no readable Parquet file"),
    "table.xlsx": (b"x", "the name has no known ending"),
    "packed.parquet.gz": (b"x", "the name has no known ending"),
}


@pytest.fixture
def parquet(tmp_path: Path) -> bytes:
    """Products as Parquet."""
    file = tmp_path / "products.parquet"
    duckdb.execute(
        "copy (select 'p' || i as product_id, 'm' as merchant_id, md5(i::varchar) as product_name,"
        " 'food' as category_id, timestamp '2021-08-01' as updated_at from range(5000) as t(i))"
        f" to '{file}' (row_group_size 2048)"
    )
    return file.read_bytes()


def test_a_file_that_cannot_be_read_is_rejected_with_its_reason(room: Room) -> None:
    paths = {name: room.put(content, name) for name, (content, _) in REJECTED.items()}
    good = room.put(GOOD_FILE, "zz-good.csv")
    report = room.ingest()
    found = {name: room.status(path) for name, path in paths.items()}
    assert {name: status for name, (status, _) in found.items()} == dict.fromkeys(paths, "rejected")
    assert [
        f"{name}: {reason}"
        for name, (_, reason) in found.items()
        if REJECTED[name][1] not in reason
    ] == []
    assert room.status(good)[0] == "loaded"
    assert (report.rejected, report.loaded) == (len(REJECTED), 1)
    assert room.one("select count(*) from raw.products") == 1


def test_an_archive_that_goes_on_is_rejected_and_read_once_the_limit_is_raised(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    bomb = f"{PRODUCTS}\n{f'{GOOD}{chr(10)}' * 60_000}".encode()
    packed = {
        "bomb.csv.gz": gzip.compress(bomb),
        "bomb.csv.zst": zstandard.compress(bomb),
        "bomb.csv.zip": zipped(bomb),
    }
    assert max(map(len, packed.values())) < 20_000
    paths = [room.put(data, name) for name, data in packed.items()]
    good = room.put(GOOD_FILE, "zz-good.csv")
    monkeypatch.setenv("ANXIN_EXPANDED_GB", str(1 / 1024))
    report = room.ingest()
    assert (report.rejected, report.loaded) == (3, 1)
    for path in paths:
        assert room.status(path) == (
            "rejected",
            "expands to more than 0.000976562 GiB (ANXIN_EXPANDED_GB): deliver it in parts,"
            " or raise the limit",
        )
    assert room.status(good)[0] == "loaded"
    assert not any(file.stat().st_size > 1 << 20 for file in room.home.evidence.rglob("*"))
    assert room.ingest().unchanged == 4
    monkeypatch.setenv("ANXIN_EXPANDED_GB", "1")
    assert room.ingest().loaded == 3
    assert room.one("select count(*) from raw.products") == 180_001


def test_an_archive_that_does_not_fit_the_disk_stops_no_other_file(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    large = f"{PRODUCTS}\n{f'{GOOD}{chr(10)}' * 60_000}".encode()
    path = room.put(gzip.compress(large), "large.csv.gz")
    good = room.put(GOOD_FILE, "zz-good.csv")
    whole = shutil.disk_usage(room.home.root)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: whole._replace(free=2 << 20))
    room.ingest()
    assert room.status(good)[0] == "loaded"
    assert room.status(path) == (
        "rejected",
        "expands to more than 0.000976562 GiB (half of the free disk): deliver it in parts,"
        " or make room",
    )
    monkeypatch.setattr(shutil, "disk_usage", lambda _: whole._replace(free=(2 << 20) + 4096))
    assert room.ingest().unchanged == 2
    monkeypatch.undo()
    assert room.ingest().loaded == 1


ENDLESS = {
    "a.jsonl": (b'{"product_id":"p1"}\n{"product_id":"%s"}', 2),
    "a.csv": (GOOD_FILE.encode() + b"%s", 3),
    "header.csv": (b"product_id,%s", 1),
    "blank.csv": (b"\n%s", 2),
    "return.csv": (GOOD_FILE.replace("\n", "\r").encode() + b"%s", 3),
}


@pytest.mark.parametrize("name", ENDLESS)
def test_a_line_without_end_is_not_read_whole(
    room: Room, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(bounded, "FIELD_LIMIT", 1 << 20)
    content, line = ENDLESS[name]
    path = room.put(content % (b"p" * (3 << 20)), name)
    good = room.put(GOOD_FILE, "zz-good.csv")
    room.ingest()
    assert room.status(path) == ("rejected", f"line {line} has more than 1 MiB")
    assert room.status(good)[0] == "loaded"


METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)


@pytest.mark.parametrize("method", METHODS)
def test_whatever_byte_of_an_archive_is_damaged_it_is_the_files_fault(
    tmp_path: Path, method: int
) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        archive.writestr("bill.csv", GOOD_FILE)
    whole, damaged, target = packed.getvalue(), tmp_path / "bill.csv.zip", tmp_path / "plain"
    reasons = []
    for position in range(len(whole)):
        for byte in (0, 0x7F, 0xFF):
            damaged.write_bytes(whole[:position] + bytes([byte]) + whole[position + 1 :])
            try:
                decompress(damaged, "zip", target)
            except FileRejectedError as error:
                reasons.append(str(error))
    assert len(reasons) > len(whole)
    assert {reason.partition(" is ")[0] for reason in reasons} <= {
        "the zip data",
        "the zip archive holds 0 files, not one",
    }


@pytest.mark.parametrize("reads", range(6))
def test_what_the_disk_reports_while_an_archive_is_read_is_not_the_files_fault(reads: int) -> None:
    class Failing(io.BytesIO):
        left = reads

        def read(self, size: int | None = -1, /) -> bytes:
            self.left -= 1
            if self.left < 0:
                raise OSError(errno.EIO, "Input/output error")
            return super().read(size)

    with pytest.raises(OSError, match="Input/output error"):
        list(_unzip(Failing(zipped(GOOD_FILE.encode()))))


def test_a_failure_that_is_not_the_files_is_logged_with_its_path(
    room: Room, caplog: pytest.LogCaptureFixture
) -> None:
    path = room.put(GOOD_FILE)

    def lose(_done: int, _total: int, _path: str) -> None:
        shutil.rmtree(room.home.evidence)

    with pytest.raises(FileNotFoundError):
        ingest(room.home, room.connection, progress=lose)
    (record,) = [record for record in caplog.records if record.levelname == "ERROR"]
    assert (vars(record)["path"], vars(record)["note"]) == (path, "FileNotFoundError")


@pytest.mark.parametrize("direct_bytes", [0, 1 << 30], ids=["read in place", "staged"])
def test_a_parquet_file_with_a_damaged_footer_is_rejected(
    room: Room, parquet: bytes, direct_bytes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orchestration.ingestion.readers.DIRECT_BYTES", direct_bytes)
    path = room.put(parquet[:-400] + b"\xff" * 300 + parquet[-100:], "damaged.parquet")
    good = room.put(parquet, "good.parquet")
    room.ingest()
    status, reason = room.status(path)
    assert status == "rejected"
    assert "is no readable Parquet file" in reason
    assert room.status(good)[0] == "loaded"


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["product_id", "product_id"], "columns 1 and 2 have one name"),
        (["product_id", "Product_ID"], "columns 1 and 2 have one name"),
        (["product_id", "a\0b"], "column 2 of the header is no printable UTF-8 text"),
        (["product_id", ""], "column 2 of the header has no name"),
        (["product_id", "file_row_number"], "the column name 'file_row_number' is reserved"),
    ],
)
def test_parquet_columns_have_names_of_their_own(
    room: Room, names: list[str], message: str
) -> None:
    columns = [pa.array(["p1"]), pa.array(["p2"])]
    path = room.parquet(pa.Table.from_arrays(columns, names))
    room.ingest()
    assert room.status(path) == ("rejected", message)


def test_what_nested_parquet_columns_are_made_of_has_names_of_its_own(
    room: Room,
) -> None:
    table = pa.table(
        {
            "parts": pa.array([{"product_id": [1, 2], "product_id_2": {"merchant_id": 1}}]),
            "listed": pa.array([[{"category_id": 1}]]),
            "pairs": pa.array([[("updated_at", 1)]], pa.map_(pa.string(), pa.int64())),
            "product_id": ["p1"],
            "merchant_id": ["m1"],
            "category_id": ["food"],
            "updated_at": pa.array([1_627_776_000_000_000], pa.timestamp("us")),
        }
    )
    path = room.parquet(table)
    room.ingest()
    assert room.status(path)[0] == "loaded"
    assert room.one("select product_id from raw.products") == "p1"


def test_a_parquet_footer_that_counts_its_columns_wrong_stops_nothing(
    room: Room, tmp_path: Path
) -> None:
    names = PRODUCTS.split(",")
    schema = pa.schema([(name, pa.string()) for name in names])
    pq.ParquetWriter(tmp_path / "a.parquet", schema, store_schema=False).close()
    data = bytearray((tmp_path / "a.parquet").read_bytes())
    count = data.rfind(b"schema") + len(b"schema") + 1
    assert data[count] == 2 * len(names)
    data[count] -= 2
    path = room.put(bytes(data), "a.parquet")
    room.put(GOOD_FILE, "z.csv")
    assert room.ingest().loaded >= 1
    assert room.status(path)[0] in ("loaded", "rejected")
    assert room.one("select count(*) from raw.products") == 1


def test_an_empty_text_of_parquet_is_no_value(room: Room) -> None:
    values = {"product_id": "p1", "merchant_id": "", "category_id": "food", "brand_name": ""}
    table = pa.table({name: [value] for name, value in values.items()})
    times = pa.array([1_627_776_000_000_000], pa.timestamp("us"))
    room.parquet(table.append_column("updated_at", times))
    room.ingest()
    assert room.reasons() == [(1, "merchant_id", "merchant_id is missing")]


def test_a_truncated_parquet_file_is_rejected(room: Room, parquet: bytes) -> None:
    path = room.put(parquet[: len(parquet) // 2], "cut.parquet")
    room.ingest()
    status, reason = room.status(path)
    assert status == "rejected"
    assert "is no readable Parquet file" in reason
    assert str(room.home.root) not in reason


@pytest.mark.parametrize("direct_bytes", [0, 1 << 30], ids=["read in place", "staged"])
def test_a_parquet_file_with_damaged_pages_is_rejected(
    room: Room, parquet: bytes, direct_bytes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orchestration.ingestion.readers.DIRECT_BYTES", direct_bytes)
    damaged = parquet[:2000] + b"\xff" * 20_000 + parquet[22_000:]
    path = room.put(damaged, "damaged.parquet")
    room.put('{"sums": {"product_id": 1}}', "damaged.parquet.manifest.json")
    good = room.put(parquet, "good.parquet")
    room.ingest()
    status, reason = room.status(path)
    assert status == "rejected"
    assert "can't be read to its end" in reason or "is no readable Parquet file" in reason
    assert room.status(good)[0] == "loaded"
    assert room.one("select count(*) from raw.products") == 5000


@pytest.mark.parametrize("direct_bytes", [0, 1 << 30], ids=["read in place", "staged"])
def test_a_parquet_file_keeps_its_row_numbers(
    room: Room, parquet: bytes, direct_bytes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orchestration.ingestion.readers.DIRECT_BYTES", direct_bytes)
    room.put(parquet, "good.parquet")
    room.ingest()
    query = "select count(*) from raw.products where product_id <> 'p' || (_row_number - 1)"
    assert room.one(query) == 0
    assert room.one("select max(_row_number) from raw.products") == 5000


@pytest.mark.parametrize("name", ["file.csv", "file.csv.gz", "file.csv.zst"])
def test_a_header_without_rows_is_a_delivery_of_no_rows(room: Room, name: str) -> None:
    content = f"{PRODUCTS}\n".encode()
    pack = {".gz": gzip.compress, ".zst": zstandard.compress}.get(Path(name).suffix, bytes)
    path = room.put(pack(content), name)
    room.ingest()
    assert room.status(path) == ("loaded", "")
    assert room.one("select rows_read from raw.deliveries") == 0
    assert room.all("select entity, row_count from raw.delivery_entities") == [("products", 0)]


def test_a_parquet_file_without_rows_is_a_delivery_of_no_rows(room: Room, tmp_path: Path) -> None:
    file = tmp_path / "none.parquet"
    duckdb.execute(
        "copy (select 'p' as product_id, 'm' as merchant_id, 'c' as category_id,"
        f" timestamp '2021-08-01' as updated_at limit 0) to '{file}'"
    )
    path = room.put(file.read_bytes(), "none.parquet")
    room.ingest()
    assert room.status(path) == ("loaded", "")


def test_columns_that_a_feed_does_not_know_are_noted(room: Room) -> None:
    path = room.put(f"{PRODUCTS},shelf,Aisle\n{GOOD},3,4\n")
    room.ingest()
    assert room.status(path)[0] == "loaded"
    notes = room.one("select notes from raw.deliveries")
    assert notes == "columns that the feed does not use: aisle, shelf"


def test_a_nullable_column_may_be_missing(room: Room) -> None:
    room.products(GOOD)
    room.ingest()
    assert room.all("select product_id, brand_name, is_rose from raw.products") == [
        ("p1", None, None)
    ]


def test_packed_files_hold_the_same_rows_as_plain_ones(room: Room) -> None:
    rows = "".join(f"p{number},m1,food,2021-08-01 08:00:00\n" for number in range(3000))
    plain = f"{PRODUCTS}\n{rows}".encode()
    halves = gzip.compress(plain[:40_000]) + gzip.compress(plain[40_000:])
    frames = zstandard.compress(plain[:40_000]) + zstandard.compress(plain[40_000:])
    lines = "".join(
        json.dumps(dict(zip(PRODUCTS.split(","), row.split(","), strict=True))) + "\n"
        for row in rows.splitlines()
    ).encode()
    files = {
        "plain.csv": plain,
        "members.csv.gz": halves,
        "frames.csv.zst": frames,
        "lines.ndjson": lines,
        "lines.jsonl.gz": gzip.compress(lines),
        "lines.JSONL.zst": zstandard.compress(lines),
    }
    for name, content in files.items():
        room.put(content, name)
    report = room.ingest()
    assert report.problems == []
    variants = room.one(
        "select count(distinct content) from (select md5(string_agg(product_id || _row_number"
        " || updated_at, ',' order by _row_number)) as content from raw.products"
        " group by _delivery_id)"
    )
    assert (variants, report.loaded) == (1, len(files))
    assert list((room.home.evidence).glob(".work/*")) == []
