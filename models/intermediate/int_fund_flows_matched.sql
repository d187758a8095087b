{{ restate(
    by='reconciliation_key',
    affected_by={
        'int_fund_flows_linked': 'reconciliation_key',
        'int_refund_orders_linked': 'reconciliation_key',
    },
    recompute=requested_rows('int_fund_flows_linked', 'reconciliation_key', 'flowed_at'),
) }}
-- One row per payment out of a funding account that names no refund order: it falls back, within
-- its order, to one of the same payer and amount that nothing else funds, or is an orphan. No
-- payment is used twice.
with
fund_flows as (
    select * from {{ affected_rows(ref('int_fund_flows_linked'), 'reconciliation_key') }}
),

refund_orders as (
    select * from {{ affected_rows(ref('int_refund_orders_linked'), 'reconciliation_key') }}
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
        {{ recorded_as_paid('at') }} is not null
        and reconciliation_key in (select free_flows.reconciliation_key from free_flows)
        and refund_order_id not in (
            select fund_flows.refund_order_id
            from fund_flows
            where
                fund_flows.refund_order_id is not null
                and fund_flows.is_refund
                and fund_flows.direction = 1
                and fund_flows.reconciliation_key in (
                    select free_flows.reconciliation_key from free_flows
                )
        )
),

final as (
    select
        free_flows.fund_flow_id,
        free_flows.reconciliation_key,
        unfunded_orders.refund_order_id,
        free_flows.source,
        free_flows.currency_code,
        free_flows.account_holder,
        free_flows.amount,
        free_flows.flowed_date,
        free_flows.flowed_at,
    from free_flows
    left join unfunded_orders
        on free_flows.reconciliation_key = unfunded_orders.reconciliation_key
        and free_flows.account_holder = unfunded_orders.payer
        and free_flows.currency_code = unfunded_orders.currency_code
        and free_flows.amount = unfunded_orders.refund_amount
        and free_flows.place = unfunded_orders.place
)

select * from final
