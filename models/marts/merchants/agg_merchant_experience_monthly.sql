{{ restate(
    by='month_start_date',
    affected_by={
        'fct_merchant_orders_daily': 'select ' ~ month_start('business_date') ~ ' from changes',
        'fct_merchant_after_sales_daily':
            'select ' ~ month_start('business_date') ~ ' from changes',
        'agg_merchant_scores_daily': 'select ' ~ month_start('business_date')
            ~ ' from changes where business_date = last_day(business_date)',
    },
    recompute=requested_months(),
) }}
-- One row per merchant and month: what buyers met with, and the score on the month's last day.
with
daily as (
    select
        * exclude (business_date),
        {{ month_start('business_date') }} as month_start_date,
    from {{ ref('fct_merchant_orders_daily') }}
    union all by name
    select
        * exclude (business_date),
        {{ month_start('business_date') }} as month_start_date,
    from {{ ref('fct_merchant_after_sales_daily') }}
    union all by name
    select
        merchant_id,
        source,
        score,
        {{ month_start('business_date') }} as month_start_date,
    from {{ ref('agg_merchant_scores_daily') }}
    where business_date = last_day(business_date)
),

final as (
    select
        merchant_id,
        source,
        max(score) as score,
        cast(coalesce(sum(paid_order_count), 0) as bigint) as paid_order_count,
        cast(coalesce(sum(quality_return_order_count), 0) as bigint)
            as quality_return_order_count,
        cast(coalesce(sum(complained_order_count), 0) as bigint) as complained_order_count,
        cast(coalesce(sum(claim_count), 0) as bigint) as claim_count,
        cast(coalesce(sum(disputed_claim_count), 0) as bigint) as disputed_claim_count,
        month_start_date,
    from {{ affected_rows('daily', 'month_start_date') }}
    group by merchant_id, source, month_start_date
)

select * from final
