{{ restate(
    by='reconciliation_key',
    images=['source', 'claim_id'],
    affected_by={
        'int_refund_orders_linked': 'reconciliation_key',
        'int_refund_entitlements': 'reconciliation_key',
        'int_refund_orders_billed': 'reconciliation_key',
        'int_refund_orders_funded': 'reconciliation_key',
        'int_refund_orders_beside': 'reconciliation_key',
    },
    recompute=requested_rows('int_refund_orders_linked', 'reconciliation_key', 'instructed_at'),
) }}
-- One row per refund order beside what its claim, the channels' bills and the funding accounts
-- say of it, and beside the other refund orders of its claim and goods.
with
refund_orders as (
    select * from {{ affected_rows(ref('int_refund_orders_linked'), 'reconciliation_key') }}
),

entitlements as (
    select * from {{ affected_rows(ref('int_refund_entitlements'), 'reconciliation_key') }}
),

billed as (
    select * from {{ affected_rows(ref('int_refund_orders_billed'), 'reconciliation_key') }}
),

funded as (
    select * from {{ affected_rows(ref('int_refund_orders_funded'), 'reconciliation_key') }}
),

beside as (
    select * from {{ affected_rows(ref('int_refund_orders_beside'), 'reconciliation_key') }}
),

final as (
    select
        refund_orders.*,
        entitlements.claim_id is not null as is_entitled,
        entitlements.line_id,
        entitlements.payer as due_payer,
        entitlements.pay_channel as paid_channel,
        entitlements.goods_amount,
        entitlements.order_pay_amount,
        coalesce(billed.payment_count, 0) as payment_count,
        coalesce(billed.bill_line_count, 0) as bill_line_count,
        coalesce(funded.fund_flow_count, 0) as fund_flow_count,
        coalesce(billed.billed_amount, 0) as billed_amount,
        coalesce(funded.funded_amount, 0) as funded_amount,
        coalesce(funded.payer_funded_amount, 0) as payer_funded_amount,
        coalesce(funded.recovered_amount, 0) as recovered_amount,
        billed.fee_amount,
        billed.match_rule,
        billed.bill_line_id,
        billed.second_line_id,
        billed.duplicate_amount,
        billed.mismatch_amount,
        billed.mismatched_line_id,
        billed.wrong_account_amount,
        billed.wrong_account_line_id,
        billed.fee_difference_amount,
        billed.fee_line_id,
        billed.billed_date, billed.billed_at, billed.second_paid_at,
        funded.fund_flow_id, funded.funded_by, funded.funded_date, funded.recovered_at,
        {{ paid_at('refund_orders', 'billed') }} as paid_at,
        {{ returned_at('refund_orders', 'billed') }} as returned_at,
        paid_at is not null and returned_at is null as is_paid,
        billed.bill_returned_at is not null as is_return_billed,
        coalesce(beside.is_latest, true) as is_latest,
        case
            when not is_paid then 0
            when beside.refund_order_id is not null then beside.excess_amount
            else greatest(0, refund_orders.refund_amount - entitlements.goods_amount)
        end as excess_amount,
        beside.paid_again_at,
        beside.paid_later_at,
    from refund_orders
    left join entitlements on refund_orders.claim_id = entitlements.claim_id
    left join billed on refund_orders.refund_order_id = billed.refund_order_id
    left join funded on refund_orders.refund_order_id = funded.refund_order_id
    left join beside on refund_orders.refund_order_id = beside.refund_order_id
)

select * from final
