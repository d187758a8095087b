"""Lives of the money trail to delivered rows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from simulator.parameters import utc

ENTITIES = ("refund_orders", "channel_bill_lines", "fund_flows", "insurance_policies")
_POLICY_EVENTS = (
    "effective_at",
    "claimed_at",
    "refused_at",
    "paid_out_at",
    "lapsed_at",
    "cancelled_at",
)


def state_sql(entity: str, after: datetime, until: datetime, created_from: date | None) -> str:
    """Return a select of what changed after one time, in its state as of another.

    Args:
        entity: One of `ENTITIES`.
        after: UTC; `parameters.BEGINNING` for the state of everything.
        until: UTC; what happens later is not known yet.
        created_from: What began before this date is left out; it did not change.
    """
    since = "" if created_from is None else f"and {{}} >= timestamp '{utc(created_from)}'"
    return _STATES[entity](str(after), str(until), since)


def _refund_orders(after: str, until: str, since: str) -> str:
    known = ", ".join(
        f"case when {name} <= timestamp '{until}' then {name} end as {name}"
        for name in ("first_paid_at", "failed_at", "retried_at", "succeeded_at", "returned_at")
    )
    return f"""
select
    refund_order_id::varchar as refund_order_id, claim_id::varchar as claim_id,
    order_id::varchar as order_id,
    first_attempt + (retried_at is not null)::bigint as attempt_number, pay_channel, payer,
    route,
    case
        when returned_at is not null then 'failed'
        when succeeded_at is not null then 'succeeded'
        when retried_at is not null then 'processing'
        when failed_at is not null then 'failed'
        when first_paid_at is not null then 'succeeded'
        else 'processing'
    end as refund_order_status,
    channel_refund_id, currency_code, refund_amount, instructed_at, due_at,
    coalesce(succeeded_at, first_paid_at) as succeeded_at, updated_at,
from (
    select
        *,
        greatest(
            instructed_at, first_paid_at, failed_at, retried_at, succeeded_at, returned_at
        ) as updated_at,
    from (
        select
            refund_order_id, claim_id, order_id, first_attempt, pay_channel, payer, route,
            channel_refund_id, currency_code, refund_amount, instructed_at, due_at, {known}
        from truth.refund_orders
        where instructed_at <= timestamp '{until}' {since.format("instructed_at")}
    )
)
where updated_at > timestamp '{after}'"""


def _channel_bill_lines(after: str, until: str, since: str) -> str:
    return f"""
select
    bill_line_id::varchar as bill_line_id, pay_channel, account_id, line_type,
    refund_order_id::varchar as refund_order_id, channel_refund_id,
    order_id::varchar as order_id, bill_status, currency_code, amount, fee_amount, bill_date,
    transacted_at, ready_at as updated_at,
from truth.channel_bill_lines
where ready_at > timestamp '{after}' and ready_at <= timestamp '{until}'"""


def _fund_flows(after: str, until: str, since: str) -> str:
    return f"""
select
    fund_flow_id::varchar as fund_flow_id, merchant_id::varchar as merchant_id, account_holder,
    refund_order_id::varchar as refund_order_id, order_id::varchar as order_id,
    after_sale_service_number, direction, scene, currency_code, amount, flowed_at,
    flowed_at as updated_at,
from truth.fund_flows
where flowed_at > timestamp '{after}' and flowed_at <= timestamp '{until}'"""


def _insurance_policies(after: str, until: str, since: str) -> str:
    known = ", ".join(
        f"case when {name} <= timestamp '{until}' then {name} end as {name}"
        for name in _POLICY_EVENTS
    )
    return f"""
select
    policy_id::varchar as policy_id, order_id::varchar as order_id,
    merchant_id::varchar as merchant_id,
    case when claimed_at is not null then claim_id::varchar end as claim_id,
    case
        when cancelled_at is not null then 5
        when paid_out_at is not null then 3
        when refused_at is not null or lapsed_at is not null then 4
        when effective_at is not null then 2
        else 1
    end::bigint as policy_status,
    case when cancelled_at is not null then 3 else 2 end::bigint as premium_status, payer_type,
    case
        when paid_out_at is not null then 2
        when refused_at is not null then 3
        when claimed_at is not null then 1
        else 0
    end::bigint as policy_claim_status,
    currency_code, premium_amount,
    case when paid_out_at is not null then payout_amount end as payout_amount, insured_at,
    paid_out_at, updated_at,
from (
    select *, greatest(insured_at, {", ".join(_POLICY_EVENTS)}) as updated_at
    from (
        select
            policy_id, order_id, merchant_id, claim_id, payer_type, currency_code,
            premium_amount, payout_amount, insured_at, {known}
        from truth.insurance_policies
        where insured_at <= timestamp '{until}' {since.format("insured_at")}
    )
)
where updated_at > timestamp '{after}'"""


_STATES: dict[str, Callable[[str, str, str], str]] = {
    "refund_orders": _refund_orders,
    "channel_bill_lines": _channel_bill_lines,
    "fund_flows": _fund_flows,
    "insurance_policies": _insurance_policies,
}
