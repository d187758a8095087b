{{ restate(
    by='business_date',
    images=['month_start_date'],
    affected_by={
        'fct_order_lines': 'paid_date',
        'fct_claimed_lines': 'paid_date',
        'dim_sources': maturing_dates(14),
        'dim_return_zones': 'select paid_date from changes cross join fct_order_lines',
    },
) }}
-- One row per business date of payment, merchant, channel and currency: what became of the orders
-- that were paid on the day, whenever it did. An order counts in each channel that it touches. A
-- day is mature when 14 days have passed since, by the data clock.
with
orders as (
    select
        order_lines.order_id,
        order_lines.merchant_id,
        order_lines.source,
        order_lines.currency_code,
        order_lines.channel,
        order_lines.paid_date as business_date,
        count(*) as line_count,
        count(claimed.line_id) filter (where claimed.is_refunded) as refunded,
        count(claimed.line_id) filter (where claimed.is_returned) as returned,
        count(claimed.line_id) filter (where claimed.is_refunded_before_shipment)
            as before_shipment,
        count(claimed.line_id) filter (where claimed.is_impulse) as impulses,
        count(claimed.line_id) filter (where claimed.is_quality_return) as quality_returns,
        sum(order_lines.pay_amount) as gmv_amount,
        coalesce(sum(claimed.refunded_amount), 0) as refunded_amount,
        coalesce(sum(claimed.returned_amount), 0) as returned_amount,
    from {{ affected_rows(ref('fct_order_lines'), 'paid_date') }} as order_lines
    left join {{ affected_rows(ref('fct_claimed_lines'), 'paid_date') }} as claimed
        on order_lines.line_id = claimed.line_id
    where order_lines.is_paid
    group by all
),

days as (
    select
        merchant_id,
        source,
        currency_code,
        channel,
        business_date,
        count(*) as paid_order_count,
        count(*) filter (where refunded > 0) as refunded_order_count,
        count(*) filter (where returned > 0) as returned_order_count,
        count(*) filter (where quality_returns > 0) as quality_return_order_count,
        count(*) filter (where impulses > 0) as impulse_refund_order_count,
        cast(sum(line_count) as bigint) as paid_line_count,
        cast(sum(refunded) as bigint) as refunded_line_count,
        cast(sum(returned) as bigint) as returned_line_count,
        cast(sum(before_shipment) as bigint) as refunded_before_shipment_line_count,
        cast(sum(gmv_amount) as decimal(18, 2)) as gmv_amount,
        cast(sum(refunded_amount) as decimal(18, 2)) as refunded_amount,
        cast(sum(returned_amount) as decimal(18, 2)) as returned_amount,
    from orders
    group by all
),

final as (
    select
        days.merchant_id,
        days.source,
        days.currency_code,
        days.channel,
        zones.return_zone,
        days.paid_order_count,
        days.refunded_order_count,
        days.returned_order_count,
        days.quality_return_order_count,
        days.impulse_refund_order_count,
        days.paid_line_count,
        days.refunded_line_count,
        days.returned_line_count,
        days.refunded_before_shipment_line_count,
        days.gmv_amount,
        days.refunded_amount,
        days.returned_amount,
        days.returned_order_count / days.paid_order_count as return_rate,
        days.refunded_order_count / days.paid_order_count as refund_rate,
        cast(days.refunded_amount as double) / nullif(days.gmv_amount, 0)
            as refunded_amount_rate,
        days.quality_return_order_count / days.paid_order_count as quality_return_rate,
        days.impulse_refund_order_count / days.paid_order_count as impulse_refund_rate,
        coalesce(days.business_date + 14 <= sources.data_date, false) as is_mature,
        days.business_date,
        cast(date_trunc('month', days.business_date) as date) as month_start_date,
    from days
    left join {{ ref('dim_sources') }} as sources on days.source = sources.source
    left join {{ ref('dim_return_zones') }} as zones
        on days.returned_order_count / days.paid_order_count > coalesce(zones.above_rate, -1)
        and days.returned_order_count / days.paid_order_count <= coalesce(zones.upto_rate, 1)
)

select * from final
