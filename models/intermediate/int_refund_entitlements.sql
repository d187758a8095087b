{{ restate(
    by='claim_id',
    images=['reconciliation_key'],
    affected_by={
        'int_claims_current': 'claim_id',
        'int_orders_current':
            'select claim_id from changes inner join int_claims_current using (order_id)',
        'int_order_lines_current':
            'select claim_id from changes inner join int_claims_current using (line_id)',
    },
    recompute=requested_rows('int_claims_current', 'claim_id', 'applied_at'),
) }}
-- One row per claim that was approved for a refund, of a source that is reconciled, whose order
-- has arrived: what the buyer is due, by whom, and what was paid for the goods, with the freight of
-- the order as far as the claim is due it. The order is what all sides of a refund are brought
-- together by.
with
claims as (
    select *
    from {{ affected_rows(ref('int_claims_current'), 'claim_id') }}
    where
        source in (select sources.source from {{ ref('reconciled_sources') }} as sources)
        and (
            refund_status in (3, 5)
            or (approved_at is not null and (claim_type in (0, 1, 2, 6) or refund_status in (2, 4)))
        )
),

orders as (
    select * from {{ rows_named_by(ref('int_orders_current'), 'order_id', 'claims') }}
),

order_lines as (
    select * from {{ rows_named_by(ref('int_order_lines_current'), 'line_id', 'claims') }}
),

right_payers as (
    select * from {{ dated_rows(ref('right_payers'), 'right_code') }}
),

compensating_rights as (
    select
        right_code,
        max(compensation_multiple) > 0 as is_multiple,
    from {{ ref('right_rules') }}
    where compensation_multiple > 0 or not includes_refund
    group by right_code
),

final as (
    select
        claims.claim_id,
        coalesce(claims.order_id, 'claim ' || claims.claim_id) as reconciliation_key,
        claims.line_id,
        orders.merchant_id,
        claims.source,
        claims.currency_code,
        coalesce(pay_channels.pay_channel, 'other') as pay_channel,
        coalesce(right_payers.payer, claims.payer, 'merchant') as payer,
        claims.right_code,
        claims.refund_status,
        coalesce(claims.applied_amount, claims.refund_amount, 0) as approved_amount,
        case
            when claims.refund_status in (3, 5) then coalesce(claims.refund_amount, 0)
            when claims.claim_status in (27, 28, 29) then 0
            else coalesce(claims.applied_amount, 0)
        end as due_amount,
        case
            when right_payers.payer = 'insurer' then null
            when compensating_rights.right_code is not null then null
            when order_lines.line_id is null then orders.pay_amount
            else
                least(
                    orders.pay_amount,
                    greatest(
                        order_lines.pay_amount,
                        least(
                            due_amount,
                            order_lines.pay_amount + coalesce(orders.freight_amount, 0)
                        )
                    )
                )
        end as goods_amount,
        case
            when right_payers.payer = 'insurer' then null
            when compensating_rights.right_code is not null then null
            else orders.pay_amount
        end as order_pay_amount,
        coalesce(claims.approved_date, claims.refunded_date) as approved_date,
        case when claims.refund_status in (3, 5) then claims.refunded_date end as refunded_date,
        claims.ended_date,
        coalesce(claims.approved_at, claims.refunded_at) as approved_at,
        claims.refunded_at,
        case
            when claims.refund_status in (3, 5)
                then coalesce(claims.refunded_at, claims.approved_at, claims.applied_at)
            else claims.approved_at
        end as known_at,
        if(
            claims.claim_type <> 0 or claims.return_received_at is not null
            or claims.refund_status in (3, 5),
            coalesce(claims.deadline_at, claims.return_received_at, claims.approved_at, known_at),
            null
        ) as due_at,
    from claims
    left join orders on claims.order_id = orders.order_id
    left join order_lines on claims.line_id = order_lines.line_id
    left join right_payers
        on claims.right_code = right_payers.right_code
        and coalesce(orders.paid_date, claims.applied_date) >= right_payers.valid_from
        and coalesce(orders.paid_date, claims.applied_date) < right_payers.valid_to
    left join compensating_rights
        on claims.right_code = compensating_rights.right_code
        and (compensating_rights.is_multiple or claims.claim_type <> 0)
    left join {{ ref('pay_channels') }} as pay_channels on orders.pay_type = pay_channels.pay_type
    where claims.order_id is null or orders.order_id is not null
)

select * from final
