"""An erased person is gone from every file, for good; what they paid stays."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import zipfile
from pathlib import Path

import duckdb
import pytest

from orchestration import pipeline, publishing
from orchestration.home import AnxinError, Home, UsageError
from orchestration.ingestion import erasures, pseudonyms
from orchestration.lock import LockTimeoutError, writer_lock
from orchestration.verify import verify
from tests.erasing.conftest import copied
from tests.erasing.people import (
    MARK,
    NAME,
    PERSON,
    PHONE,
    PLANTED,
    cells,
    customer,
    erase,
    in_plain,
    naming,
    order,
    restating_tables,
    rows,
)
from tests.small_landing import DAYS, put

pytestmark = pytest.mark.whole

AMOUNTS = "select sum(pay_amount), count(*) from core.fct_orders"
HASHES = "select count(*) from raw.erasures"


def pseudonym(home: Home, customer_id: str = PERSON) -> str:
    return pseudonyms.load_key(home).pseudonyms([customer_id])[0]


def is_equal_to_its_rebuild(home: Home) -> bool:
    with pipeline.opened(home, "verify") as opened:
        return verify(opened).is_equal


def test_what_the_other_tests_look_for_is_there_before(known: Home, tmp_path: Path) -> None:
    plain = in_plain(known.warehouse, tmp_path)
    assert [text for text in PLANTED if text.encode() not in plain] == []
    assert {path.partition("/")[0] for path in naming(known)} == {"evidence", "warehouse.duckdb"}
    assert rows(known.warehouse, "select row_text from raw.quarantine where row_text like '%Vq83%'")
    quoted = f"select 1 from raw.quarantine where contains(reason, '{PHONE}')"
    assert rows(known.warehouse, quoted) == [(1,)]
    assert pseudonym(known).encode() in in_plain(known.published, tmp_path)


def test_no_byte_of_any_file_names_an_erased_person(home: Home, tmp_path: Path) -> None:
    before = home.warehouse.stat().st_ino
    earlier = home.logs / "runs" / "of-an-earlier-version.json"
    earlier.write_text(json.dumps({"reason": f"pay_amount '{PHONE}' is not a whole number"}))
    done = erase(home)
    assert (done.people, done.already, done.generations) == (1, 0, 1)
    assert naming(home) == set()
    plain = in_plain(home.warehouse, tmp_path)
    assert [text for text in PLANTED if text.encode() in plain] == []
    assert [name for name, text in cells(home) if any(word in text for word in PLANTED)] == []
    assert home.warehouse.stat().st_ino != before
    assert not list(home.root.glob("*.wal"))
    assert not list(home.root.glob(".*"))


def test_what_only_the_operator_can_remove_is_named(home: Home) -> None:
    assert erase(home).landing == [
        "alipay/account_bill/dt=2021-07-01/bill.csv",
        "alipay/account_bill/dt=2021-07-01/torn.csv",
        f"native/customers/dt={DAYS[0]}/person.csv",
        f"native/orders/dt={DAYS[0]}/person.csv",
        f"native/orders/dt={DAYS[0]}/ragged.csv",
        f"native/orders/dt={DAYS[0]}/torn.parquet",
        f"native/orders/dt={DAYS[1]}/nobodys.csv",
        "wechat_pay/trade_bill_all/dt=2021-07-01/bill.csv",
    ]


def test_evidence_that_names_nobody_erased_stays(home: Home) -> None:
    erase(home)
    noted = "select sha256 from raw.deliveries where notes is not distinct from null"
    others = {str(sha) for (sha,) in rows(home.warehouse, f"{noted} and status = 'accepted'")}
    assert {path.name for path in home.evidence.glob("??/*")} == others
    assert len(others) > 5


def test_rows_read_stay_accepted_and_quarantined_ones(home: Home) -> None:
    erase(home)
    different = rows(
        home.warehouse,
        "select path from raw.deliveries where rows_read <> rows_accepted + rows_quarantined"
        " or (feed = 'orders' and rows_accepted <> ("
        "     select count(*) from raw.orders where _delivery_id = deliveries.delivery_id))",
    )
    assert different == []


def test_the_event_holds_a_hash_and_who_and_when(home: Home) -> None:
    erase(home)
    assert rows(
        home.warehouse,
        "select customer_key, who, erased_at > now()::timestamp - interval"
        " 1 hour from raw.erasures",
    ) == [(pseudonym(home), "dpo", True)]
    assert rows(home.warehouse, "select reason from raw.change_events where event = 'erased'") == [
        ("erased by dpo",)
    ]


def test_the_next_run_refreshes_to_what_a_rebuild_gives(known: Home, mended: Home) -> None:
    key = pseudonym(mended)
    gone = f"where customer_key = '{key}'"
    for table in ("dim_customers", "fct_orders", "fct_order_lines", "fct_claims"):
        assert rows(mended.published, f"select * from core.{table} {gone}") == []
    assert rows(known.published, f"select count(*) from core.dim_customers {gone}") == [(1,)]
    assert rows(mended.published, AMOUNTS) == rows(known.published, AMOUNTS)
    nobodys = "select customer_key, pay_amount from core.fct_orders where order_id = 'p-1'"
    assert rows(mended.published, nobodys)[0][0] is None
    others = (
        f"select count(*) from core.fct_orders where customer_key = '{pseudonym(mended, 'c1')}'"
    )
    assert rows(mended.published, others) == rows(known.published, others) != [(0,)]
    assert rows(mended.warehouse, "select count(*) from changes.int_orders_current where seq = 2")
    assert is_equal_to_its_rebuild(mended)


def test_only_what_the_erasure_touched_was_built_again(mended: Home) -> None:
    for database in (mended.warehouse, mended.published):
        assert {comment for _, comment in restating_tables(database)} == {MARK}


def test_no_served_or_kept_file_holds_the_pseudonym(mended: Home, tmp_path: Path) -> None:
    key = pseudonym(mended)
    assert publishing.generations(mended)[0].generation_id == 3
    assert [path.name for path in mended.generations.iterdir()] == ["marts-3.duckdb"]
    assert key.encode() not in in_plain(mended.published, tmp_path)
    assert naming(mended, (key,)) <= {"warehouse.duckdb"}


def test_a_rollback_does_not_bring_the_person_back(home: Home) -> None:
    erase(home)
    with pytest.raises(AnxinError):
        publishing.rollback(home)
    assert publishing.generations(home)[0].generation_id == 2


def test_a_link_that_a_killed_publish_left_is_no_way_back(mended: Home, home: Home) -> None:
    served = copied(mended, home.root.with_name("served"))
    (served.generations / "marts-2.duckdb").write_bytes(home.published.read_bytes())
    with pytest.raises(UsageError, match="not kept"):
        publishing.rollback(served, 2, oldest=erased_seq(served))
    assert not (served.generations / "marts-2.duckdb").exists()


def erased_seq(home: Home) -> int:
    return int(str(rows(home.warehouse, "select max(change_seq) from raw.erasures")[0][0]))


def test_an_unknown_customer_changes_nothing(home: Home) -> None:
    digests = [hashlib.sha256(path.read_bytes()).digest() for path in (home.published,)]
    with pytest.raises(UsageError, match="1 of the customers are unknown"):
        erase(home, PERSON, "nobody")
    assert rows(home.warehouse, HASHES) == [(0,)]
    assert rows(home.warehouse, f"select 1 from raw.customers where customer_id = '{PERSON}'")
    assert [hashlib.sha256(home.published.read_bytes()).digest()] == digests
    assert len(naming(home)) > 1


def test_erasing_twice_is_one_erasure(home: Home) -> None:
    erase(home)
    done = erase(home)
    assert (done.people, done.already) == (0, 1)
    assert rows(home.warehouse, HASHES) == [(1,)]


def test_nothing_is_erased_while_another_writer_is_at_work(home: Home) -> None:
    with writer_lock(home, "run"), pytest.raises(LockTimeoutError, match="'run'"):
        erase(home)
    assert rows(home.warehouse, HASHES) == [(0,)]


def test_whoever_only_stands_in_the_quarantine_can_be_erased(home: Home) -> None:
    put(home, "orders", DAYS[1], [order("q", customer_id="only-bad", order_amount="x")], "q.csv")
    with pipeline.opened(home, "ingest") as opened:
        opened.ingest()
        opened.audit_deliveries()
    assert erase(home, "only-bad").quarantined == 1


SHARED_BY_MANY = erasures.SHARED_BY + 1
"""Orders of each holder of a value, so that those of one alone make no placeholder of it."""


@pytest.mark.parametrize(
    ("address", "holders", "is_searched"),
    [
        ("Anonymous 1", erasures.SHARED_BY, True),
        ("Anonymous 1", erasures.SHARED_BY + 1, False),
        ("Anonymous 1", 1, True),
        ("**", 0, False),
        ("7", 0, False),
        ("门7", 0, True),
    ],
)
def test_only_what_tells_a_person_from_others_is_searched_for(
    home: Home, address: str, holders: int, is_searched: bool
) -> None:
    people = [f"other-{number}" for number in range(holders)]
    theirs = {"receiver_name": "", "receiver_phone": "", "receiver_address": address}
    orders = [
        order(f"o-{person}-{number}", **theirs, customer_id=person)
        for person in people
        for number in range(SHARED_BY_MANY)
    ]
    put(home, "orders", DAYS[1], [*orders, order("p-7", **theirs)], "shared.csv")
    broken = order("x", **theirs, customer_id="somebody", pay_amount="much")
    put(home, "orders", DAYS[2], [broken], "broken.csv")
    with pipeline.opened(home, "ingest") as opened:
        opened.ingest()
        opened.audit_deliveries()
    before = {path.name for path in home.evidence.glob("??/*")}
    erase(home)
    about = "from raw.quarantine where path like '%/broken.csv'"
    assert rows(home.warehouse, f"select row_text is null {about}") == [(is_searched,)]
    ((sha256,),) = rows(
        home.warehouse, "select sha256 from raw.deliveries where path like '%/broken.csv'"
    )
    assert sha256 in before
    assert (sha256 in {path.name for path in home.evidence.glob("??/*")}) is not is_searched


def test_columns_that_no_table_shows_are_searched_too(home: Home) -> None:
    others = {"receiver_name": "", "receiver_phone": "", "receiver_address": "", "note": "as ever"}
    others = order("q-1", **others, customer_id="other")
    put(home, "orders", DAYS[2], [others], "nobody.csv")
    put(home, "orders", DAYS[2], [{**others, "note": f"give it to {NAME}"}], "named.csv")
    put(home, "orders", DAYS[2], [{**others, "note": PERSON}], "id.csv")
    folder = home.landing / "native" / "orders" / f"dt={DAYS[2]}"
    for name in ("nobody", "named"):
        plain = (folder / f"{name}.csv").read_bytes().replace(b"q-1", b"q-2")
        (folder / f"{name}2.csv.gz").write_bytes(gzip.compress(plain))
        duckdb.execute(
            f"copy (from read_csv('{folder / name}.csv', all_varchar = true))"
            f" to '{folder / name}.parquet'"
        )
    with pipeline.opened(home, "ingest") as opened:
        assert opened.ingest().loaded == 7
        opened.audit_deliveries()
    listed = [path for path in erase(home).landing if DAYS[2] in path]
    named = {
        f"native/orders/dt={DAYS[2]}/{name}"
        for name in ("id.csv", "named.csv", "named.parquet", "named2.csv.gz")
    }
    assert set(listed) == named
    kept = {path.name for path in home.evidence.glob("??/*")}
    delivered = rows(
        home.warehouse, f"select path, sha256 from raw.deliveries where dt = '{DAYS[2]}'"
    )
    assert {path for path, sha256 in delivered if sha256 not in kept} == named
    assert not (home.evidence / ".work").exists()


def test_reasons_of_rows_that_were_emptied_before_lose_their_values_too(home: Home) -> None:
    put(home, "orders", DAYS[1], [order("q", customer_id="only-bad", order_amount="x")], "q.csv")
    with pipeline.opened(home, "ingest") as opened:
        opened.ingest()
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute("update raw.quarantine set row_text = null where path like '%/q.csv'")
    assert erase(home).quarantined == 2
    reason = "select reason from raw.quarantine where path like '%/q.csv'"
    assert rows(home.warehouse, reason) == [("order_amount '…' is not a whole number of 64 bits",)]


def test_a_compressed_file_that_could_not_be_read_may_name_them(home: Home) -> None:
    folder = home.landing / "native" / "orders" / f"dt={DAYS[2]}"
    folder.mkdir(parents=True)
    (folder / "cut.csv.gz").write_bytes(gzip.compress(f"customer_id {PERSON}".encode())[:-8])
    (folder / "other.csv").touch()
    with zipfile.ZipFile(folder / "orders.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("orders.csv", f"customer_id\n{PERSON}\n")
    (folder / os.fsdecode("订单.csv".encode("gb18030"))).write_text(f"customer_id\n{PERSON}\n")
    (folder / os.fsdecode("空.csv".encode("gb18030"))).write_text("customer_id\nnobody\n")
    with pipeline.opened(home, "ingest") as opened:
        opened.ingest()
    listed = erase(home).landing
    assert f"native/orders/dt={DAYS[2]}/cut.csv.gz" in listed
    assert f"native/orders/dt={DAYS[2]}/other.csv" not in listed
    assert f"native/orders/dt={DAYS[2]}/orders.zip" in listed
    assert len([path for path in listed if path.startswith("./")]) == 1


@pytest.mark.soak
def test_files_that_name_the_person_again_are_loaded_without(home: Home, tmp_path: Path) -> None:
    erase(home)
    folder = home.landing / "native" / "orders" / f"dt={DAYS[0]}"
    (folder / "person.csv").touch()  # the same content under the same path
    put(home, "customers", DAYS[0], [customer(gender="female")], "person.csv")
    again = [order("p-1", pay_amount=2500, updated_at=f"{DAYS[2]}T05:00:00Z"), order("p-9")]
    put(home, "orders", DAYS[2], [*again, order("p-8", order_amount="much")], "again.csv")
    put(
        home,
        "orders",
        DAYS[2],
        [order("p-9", customer_id="", updated_at=f"{DAYS[2]}T06:00:00Z")],
        "nobodys.csv",
    )
    record = pipeline.run(home)
    assert record.outcome == "published"
    assert record.ingested["rows_quarantined"] == 1
    assert record.ingested["new_customers"] == 0
    assert naming(home) == set()
    assert [text for text in PLANTED if text.encode() in in_plain(home.warehouse, tmp_path)] == []
    found = "select customer_key, pay_amount::varchar from core.fct_orders where order_id = "
    assert rows(home.published, f"{found} 'p-1'") == [(None, "25.00")]
    assert rows(home.published, f"{found} 'p-9'") == [(None, "30.00")]
    assert len(rows(home.published, "from core.dim_customers")) == 1
    assert is_equal_to_its_rebuild(home)


@pytest.mark.soak
def test_another_customer_key_would_not_recognise_the_erased(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    erase(home)
    monkeypatch.setenv("ANXIN_CUSTOMER_KEY", "another key, long enough to be one")
    with pytest.raises(AnxinError, match="put the earlier key back"):
        pipeline.run(home)


@pytest.mark.parametrize(
    "text",
    [
        f'{{"order_id":"p","customer_id":"{PERSON}","receiver_name":"x"}}',
        f"p-3,{PERSON},x,too,many",
        f'{{"customer_id": "{PERSON}", "order_id": ',
        f"'{PERSON}'\t7",
        '{"customer_id": "\\u0063ust-Vq83hTzLm"',
        f"{PERSON}.0;1",
    ],
)
def test_an_id_is_found_in_the_text_of_a_row(text: str) -> None:
    assert PERSON in erasures.words(text)


def test_another_id_that_begins_alike_is_another() -> None:
    assert PERSON not in erasures.words(f'{{"customer_id":"{PERSON}0"}}')
