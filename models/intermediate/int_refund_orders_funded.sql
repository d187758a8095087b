{{ restate(
    by='reconciliation_key',
    affected_by={
        'int_fund_flows_linked': 'reconciliation_key',
        'int_refund_orders_linked': 'reconciliation_key',
    },
    recompute=requested_keys({
        'int_fund_flows_linked': 'flowed_at',
        'int_refund_orders_linked': 'instructed_at',
    }),
) }}
-- One row per refund order that the funding accounts know, and per payment out of them that belongs
-- to no refund order. A movement that names no refund order
-- falls back, within its order, to one of the same payer and amount that nothing else funds. No
-- movement is used twice.
with
refund_orders as (
    select * from {{ affected_rows(ref('int_refund_orders_linked'), 'reconciliation_key') }}
),

fund_flows as (
    select * from {{ affected_rows(ref('int_fund_flows_linked'), 'reconciliation_key') }}
),

free_flows as (
    select
        *,
        row_number() over (
            partition by reconciliation_key, account_holder, currency_code, amount
            order by flowed_at, fund_flow_id
        ) as place,
    from fund_flows
    where refund_order_id is null and is_refund and direction = 1
),

unfunded_orders as (
    select
        *,
        row_number() over (
            partition by reconciliation_key, payer, currency_code, refund_amount
            order by instructed_at, refund_order_id
        ) as place,
    from refund_orders
    where
        succeeded_at is not null
        and reconciliation_key in (select free_flows.reconciliation_key from free_flows)
        and refund_order_id not in (
            select fund_flows.refund_order_id
            from fund_flows
            where
                fund_flows.refund_order_id is not null
                and fund_flows.is_refund
                and fund_flows.direction = 1
        )
),

matched as (
    select
        fund_flows.* exclude (refund_order_id),
        coalesce(fund_flows.refund_order_id, unfunded_orders.refund_order_id) as refund_order_id,
        fund_flows.is_refund and fund_flows.direction = 1 as is_funding,
        fund_flows.event_type = 'buyer_repaid' and fund_flows.direction = 0 as is_recovery,
    from fund_flows
    left join free_flows on fund_flows.fund_flow_id = free_flows.fund_flow_id
    left join unfunded_orders
        on free_flows.reconciliation_key = unfunded_orders.reconciliation_key
        and free_flows.account_holder = unfunded_orders.payer
        and free_flows.currency_code = unfunded_orders.currency_code
        and free_flows.amount = unfunded_orders.refund_amount
        and free_flows.place = unfunded_orders.place
),

judged as (
    select
        matched.*,
        refund_orders.payer,
    from matched
    left join refund_orders on matched.refund_order_id = refund_orders.refund_order_id
),

final as (
    select
        coalesce(refund_order_id, 'fund flow ' || fund_flow_id) as funding_id,
        refund_order_id,
        any_value(reconciliation_key) as reconciliation_key,
        any_value(source) as source,
        any_value(currency_code) as currency_code,
        count(*) as fund_flow_count,
        cast(coalesce(sum(amount) filter (where is_funding), 0) as decimal(18, 2))
            as funded_amount,
        cast(
            coalesce(sum(amount) filter (where is_funding and account_holder = payer), 0)
            as decimal(18, 2)
        ) as payer_funded_amount,
        cast(coalesce(sum(amount) filter (where is_recovery), 0) as decimal(18, 2))
            as recovered_amount,
        coalesce(min(fund_flow_id) filter (where is_funding), min(fund_flow_id)) as fund_flow_id,
        min(account_holder) filter (where is_funding) as funded_by,
        min(flowed_date) filter (where is_funding) as funded_date,
        min(flowed_at) filter (where is_funding) as funded_at,
        max(flowed_at) filter (where is_recovery) as recovered_at,
    from judged
    where refund_order_id is not null or is_funding
    group by funding_id, refund_order_id
)

select * from final
