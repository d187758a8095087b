"""People of several sources: each is looked for as the files of a source name them."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from orchestration import pipeline
from orchestration.home import Home, UsageError
from orchestration.ingestion import content
from orchestration.ingestion.errors import FileUnavailableError
from orchestration.ingestion.landing import deliver
from tests.erasing.people import erase, naming, rows
from tests.ingestion.bills import PAYMENT, wechat
from tests.small_landing import DAYS, put

RETAIL = "online_retail:17850"
OTHER = "online_retail:14527"
HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"
SALES = (
    "536365,85123A,HEART,6,2011-07-01 08:26:00,2.55,17850,United Kingdom",
    "536379,22139,GLASS,1,2011-07-01 09:41:00,3.50,14527,France",
)
SINCE = "2021-07-01T00:00:00Z"
CUSTOMER = {"customer_id": "cust9", "customer_name": "Zxq7Wv Kjp2Qmb", "updated_at": SINCE}
PRODUCT = {"product_id": "p1", "merchant_id": "m1", "category_id": "food", "updated_at": SINCE}


@dataclass
class Platform:
    """A home with customers of two sources."""

    home: Home
    folder: Path

    def put(self, content: str | bytes, name: str, feed: str = "online_retail/transactions") -> str:
        """Deliver a file; return its path in the landing."""
        file = self.folder / name
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        source, _, feed = feed.partition("/")
        landed = deliver(self.home, file, source, feed, DAYS[0])
        return landed.relative_to(self.home.landing).as_posix()

    def ingest(self) -> None:
        """Load what lies in the landing."""
        with pipeline.opened(self.home, "ingest") as opened:
            opened.ingest()
            opened.finish("ingested", "done")

    def all(self, query: str) -> list[tuple[object, ...]]:
        """Return what a query of the warehouse yields."""
        return rows(self.home.warehouse, query)

    def is_kept(self, path: str) -> bool:
        """Whether the evidence of a delivery is there."""
        ((sha256,),) = self.all(f"select distinct sha256 from raw.deliveries where path = '{path}'")
        return (self.home.evidence / str(sha256)[:2] / str(sha256)).exists()


@pytest.fixture
def platform(tmp_path: Path) -> Platform:
    platform = Platform(Home(tmp_path / "home").create(), tmp_path)
    platform.put("\n".join([HEADER, *SALES]) + "\n", "sales.csv")
    put(platform.home, "customers", DAYS[0], [CUSTOMER], "cust9.csv")
    return platform


def test_whoever_has_a_prefix_is_erased_as_their_files_name_them(platform: Platform) -> None:
    bad = "536380,22139,,much,2011-01-02 08:45:00,0,17850.0,Spain"
    sales = platform.put("\n".join([HEADER, bad]) + "\n", "bad.csv")
    platform.ingest()
    done = erase(platform.home, RETAIL)
    assert (done.people, done.quarantined) == (1, 1)
    assert not platform.is_kept(sales)
    assert platform.all(f"from raw.orders where customer_id = '{RETAIL}'") == []
    assert platform.all("select count(*) from raw.orders where customer_id is not null") == [(1,)]


def test_a_number_of_another_source_is_not_their_id(platform: Platform) -> None:
    path = platform.put(
        json.dumps({**PRODUCT, "product_id": "17850", "updated_at": "never"}) + "\n",
        "p.jsonl",
        "native/products",
    )
    platform.ingest()
    assert erase(platform.home, RETAIL).quarantined == 0
    assert platform.all("select row_text is null from raw.quarantine") == [(False,)]
    assert platform.is_kept(path)
    with pytest.raises(UsageError, match="1 of the customers are unknown"):
        erase(platform.home, "online_retail:p1")


@pytest.mark.parametrize("name", ["p.csv", "p.jsonl"])
def test_content_that_came_under_two_sources_is_searched_for_both(
    platform: Platform, name: str
) -> None:
    product = {**PRODUCT, "remark": "客户：cust9，已退"}
    content = json.dumps(product) + "\n"
    if name == "p.csv":
        content = f"{','.join(product)}\n{','.join(product.values())}\n"
    platform.put(content, name)
    platform.ingest()
    path = platform.put(content, name, "native/products")
    platform.ingest()
    statuses = "select status from raw.deliveries where path like '%/p.%' order by delivery_id"
    assert platform.all(statuses) == [("rejected",), ("loaded",)]
    assert path in erase(platform.home, "cust9").landing
    assert not platform.is_kept(path)


def test_unreadable_files_are_searched_after_their_evidence_is_gone(platform: Platform) -> None:
    broken = platform.put(f"Invoice,Customer\n1,{RETAIL.partition(':')[2]}\n", "broken.csv")
    platform.ingest()
    assert broken not in erase(platform.home, OTHER).landing
    assert not platform.is_kept(broken)
    assert broken in erase(platform.home, RETAIL).landing


def test_unreadable_files_are_searched_in_any_spelling(platform: Platform) -> None:
    name = 'Zxq "7Wv" 张三'
    customer = {**CUSTOMER, "customer_id": "cust8", "customer_name": name}
    put(platform.home, "customers", DAYS[0], [customer], "cust8.csv")
    in_csv = name.replace('"', '""')
    text = f'id,name\n1,"{in_csv}"\n'
    named = {
        platform.put(json.dumps({"x": name}) + "\n", "escaped.jsonl", "native/products"),
        platform.put(text.encode("utf-16"), "sixteen.csv"),
        platform.put(text.encode("gb18030"), "bill.csv"),
        platform.put(text, "quoted.csv"),
    }
    other = platform.put("id,name\n1,Zxq\n", "other.csv")
    platform.ingest()
    unread = "select path from raw.deliveries where status = 'rejected' and rows_read = 0"
    assert {path for (path,) in platform.all(unread)} == {*named, other}
    listed = set(erase(platform.home, "cust8").landing)
    assert named <= listed
    assert other not in listed


def test_what_came_in_order_since_or_can_be_read_elsewhere_is_not_listed(
    platform: Platform,
) -> None:
    cut = platform.put(b"PK\x03\x04", "p.csv.zip", "native/products")
    folder = platform.home.landing / "native" / "products"
    (folder / "latest").symlink_to(folder / f"dt={DAYS[0]}")
    platform.ingest()
    assert cut in erase(platform.home, OTHER).landing
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("p.csv", f"{','.join(PRODUCT)}\n{','.join(PRODUCT.values())}\n")
    assert platform.put(archive.getvalue(), "p.csv.zip", "native/products") == cut
    platform.ingest()
    statuses = f"select status from raw.deliveries where path = '{cut}' order by delivery_id"
    assert platform.all(statuses) == [("rejected",), ("loaded",)]
    listed = erase(platform.home, RETAIL).landing
    assert not [path for path in listed if path == cut or path.endswith("latest")]


def test_what_no_ingest_could_open_is_listed(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = platform.put("product_id\n", "shut.csv", "native/products")
    keep = content.keep

    def kept(home: Home, location: Path) -> content.Content:
        if location.name == "shut.csv":
            raise FileUnavailableError("Permission denied")
        return keep(home, location)

    def shut(location: Path) -> bool:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(content, "keep", kept)
    platform.ingest()
    monkeypatch.setattr("orchestration.erasing.is_text", shut)
    assert path in erase(platform.home, OTHER).landing


def test_reasons_and_notes_lose_what_they_quote_of_a_person(platform: Platform) -> None:
    name = CUSTOMER["customer_name"]
    header, row, totals, stated = wechat(PAYMENT).decode().splitlines()
    bill = "\r\n".join([header, row, totals, f"`{name}{stated.partition(',')[0]}"])
    platform.put(f"{bill},{stated.partition(',')[2]}\r\n", "bill.csv", "wechat_pay/trade_bill_all")
    put(platform.home, "products", DAYS[0], [{**PRODUCT, name: "x", "extra": "y"}], "wide.csv")
    platform.ingest()
    told = (
        "select concat(status_reason, notes) from raw.deliveries where path like '%/bill.csv'"
        " or path like '%/wide.csv' union all select reason from raw.change_events"
    )
    assert [name.lower() in str(text).lower() for (text,) in platform.all(told)].count(True) == 3
    assert [path for path in naming(platform.home, (name,)) if path.startswith("logs/")]
    erase(platform.home, "cust9")
    assert naming(platform.home, (name,)) == set()
    texts = sorted(str(text) for (text,) in platform.all(told))
    assert texts == [
        "columns that the feed does not use: …; evidence removed: it named an erased person",
        "erased by dpo",
        "the bill states 总交易单数 as '…', which is no number",
        "the bill states 总交易单数 as '…', which is no number",
    ]
