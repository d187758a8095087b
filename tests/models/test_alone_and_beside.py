"""What is alone needs no windows or groups: the short way says the same as the long one."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration import transform
from orchestration.home import Home
from tests.other_project import copied_project

MODELS = ("int_refund_orders_reconciled", "int_refund_breaks")
LONG_WAYS = ("beside_each_other", "billed_refund_orders", "funded_refund_orders")
"""Macros that leave out what is alone in its order, or has one line or one movement."""
CASES = """
create temp table cases as
select
    row_number() over () as number, *
from (select unnest(['created', 'processing', 'succeeded', 'failed']) as status)
cross join (select unnest(['original', 'small_payment', 'offline']) as route)
cross join (
    select unnest([null, timestamp '2021-06-02', timestamp '2021-06-09']) as succeeded_at
)
cross join (select unnest([null, 0, 6, 8, 10]) as due_amount)
cross join (
    select unnest([
        {'kind': null, 'status': null, 'amount': null},
        {'kind': 'refund', 'status': 'SUCCESS', 'amount': 8},
        {'kind': 'refund', 'status': 'SUCCESS', 'amount': 5},
        {'kind': 'refund', 'status': 'PROCESSING', 'amount': 8},
        {'kind': 'refund', 'status': 'FAIL', 'amount': 8},
        {'kind': 'return', 'status': 'CHANGE', 'amount': 8}
    ]) as line
)
cross join (
    select unnest([
        {'kind': null, 'holder': null, 'direction': null},
        {'kind': 'merchant_debited', 'holder': 'merchant', 'direction': 1},
        {'kind': 'platform_advanced', 'holder': 'platform', 'direction': 1},
        {'kind': 'funding_returned', 'holder': 'merchant', 'direction': 0},
        {'kind': 'buyer_repaid', 'holder': 'merchant', 'direction': 0}
    ]) as flow
)
"""
INPUTS = {
    "int_refund_orders_linked": """
        select
            'r' || number as refund_order_id, 'o' || number as reconciliation_key,
            if(due_amount is null, 'refund order r' || number, 'c' || number) as chain_id,
            'c' || number as claim_id, 'native' as source, 'CNY' as currency_code,
            'wechat' as pay_channel, 'merchant' as payer, route, status as refund_order_status,
            1 as attempt_number, 8 as refund_amount, timestamp '2021-06-01' as instructed_at,
            timestamp '2021-06-04' as due_at, succeeded_at, timestamp '2021-06-09' as updated_at
        from cases""",
    "int_refund_entitlements": """
        select
            'c' || number as claim_id, 'o' || number as reconciliation_key, 'l1' as line_id,
            'native' as source, 'CNY' as currency_code, 'wechat' as pay_channel,
            'merchant' as payer, 3 as refund_status, due_amount, 7 as goods_amount,
            20 as order_pay_amount,
            case number % 3 when 0 then null when 1 then timestamp '2021-06-03'
                else timestamp '2021-06-08' end as due_at,
            timestamp '2021-06-01' as known_at
        from cases where due_amount is not null""",
    "int_bill_lines_matched": """
        select
            'l' || number as bill_line_id, 'o' || number as reconciliation_key,
            'r' || number as refund_order_id, 'native' as source, 'CNY' as currency_code,
            'wechat' as pay_channel, 'nobody' as account_id, '1' as match_rule,
            line.kind as line_type, line.status as bill_status, line.amount as amount,
            line.amount as matched_amount, 0 as fee_amount, true as is_last,
            date '2021-06-03' as bill_date, timestamp '2021-06-03' as transacted_at,
            timestamp '2021-06-05' as updated_at
        from cases where line.kind is not null""",
    "int_fund_flows_linked": """
        select
            'f' || number as fund_flow_id, 'o' || number as reconciliation_key,
            'r' || number as refund_order_id, 'native' as source, 'CNY' as currency_code,
            flow.holder as account_holder, flow.direction, 8 as amount, flow.kind as event_type,
            flow.kind <> 'buyer_repaid' as is_refund, date '2021-06-09' as flowed_date,
            timestamp '2021-06-09' as flowed_at
        from cases where flow.kind is not null""",
}


@pytest.fixture(scope="module")
def cases(built_home: Home, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home with refund orders of every kind, each alone in its order."""
    home = Home(Path(shutil.copytree(built_home.root, tmp_path_factory.mktemp("alone") / "home")))
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute(CASES)
        for table, rows in INPUTS.items():
            connection.execute(f"insert into intermediate.{table} by name {rows}")
    return home


def found(home: Home) -> dict[str, list[tuple[Any, ...]]]:
    """Build the models anew and return their rows, without how they came about."""
    result = transform.invoke(home, ["run", "--full-refresh", "--select", *MODELS])
    assert [f"{node.name}: {node.message}" for node in result.failed] == []
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        return {
            model: connection.execute(
                f"select columns(lambda name: name <> 'is_alone') from intermediate.{model}"
                " order by all"
            ).fetchall()
            for model in MODELS
        }


def test_what_is_alone_is_judged_as_if_it_were_beside_others(
    cases: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    short = found(cases)
    project = copied_project(tmp_path / "project")
    for name in LONG_WAYS:
        macro = project / "macros" / "domain" / f"{name}.sql"
        code = macro.read_text(encoding="utf-8")
        assert code.count("having count(*) > 1") == 1
        macro.write_text(code.replace("count(*) > 1", "count(*) > 0"), encoding="utf-8")
    monkeypatch.setattr(transform, "PROJECT", project)

    long = found(cases)

    assert long == short
    assert all(short.values())
