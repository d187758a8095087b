"""Contract, sources and raw tables fit each other, and grow together."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from orchestration.home import AnxinError
from orchestration.ingestion import contract, schema
from orchestration.ingestion.contract import Column, load_contract
from orchestration.ingestion.sources import check_entities, load_sources

from .conftest import GOOD, PRODUCTS, Room


def test_every_entity_has_a_native_feed_that_is_one_to_one() -> None:
    feeds = load_sources()["native"].feeds
    assert feeds.keys() == load_contract().keys()
    assert all(feed.is_identity for feed in feeds.values())


def test_every_entity_has_a_key_and_a_required_version() -> None:
    for entity in load_contract().values():
        columns = {column.name: column for column in entity.columns}
        assert any(column.key and column.required for column in entity.columns), entity.name
        assert columns[entity.version].required, entity.name
        assert all(columns[total].type == "bigint" for total in entity.totals), entity.name


def test_sources_declare_time_zone_and_currency(room: Room) -> None:
    room.ingest()
    assert room.all("from raw.sources order by all") == [
        ("alipay", "Asia/Shanghai", "CNY"),
        ("douyin", "Asia/Shanghai", "CNY"),
        ("native", "Asia/Shanghai", "CNY"),
        ("online_retail", "Europe/London", "GBP"),
        ("wechat_pay", "Asia/Shanghai", "CNY"),
    ]


def test_a_raw_table_has_the_contracts_columns_in_order(room: Room) -> None:
    room.ingest()
    for entity in load_contract().values():
        described = room.all(f"describe raw.{entity.name}")
        assert [(row[0], row[1].lower()) for row in described] == [
            *((column.name, column.type) for column in entity.columns),
            ("source", "varchar"),
            ("_delivery_id", "bigint"),
            ("_row_number", "bigint"),
            *([("_erased_seq", "bigint")] if entity.people else []),
        ]
    assert room.one("select count(*) from duckdb_indexes()") == 0


def with_products(*columns: Column) -> dict[str, contract.Entity]:
    """Return the contract with other columns of products."""
    entities = load_contract()
    return entities | {"products": replace(entities["products"], columns=columns)}


def test_a_new_nullable_column_is_added_and_read_from_the_files_that_have_it(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.put(f"{PRODUCTS},shelf\n{GOOD},7\n", "a.csv")
    room.ingest()
    columns = load_contract()["products"].columns
    wider = with_products(Column("shelf", "bigint"), *columns)
    monkeypatch.setattr("orchestration.ingestion.run.load_contract", lambda: wider)
    room.ingest()
    assert room.all("select _delivery_id, product_id, shelf from raw.products order by all") == [
        (1, "p1", None),
        (2, "p1", 7),
    ]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: (*c[:-1], replace(c[-1], type="date")), "updated_at is a timestamp, but"),
        (lambda c: c[:-1], "has the column updated_at, which the contract lacks"),
        (lambda c: (*c, Column("shelf", "bigint", required=True)), "requires products.shelf"),
    ],
)
def test_any_other_change_of_the_contract_is_refused(
    room: Room, change: object, message: str
) -> None:
    room.products(GOOD)
    room.ingest()
    assert callable(change)
    changed = with_products(*change(load_contract()["products"].columns))
    with pytest.raises(AnxinError, match=message):
        schema.ensure(room.connection, changed, load_sources())
    schema.ensure(room.connection, load_contract(), load_sources())


@pytest.mark.parametrize(
    ("yaml", "message"),
    [
        ("{columns: [{name: a, data_type: double}]}", "t.a has the type double"),
        (
            "{columns: [{name: a, data_type: bigint}], config: {meta: {version: b}}}",
            "t has no column b",
        ),
    ],
)
def test_a_contract_that_breaks_its_own_rules_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, yaml: str, message: str
) -> None:
    file = tmp_path / "contract.yml"
    table = yaml.replace("{columns", "{name: t, columns", 1)
    if "config" not in table:
        table = table[:-1] + ", config: {meta: {version: a}}}"
    file.write_text(f"sources: [{{name: native, tables: [{table}]}}]")
    monkeypatch.setattr(contract, "CONTRACT_FILE", file)
    with pytest.raises(AnxinError, match=message):
        load_contract()


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        ("currency_code: EUR", "shop/source.yml lacks time_zone"),
        ("{time_zone: Mars/Base, currency_code: EUR}", "'Mars/Base' is no time zone"),
    ],
)
def test_a_source_that_is_badly_declared_is_refused(
    tmp_path: Path, declared: str, message: str
) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "source.yml").write_text(declared)
    with pytest.raises(AnxinError, match=message):
        load_sources(tmp_path)


def test_shared_sql_speaks_the_words_of_its_feed_and_has_to_be_there(tmp_path: Path) -> None:
    source = tmp_path / "shop"
    for folder in ("_common", "bills", "goods"):
        (source / folder).mkdir(parents=True)
    (source / "source.yml").write_text("{time_zone: UTC, currency_code: EUR}")
    (source / "_common" / "products.sql").write_text('select "{id}" from delivered')
    (source / "_common" / "_totals.sql").write_text("select 1")
    (source / "goods" / "_shared.yml").write_text("{folder: _common, names: {id: 号}}")
    (source / "goods" / "_totals.sql").write_text("select 2")
    feeds = load_sources(tmp_path)["shop"].feeds
    assert feeds.keys() == {"goods"}
    assert feeds["goods"].mappings == (("products", 'select "号" from delivered'),)
    assert feeds["goods"].totals == "select 2"
    (source / "bills" / "_shared.yml").write_text("{folder: _comon, names: {}}")
    with pytest.raises(AnxinError, match=r"shop/bills/_shared.yml: the folder _comon holds no SQL"):
        load_sources(tmp_path)


def test_a_mapping_to_an_unknown_entity_is_refused(tmp_path: Path) -> None:
    feed = tmp_path / "shop" / "goods"
    feed.mkdir(parents=True)
    (feed.parent / "source.yml").write_text("{time_zone: UTC, currency_code: EUR}")
    (feed / "wares.sql").write_text("select * from delivered")
    with pytest.raises(AnxinError, match="the contract has no entity wares"):
        check_entities(load_sources(tmp_path), load_contract())


def test_a_source_with_the_ids_of_another_delivers_what_goes_by_numbers(tmp_path: Path) -> None:
    feed = tmp_path / "support" / "cases"
    feed.mkdir(parents=True)
    (feed.parent / "source.yml").write_text("{time_zone: UTC, currency_code: CNY, ids_of: native}")
    (feed / "fund_flows.sql").write_text("select * from delivered")
    check_entities(load_sources(tmp_path), load_contract())
    (feed / "violations.sql").write_text("select * from delivered")
    told = (
        "support/cases/violations.sql: a source with ids_of delivers channel_bill_lines,"
        " fund_flows, refund_orders only; deliver violations as a feed of native"
    )
    with pytest.raises(AnxinError, match=told):
        check_entities(load_sources(tmp_path), load_contract())


@pytest.mark.parametrize(
    ("whole", "told"),
    [
        ("{sale: [order_lines]}", "shop/source.yml: `whole` names sale, which is no feed"),
        ("{sales: [orders]}", "shop/source.yml: the feed sales does not map orders"),
        ("{sales: order_lines}", "shop/source.yml: write `whole` as {<feed>: "),
        ("null", "shop/source.yml: write `whole` as {<feed>: "),
    ],
)
def test_what_stands_whole_in_a_file_is_an_entity_of_a_feed(
    tmp_path: Path, whole: str, told: str
) -> None:
    feed = tmp_path / "shop" / "sales"
    feed.mkdir(parents=True)
    (feed.parent / "source.yml").write_text(
        f"{{time_zone: UTC, currency_code: CNY, whole: {whole}}}"
    )
    (feed / "order_lines.sql").write_text("select * from delivered")
    with pytest.raises(AnxinError, match=told):
        check_entities(load_sources(tmp_path), load_contract())
