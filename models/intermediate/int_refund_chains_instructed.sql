{{ restate(
    by='reconciliation_key',
    affected_by={'int_refund_orders_reconciled': 'reconciliation_key'},
    recompute=requested_rows('int_refund_orders_reconciled', 'reconciliation_key', 'instructed_at'),
) }}
-- One row per refund chain with refund orders: what they instruct, cover and pay together. Covered
-- is what is paid or on its way, and what came back and was not paid later. Paid is what a bill
-- shows, or what takes no channel.
with
refund_orders as (
    select * from {{ affected_rows(ref('int_refund_orders_reconciled'), 'reconciliation_key') }}
),

final as (
    select
        any_value(reconciliation_key) as reconciliation_key,
        chain_id,
        any_value(claim_id) as claim_id,
        any_value(order_id) as order_id,
        any_value(source) as source,
        any_value(currency_code) as currency_code,
        cast(sum(refund_amount) filter (where refund_order_status <> 'failed') as decimal(18, 2))
            as instructed_amount,
        cast(sum(case
            when paid_again_at is not null then 0
            when is_paid then refund_amount - excess_amount
            when refund_order_status <> 'failed' then refund_amount
            when returned_at is not null and paid_later_at is null then refund_amount
            else 0
        end) as decimal(18, 2)) as covered_amount,
        cast(sum(refund_amount - excess_amount) filter (
            where is_paid and paid_again_at is null and (route = 'offline' or payment_count > 0)
        ) as decimal(18, 2)) as paid_amount,
        cast(
            sum(case when paid_again_at is not null then refund_amount else excess_amount end)
            as decimal(18, 2)
        ) as excess_amount,
        cast(sum(billed_amount) as decimal(18, 2)) as billed_amount,
        cast(sum(fee_amount) as decimal(18, 2)) as fee_amount,
        cast(sum(funded_amount) as decimal(18, 2)) as funded_amount,
        count(*) as refund_order_count,
        cast(sum(bill_line_count) as bigint) as bill_line_count,
        cast(sum(fund_flow_count) as bigint) as fund_flow_count,
        min(instructed_date) as instructed_date,
        min(billed_date) as billed_date,
        min(funded_date) as funded_date,
        max(coalesce(succeeded_date, billed_date)) filter (where is_paid) as paid_date,
        max(due_at) as due_at,
        min(instructed_at) as instructed_at,
        max(refund_order_id) filter (where is_latest) as refund_order_id,
        max(bill_line_id) filter (where is_latest) as bill_line_id,
        max(fund_flow_id) filter (where is_latest) as fund_flow_id,
        max(pay_channel) filter (where is_latest) as pay_channel,
        max(payer) filter (where is_latest) as payer,
        max(match_rule) filter (where is_latest) as match_rule,
    from refund_orders
    group by chain_id
)

select * from final
