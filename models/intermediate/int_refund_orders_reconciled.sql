{{ restate(
    by='reconciliation_key',
    images=['source', 'claim_id'],
    affected_by={
        'int_refund_orders_linked': 'reconciliation_key',
        'int_refund_entitlements': 'reconciliation_key',
        'int_refund_orders_billed': 'reconciliation_key',
        'int_refund_orders_funded': 'reconciliation_key',
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

joined as (
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
        case
            when billed.bill_returned_at >= refund_orders.succeeded_at
                then billed.bill_returned_at
            when
                refund_orders.refund_order_status = 'failed'
                and refund_orders.succeeded_at is not null
                then refund_orders.updated_at
        end as returned_at,
        refund_orders.refund_order_status = 'succeeded' and returned_at is null as is_paid,
    from refund_orders
    left join entitlements on refund_orders.claim_id = entitlements.claim_id
    left join billed on refund_orders.refund_order_id = billed.refund_order_id
    left join funded on refund_orders.refund_order_id = funded.refund_order_id
),

beside as (
    select
        *,
        is_paid
        and route = 'small_payment'
        and claim_id is not null
        and count(*) filter (where is_paid and route = 'original') over (
            partition by claim_id, refund_amount
            order by succeeded_at, refund_order_id
            rows between unbounded preceding and 1 preceding
        ) > 0 as is_paid_again,
        min(case when is_paid then succeeded_at end) over (
            partition by chain_id
            order by instructed_at, refund_order_id
            rows between 1 following and unbounded following
        ) as paid_later_at,
    from joined
),

refunded as (
    select
        *,
        sum(case when is_paid and not is_paid_again then refund_amount else 0 end) over (
            partition by reconciliation_key, line_id
            order by succeeded_at, refund_order_id
        ) - goods_amount as line_excess,
        sum(case when is_paid and not is_paid_again then refund_amount else 0 end) over (
            partition by reconciliation_key, goods_amount is null
            order by succeeded_at, refund_order_id
        ) - order_pay_amount as order_excess,
    from beside
),

final as (
    select
        * exclude (line_excess, order_excess, returned_at),
        case
            when not is_paid or is_paid_again or goods_amount is null then 0
            else least(refund_amount, greatest(0, line_excess, coalesce(order_excess, 0)))
        end as excess_amount,
        returned_at,
    from refunded
)

select * from final
