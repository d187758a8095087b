from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import pairwise

import duckdb
import pytest

from simulator.contract import entities
from simulator.parameters import BEGINNING, Parameters, utc
from simulator.world import ENTITIES, make_world, state_sql

LINES = 30_000
SMALL = Parameters(lines=LINES, seed=11)
TINY = Parameters(lines=1_000, seed=3)
LIVES = (
    "orders",
    "order_lines",
    "claims",
    "disputes",
    "reviews",
    "shipments",
    "service_conversations",
    "complaints",
)


def made(parameters: Parameters, threads: int = 2) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute(f"set threads = {threads}; set preserve_insertion_order = true")
    make_world(connection, parameters)
    return connection


@pytest.fixture(scope="module")
def world() -> Iterator[duckdb.DuckDBPyConnection]:
    with made(SMALL) as connection:
        yield connection


def number(world: duckdb.DuckDBPyConnection, sql: str) -> float:
    row = world.execute(sql).fetchone()
    assert row is not None
    return row[0] or 0


def final(entity: str, until: datetime = SMALL.end_at) -> str:
    return f"({state_sql(entity, BEGINNING, until, None)})"


@pytest.mark.parametrize(
    "parameters",
    [
        SMALL,
        TINY,
        Parameters(lines=1_000, seed=1, from_date=date(2021, 5, 1), to_date=date(2021, 5, 9)),
        Parameters(lines=5_000, seed=1, from_date=date(2019, 11, 1), to_date=date(2022, 2, 1)),
        Parameters(lines=1_003, seed=1, from_date=date(2021, 6, 10), to_date=date(2021, 6, 10)),
    ],
)
def test_any_size_and_span_has_exactly_its_lines(parameters: Parameters) -> None:
    with made(parameters) as connection:
        assert number(connection, "select count(*) from truth.order_lines") == parameters.lines
        assert number(connection, "select count(*) from truth.cases") == 2
        outside = number(
            connection,
            "select count(*) from truth.orders cross join truth.parameters"
            " where (created_at + interval 8 hour)::date not between from_date and to_date",
        )
        assert outside == 0


def fingerprint(world: duckdb.DuckDBPyConnection, table: str) -> object:
    """Of the rows in their order."""
    return world.execute(
        f"select md5(string_agg(row_hash::varchar, '' order by nth)) from"
        f" (select hash(t) as row_hash, rowid as nth from truth.{table} as t)"
    ).fetchone()


def test_the_same_seed_gives_the_same_rows_on_any_number_of_threads() -> None:
    tables = (*LIVES, "customers", "merchants", "products", "creators", "livestream_traffic")
    parameters = Parameters(lines=5_000, seed=5)
    with made(parameters, threads=1) as one, made(parameters, threads=2) as two:
        for table in tables:
            assert fingerprint(one, table) == fingerprint(two, table), table
        with made(Parameters(lines=5_000, seed=6)) as other:
            assert fingerprint(one, "orders") != fingerprint(other, "orders")


@pytest.mark.parametrize("entity", ENTITIES)
def test_states_have_the_contract_and_their_required_values(
    world: duckdb.DuckDBPyConnection, entity: str
) -> None:
    relation = world.sql(state_sql(entity, BEGINNING, SMALL.end_at, None))
    contract = entities()[entity]
    assert dict(zip(relation.columns, map(str, relation.types), strict=True)) == {
        name: kind.upper() for name, kind in contract.types.items()
    }
    missing = " or ".join(f"{name} is null" for name in contract.required)
    assert number(world, f"select count(*) from {final(entity)} where {missing}") == 0
    key = ", ".join((*contract.keys, "updated_at"))
    assert number(world, f"select count(*) from {final(entity)}") > 0
    assert number(world, f"select count(*) - count(distinct ({key})) from {final(entity)}") == 0


@pytest.mark.parametrize(
    "rule",
    [
        "promotion_amount = promotion_shop_amount + promotion_platform_amount"
        " + promotion_creator_amount",
        "platform_cost_amount = platform_only_cost_amount + creator_cost_amount",
        "total_promotion_amount = promotion_amount + freight_promotion_amount",
        "freight_origin_amount = freight_amount + freight_promotion_amount",
        "shop_cost_amount = promotion_shop_amount",
        "creator_cost_amount = promotion_creator_amount",
        "platform_only_cost_amount = promotion_platform_amount",
        "order_amount = pay_amount + promotion_amount",
        "pay_amount = line_pay + freight_amount",
        "order_amount = line_order + freight_amount",
        "least(pay_amount, freight_amount, promotion_shop_amount, promotion_platform_amount,"
        " promotion_creator_amount, lowest) >= 0",
    ],
)
def test_amounts_of_an_order_agree(world: duckdb.DuckDBPyConnection, rule: str) -> None:
    broken = number(
        world,
        "select count(*) from truth.orders inner join (select order_id,"
        " sum(pay_amount) as line_pay, sum(order_amount) as line_order,"
        " min(least(pay_amount, item_count)) as lowest"
        f" from truth.order_lines group by all) using (order_id) where not coalesce({rule}, false)",
    )
    assert broken == 0


@pytest.mark.parametrize(
    ("table", "times"),
    [
        ("orders", "created_at, paid_at, prepared_at, shipped_at, finished_at"),
        ("orders", "paid_at, prepared_at, partly_shipped_at, shipped_at, cancelled_at"),
        ("order_lines", "created_at, paid_at, received_at"),
        ("claims", "order_created_at, applied_at, refused_at, ended_at"),
        (
            "claims",
            "applied_at, approved_at, returned_at, return_received_at, reshipped_at, ended_at",
        ),
        ("claims", "return_received_at, instructed_at, failed_at, refunded_at, recovered_at"),
        ("claims", "approved_at, instructed_at, refunded_at, recovered_at"),
        ("disputes", "opened_at, evidence_at, judged_at, closed_at"),
        ("shipments", "order_created_at, prepared_at, picked_up_at, delivered_at"),
        ("service_conversations", "started_at, first_replied_at, ended_at"),
        ("complaints", "complained_at, closed_at"),
        ("livestream_sessions", "started_at, ended_at"),
    ],
)
def test_times_are_in_order(world: duckdb.DuckDBPyConnection, table: str, times: str) -> None:
    wrong = number(
        world,
        f"select count(*) from (select list_filter([{times}], lambda t: t is not null) as times"
        f" from truth.{table}) where list_sort(times) <> times",
    )
    assert wrong == 0


def test_statuses_follow_from_the_times(world: duckdb.DuckDBPyConnection) -> None:
    orders = final("orders")
    for wrong in (
        "order_status in (105, 2, 101, 3, 5) and paid_at is null",
        "order_status = 5 and finished_at is null",
        "order_status = 1 and paid_at is not null",
        "updated_at < created_at",
    ):
        assert number(world, f"select count(*) from {orders} where {wrong}") == 0, wrong
    claims = final("claims")
    for wrong in (
        "(refund_status in (3, 5)) <> (refunded_at is not null)",
        "(refund_amount is null) <> (refunded_at is null)",
        "claim_type in (3, 7, 8) and refund_status is not null",
        "claim_status in (12, 51) and approved_at is null",
        "payer is null and refund_status = 3",
    ):
        assert number(world, f"select count(*) from {claims} where {wrong}") == 0, wrong
    statuses = number(world, f"select count(distinct claim_status) from {claims}")
    assert statuses >= 9


def test_refunds_never_exceed_what_was_paid(world: duckdb.DuckDBPyConnection) -> None:
    over = number(
        world,
        "select count(*) from (select order_id, sum(refund_amount) as refunded from truth.claims"
        " group by order_id) inner join truth.orders using (order_id) where refunded > pay_amount",
    )
    assert over == 0
    over = number(
        world,
        "select count(*) from (select line_id, sum(refund_amount) as refunded from truth.claims"
        " where line_id is not null group by line_id) inner join truth.order_lines using (line_id)"
        " where refunded > pay_amount",
    )
    assert over == 0


@pytest.mark.parametrize(
    ("table", "column", "target"),
    [
        ("order_lines", "order_id", "orders"),
        ("order_lines", "product_id", "products"),
        ("order_lines", "creator_id", "creators"),
        ("order_lines", "session_id", "livestream_sessions"),
        ("orders", "customer_id", "customers"),
        ("orders", "merchant_id", "merchants"),
        ("products", "merchant_id", "merchants"),
        ("claims", "order_id", "orders"),
        ("claims", "line_id", "order_lines"),
        ("disputes", "claim_id", "claims"),
        ("reviews", "product_id", "products"),
        ("livestream_sessions", "creator_id", "creators"),
        ("livestream_sessions", "merchant_id", "merchants"),
        ("complaints", "creator_id", "creators"),
        ("ad_spend", "session_id", "livestream_sessions"),
        ("violations", "merchant_id", "merchants"),
        ("right_enrolments", "merchant_id", "merchants"),
    ],
)
def test_ids_lead_somewhere(
    world: duckdb.DuckDBPyConnection, table: str, column: str, target: str
) -> None:
    key = "session_id" if target == "livestream_sessions" else f"{target.removesuffix('s')}_id"
    key = "line_id" if target == "order_lines" else key
    orphans = number(
        world,
        f"select count(*) from truth.{table} where {column} is not null"
        f" and {column} not in (select {key} from truth.{target})",
    )
    assert orphans == 0


def test_sessions_agree_with_their_traffic_and_orders(world: duckdb.DuckDBPyConnection) -> None:
    wrong = number(
        world,
        "select count(*) from truth.livestream_sessions as sessions inner join ("
        " select session_id, sum(view_count) as views, sum(product_exposure_count) as exposures,"
        " sum(product_click_count) as clicks, sum(comment_count) as comments,"
        " sum(new_follower_count) as followers, max(online_count) as peak"
        " from truth.livestream_traffic group by all) using (session_id)"
        " where views <> view_count or exposures <> product_exposure_count"
        " or clicks <> product_click_count or comments <> comment_count"
        " or followers <> new_follower_count or peak <> peak_online_count"
        " or viewer_count > view_count or product_click_count > product_exposure_count",
    )
    assert wrong == 0
    outside = number(
        world,
        "select count(*) from truth.orders inner join truth.livestream_sessions using (session_id)"
        " where created_at not between started_at and ended_at",
    )
    assert outside == 0


def test_both_cases_happen_as_told(world: duckdb.DuckDBPyConnection) -> None:
    durian, allergy = (
        world.execute(
            f"select claims.*, received_at from {final('claims')} as claims"
            f" inner join {final('order_lines')} using (line_id)"
            f" inner join truth.cases on claims.claim_id = cases.claim_id::varchar"
            f" where case_code = '{case}'"
        )
        .fetch_arrow_table()
        .to_pylist()[0]
        for case in ("durian", "allergy")
    )
    assert durian["right_code"] == "R6"
    assert durian["refund_amount"] == 36_800
    assert durian["applied_at"] - durian["received_at"] == timedelta(hours=4)
    assert durian["approved_at"] - durian["applied_at"] < timedelta(hours=5)
    eight = timedelta(hours=8)
    assert (durian["refunded_at"] + eight).date() == (durian["applied_at"] + eight).date()
    assert (allergy["right_code"], allergy["claim_type"]) == ("R7", 0)
    assert allergy["refund_amount"] == 149_000
    assert (allergy["applied_at"] - allergy["received_at"]).days == 29
    assert allergy["approved_at"] - allergy["applied_at"] <= timedelta(minutes=3)
    assert allergy["refunded_at"] > allergy["return_received_at"]


@pytest.mark.parametrize("entity", ENTITIES)
def test_states_of_following_times_add_up_to_the_last(
    world: duckdb.DuckDBPyConnection, entity: str
) -> None:
    """The newest state of each thing over three deliveries is the final one."""
    times = [BEGINNING, utc(date(2021, 3, 2)), utc(date(2021, 8, 21)), SMALL.end_at]
    keys = ", ".join(entities()[entity].keys)
    versions = entity in ("products", "merchants", "creators", "customers")
    keys = f"{keys}, updated_at" if versions else keys
    parts = " union all ".join(
        f"({state_sql(entity, after, until, None)})" for after, until in pairwise(times)
    )
    newest = (
        f"select * from ({parts})"
        f" qualify row_number() over (partition by {keys} order by updated_at desc) = 1"
    )
    for one, other in ((newest, final(entity)), (final(entity), newest)):
        assert number(world, f"select count(*) from (from ({one}) except from ({other}))") == 0


def test_pruning_by_creation_loses_nothing_recent(world: duckdb.DuckDBPyConnection) -> None:
    after, until = utc(date(2021, 8, 25)), utc(date(2021, 8, 26))
    for entity in ("orders", "order_lines", "shipments"):
        everything = state_sql(entity, after, until, None)
        pruned = state_sql(entity, after, until, date(2021, 5, 1))
        assert (
            number(world, f"select count(*) from (from ({everything}) except from ({pruned}))") == 0
        )
