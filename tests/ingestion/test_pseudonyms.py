"""People are known by a keyed hash, and the key shows nowhere."""

from __future__ import annotations

import hashlib
import hmac
import stat

import pytest

from orchestration.home import AnxinError
from orchestration.ingestion import pseudonyms

from .conftest import Room

KEY = "correct horse battery staple, and more of it"
ORDERS = (
    "order_id,merchant_id,customer_id,order_status,order_amount,pay_amount,freight_amount,"
    "created_at,updated_at"
)


def put_orders(room: Room, *customers: str, name: str = "a.csv") -> None:
    """Put one order for each customer."""
    rows = [f"o{n},m1,{who},5,1,1,0,2021-08-01,2021-08-01" for n, who in enumerate(customers)]
    room.put("\n".join([ORDERS, *rows]), name, feed="orders")


def expected(customer_id: str, key: str = KEY) -> str:
    """Return the pseudonym as its definition says."""
    return hmac.new(key.encode(), customer_id.encode(), hashlib.sha256).hexdigest()[:32]


def test_each_person_gets_one_pseudonym(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(pseudonyms.KEY_VARIABLE, KEY)
    put_orders(room, "c1", "c2", "c1", "")
    put_orders(room, "c2", "c3", name="b.csv")
    room.put("customer_id,updated_at\nc4,2021-08-01\nbad:,2021-08-01\n", feed="customers")
    report = room.ingest()
    key_id = hashlib.sha256(KEY.encode()).hexdigest()[:8]
    assert room.all("from raw.customer_pseudonyms order by all") == [
        (name, expected(name), key_id) for name in ("c1", "c2", "c3", "c4")
    ]
    assert report.new_customers == 4
    assert not home_file(room)


def home_file(room: Room) -> bool:
    """Whether the home has a key file."""
    return room.home.customer_key_file.exists()


def test_the_key_file_is_made_once_and_is_for_the_owner_only(room: Room) -> None:
    room.ingest()
    key = room.home.customer_key_file.read_text()
    assert stat.S_IMODE(room.home.customer_key_file.stat().st_mode) == 0o600
    assert len(bytes.fromhex(key.strip())) == 32
    put_orders(room, "c1")
    room.ingest()
    assert room.home.customer_key_file.read_text() == key
    query = "select customer_key from raw.customer_pseudonyms"
    assert room.one(query) == expected("c1", key.strip())
    assert [entry.name for entry in room.home.root.glob(".customer*")] == []


def test_another_key_gives_everyone_another_pseudonym(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_orders(room, "c1", "c2")
    room.ingest()
    monkeypatch.setenv(pseudonyms.KEY_VARIABLE, KEY)
    report = room.ingest()
    assert (report.rekeyed_customers, report.new_customers) == (2, 0)
    query = "select customer_id, customer_key from raw.customer_pseudonyms order by all"
    assert room.all(query) == [("c1", expected("c1")), ("c2", expected("c2"))]
    assert room.ingest().rekeyed_customers == 0


def test_a_key_that_protects_nothing_is_refused_without_showing_it(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(pseudonyms.KEY_VARIABLE, "hunter2")
    with pytest.raises(AnxinError, match="less than 32 characters") as error:
        room.ingest()
    assert "hunter2" not in str(error.value)


def test_the_key_does_not_show_when_it_is_printed() -> None:
    assert KEY not in repr(pseudonyms.Key(KEY.encode()))


def test_a_rolled_back_delivery_leaves_no_pseudonym(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_orders(room, "c1")
    with monkeypatch.context() as patch:
        patch.setattr("orchestration.ingestion.load.enter", _fail)
        with pytest.raises(RuntimeError):
            room.ingest()
    for table in ("customer_pseudonyms", "orders", "quarantine", "control_totals"):
        assert room.one(f"select count(*) from raw.{table}") == 0


def _fail(*_: object) -> None:
    raise RuntimeError


def test_many_small_deliveries_find_who_is_known_without_a_join(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pseudonyms, "JOINS", 1)
    put_orders(room, "c0", "c1")
    room.ingest()
    for number in range(1, 7):
        put_orders(room, f"c{number - 1}", f"c{number}", f"c{number}", name=f"{number}.csv")
    assert room.ingest().new_customers == 5
    monkeypatch.setattr(pseudonyms, "SMALL_ROWS", 1)
    put_orders(room, "c5", "c8", name="large.csv")
    assert room.ingest().new_customers == 1
    query = "select customer_id, count(*) from raw.customer_pseudonyms group by 1 order by 1"
    assert room.all(query) == [(f"c{number}", 1) for number in (0, 1, 2, 3, 4, 5, 6, 8)]
