{{ restate(
    by='cohort_date',
    affected_by={
        'fct_customer_orders': 'cohort_date',
        'dim_sources': maturing_months([30, 90, 180]),
    },
    recompute=requested_months(),
) }}
-- One row per source, month of the first kept order, and N (30, 90 and 180 days): the buyers who
-- began in the month, and those of them who bought again within N days.
with
first_orders as (
    select *
    from {{ affected_rows(ref('fct_customer_orders'), 'cohort_date') }}
    where kept_order_number = 1
),

spans as (
    select
        first_orders.source,
        lengths.window_days,
        first_orders.cohort_date,
        count(*) as buyer_count,
        count(*) filter (
            where first_orders.next_kept_date <= first_orders.paid_date + lengths.window_days
        ) as repeated_buyer_count,
    from first_orders
    cross join (values (30), (90), (180)) as lengths (window_days)
    group by first_orders.source, lengths.window_days, first_orders.cohort_date
),

final as (
    select
        spans.source,
        cast(spans.window_days as bigint) as window_days,
        spans.buyer_count,
        spans.repeated_buyer_count,
        spans.repeated_buyer_count / spans.buyer_count as repurchase_rate,
        coalesce(last_day(spans.cohort_date) + spans.window_days <= sources.data_date, false)
            as is_mature,
        spans.cohort_date,
    from spans
    left join {{ ref('dim_sources') }} as sources on spans.source = sources.source
)

select * from final
