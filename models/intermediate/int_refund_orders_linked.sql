{{ restate(
    by='refund_order_id',
    images=['reconciliation_key', 'channel_refund_id'],
    affected_by={
        'int_refund_orders_current': 'refund_order_id',
        'int_claims_current':
            'select refund_order_id from changes
            inner join int_refund_orders_current using (claim_id)',
    },
    recompute=requested_rows('int_refund_orders_current', 'refund_order_id', 'instructed_at'),
) }}
-- One row per refund order, with the order under which it meets the other sides: that of its
-- claim, else its own. Until its claim arrives it is a chain of its own, as others of the claim may
-- stand under other orders; so is one in another currency than its claim's, which pays none of it.
with
refund_orders as (
    select * from {{ affected_rows(ref('int_refund_orders_current'), 'refund_order_id') }}
),

claims as (
    select * from {{ rows_named_by(ref('int_claims_current'), 'claim_id', 'refund_orders') }}
),

final as (
    select
        refund_orders.* exclude (
            refund_orders.order_id, refund_orders.due_date,
            refund_orders.evidence_file, refund_orders.evidence_row_number,
            refund_orders.evidence_sha256
        ),
        coalesce(
            claims.order_id,
            case when claims.claim_id is null then refund_orders.order_id end,
            'claim ' || refund_orders.claim_id,
            'refund order ' || refund_orders.refund_order_id
        ) as reconciliation_key,
        coalesce(
            case when claims.currency_code = refund_orders.currency_code then claims.claim_id end,
            'refund order ' || refund_orders.refund_order_id
        ) as chain_id,
        {{ business_date('refund_orders.updated_at', 'refund_orders.source') }} as updated_date,
    from refund_orders
    left join claims on refund_orders.claim_id = claims.claim_id
)

select * from final
