{{ restate(
    by='order_id',
    images=['paid_date'],
    affected_by={
        'fct_order_lines': 'order_id',
        'fct_refunds': 'order_id',
        'fct_claims': 'order_id',
    },
    recompute=requested_rows('fct_order_lines', 'order_id', 'created_at'),
) }}
-- One row per paid order line that was refunded, or claimed for a quality reason. A return is a
-- successful refund of type 0 (the goods came back). A quality return is an application for one of
-- the five reasons within 14 days of payment, later withdrawn or not; one about a whole order is
-- about each of its lines.
with
paid_lines as (
    select *
    from {{ affected_rows(ref('fct_order_lines'), 'order_id') }}
    where is_paid
),

refunds as (
    select * from {{ affected_rows(ref('fct_refunds'), 'order_id') }}
),

quality_claims as (
    select *
    from {{ affected_rows(ref('fct_claims'), 'order_id') }}
    where is_quality_reason and applied_at <= paid_at + interval 14 day
),

refunded_lines as (
    select
        refunds.line_id,
        bool_or(refunds.claim_type = 0) as is_returned,
        bool_or(refunds.claim_type = 2) as is_refunded_before_shipment,
        bool_or(refunds.is_impulse) as is_impulse,
        sum(refunds.refund_amount) as refunded_amount,
        sum(refunds.refund_amount) filter (where refunds.claim_type = 0) as returned_amount,
    from refunds
    inner join paid_lines
        on refunds.line_id = paid_lines.line_id
        and refunds.currency_code = paid_lines.currency_code
    group by refunds.line_id
),

quality_lines as (
    select distinct paid_lines.line_id
    from quality_claims
    inner join paid_lines
        on quality_claims.order_id = paid_lines.order_id
        and coalesce(quality_claims.line_id, paid_lines.line_id) = paid_lines.line_id
),

final as (
    select
        paid_lines.line_id,
        paid_lines.order_id,
        paid_lines.merchant_id,
        paid_lines.creator_id,
        paid_lines.source,
        paid_lines.currency_code,
        paid_lines.channel,
        cast(coalesce(refunded_lines.refunded_amount, 0) as decimal(18, 2)) as refunded_amount,
        cast(coalesce(refunded_lines.returned_amount, 0) as decimal(18, 2)) as returned_amount,
        refunded_lines.line_id is not null as is_refunded,
        coalesce(refunded_lines.is_returned, false) as is_returned,
        coalesce(refunded_lines.is_refunded_before_shipment, false)
            as is_refunded_before_shipment,
        coalesce(refunded_lines.is_impulse, false) as is_impulse,
        quality_lines.line_id is not null as is_quality_return,
        paid_lines.paid_date,
    from paid_lines
    left join refunded_lines on paid_lines.line_id = refunded_lines.line_id
    left join quality_lines on paid_lines.line_id = quality_lines.line_id
    where refunded_lines.line_id is not null or quality_lines.line_id is not null
)

select * from final
