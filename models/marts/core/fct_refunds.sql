{{ restate(
    by='claim_id',
    images=['order_id', 'refunded_date', 'paid_date', 'session_id'],
    affected_by={
        'fct_claims': 'claim_id',
        'fct_order_lines': 'select claim_id from changes inner join fct_claims using (order_id)',
    },
    recompute=requested_rows('fct_claims', 'claim_id', 'applied_at'),
) }}
-- One row per successful refund and order line; what a right pays beside the price is no refund of
-- the sale. A refund of a whole order is allocated pro rata
-- to the lines' paid amounts, the last line takes the rest; one without a link to a sale keeps
-- a single row in channel unknown.
with
refunded_claims as (
    select *
    from {{ affected_rows(ref('fct_claims'), 'claim_id') }}
    where is_refunded and not is_compensation
),

refunded_orders as (
    select distinct order_id
    from refunded_claims
    where order_id is not null
),

order_lines as (
    select * from {{ rows_among(ref('fct_order_lines'), 'order_id', 'refunded_orders') }}
),

refunded_lines as (
    select
        refunded_claims.claim_id,
        order_lines.line_id,
        refunded_claims.order_id,
        coalesce(order_lines.product_id, refunded_claims.product_id) as product_id,
        refunded_claims.merchant_id,
        order_lines.creator_id,
        order_lines.session_id,
        refunded_claims.customer_key,
        refunded_claims.source,
        refunded_claims.currency_code,
        coalesce(order_lines.channel, 'unknown') as channel,
        coalesce(order_lines.category_id, 'uncategorised') as category_id,
        order_lines.brand_name,
        refunded_claims.right_code,
        refunded_claims.reason,
        refunded_claims.claim_type,
        refunded_claims.is_impulse,
        refunded_claims.refund_amount as claim_refund_amount,
        {{ floor_share(
            'refunded_claims.refund_amount', 'order_lines.pay_amount', 'refunded_claims.claim_id'
        ) }} as floor_amount,
        row_number() over (
            partition by refunded_claims.claim_id order by order_lines.line_id desc
        ) = 1 as is_last,
        refunded_claims.paid_date,
        refunded_claims.refunded_date,
        refunded_claims.refunded_at,
    from refunded_claims
    left join order_lines on refunded_claims.order_id = order_lines.order_id
    where
        refunded_claims.line_id is null
        or order_lines.line_id is null
        or refunded_claims.line_id = order_lines.line_id
),

final as (
    select
        claim_id || coalesce('#' || line_id, '') as refund_id,
        claim_id,
        line_id,
        order_id,
        product_id,
        category_id,
        merchant_id,
        creator_id,
        session_id,
        customer_key,
        source,
        currency_code,
        channel,
        brand_name,
        right_code,
        reason,
        claim_type,
        {{ share_with_rest('claim_refund_amount', 'floor_amount', 'claim_id', 'is_last') }}
            as refund_amount,
        is_impulse,
        paid_date,
        refunded_date,
        refunded_at,
    from refunded_lines
)

select * from final
{{ clustered_by('refunded_date') }}
