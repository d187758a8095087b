{{ restate(
    by='month_start_date',
    affected_by={
        'agg_return_rates_daily': 'month_start_date',
        'dim_sources':
            "select cast(date_trunc('month', days.business_date) as date)
            from (" ~ maturing_dates(14) ~ ") as days (business_date)",
        'dim_return_zones':
            'select month_start_date from changes cross join agg_return_rates_daily',
    },
    recompute="select cast(date_trunc('month', dates.day_at) as date)
        from requested, generate_series(from_date, to_date, interval 1 day) as dates (day_at)",
) }}
-- One row per month of payment, merchant, channel and currency: the days' counts summed up, which
-- is exact because an order is paid on one day. A month is mature when 14 days have passed since
-- its last day, by the data clock.
with
months as (
    select
        merchant_id,
        source,
        currency_code,
        channel,
        month_start_date,
        cast(sum(paid_order_count) as bigint) as paid_order_count,
        cast(sum(refunded_order_count) as bigint) as refunded_order_count,
        cast(sum(returned_order_count) as bigint) as returned_order_count,
        cast(sum(quality_return_order_count) as bigint) as quality_return_order_count,
        cast(sum(impulse_refund_order_count) as bigint) as impulse_refund_order_count,
        cast(sum(paid_line_count) as bigint) as paid_line_count,
        cast(sum(refunded_line_count) as bigint) as refunded_line_count,
        cast(sum(returned_line_count) as bigint) as returned_line_count,
        cast(sum(refunded_before_shipment_line_count) as bigint)
            as refunded_before_shipment_line_count,
        cast(sum(gmv_amount) as decimal(18, 2)) as gmv_amount,
        cast(sum(refunded_amount) as decimal(18, 2)) as refunded_amount,
        cast(sum(returned_amount) as decimal(18, 2)) as returned_amount,
    from {{ affected_rows(ref('agg_return_rates_daily'), 'month_start_date') }}
    group by all
),

final as (
    select
        months.merchant_id,
        months.source,
        months.currency_code,
        months.channel,
        zones.return_zone,
        months.paid_order_count,
        months.refunded_order_count,
        months.returned_order_count,
        months.quality_return_order_count,
        months.impulse_refund_order_count,
        months.paid_line_count,
        months.refunded_line_count,
        months.returned_line_count,
        months.refunded_before_shipment_line_count,
        months.gmv_amount,
        months.refunded_amount,
        months.returned_amount,
        months.returned_order_count / months.paid_order_count as return_rate,
        months.refunded_order_count / months.paid_order_count as refund_rate,
        cast(months.refunded_amount as double) / nullif(months.gmv_amount, 0)
            as refunded_amount_rate,
        months.quality_return_order_count / months.paid_order_count as quality_return_rate,
        months.impulse_refund_order_count / months.paid_order_count as impulse_refund_rate,
        coalesce(last_day(months.month_start_date) + 14 <= sources.data_date, false) as is_mature,
        months.month_start_date,
    from months
    left join {{ ref('dim_sources') }} as sources on months.source = sources.source
    left join {{ ref('dim_return_zones') }} as zones
        on months.returned_order_count / months.paid_order_count > coalesce(zones.above_rate, -1)
        and months.returned_order_count / months.paid_order_count <= coalesce(zones.upto_rate, 1)
)

select * from final
