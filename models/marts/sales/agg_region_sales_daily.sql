{{ restate(
    by='business_date',
    affected_by={
        'fct_orders':
            'select paid_date from changes union all'
            ' select refunded_date from changes inner join fct_refunds using (order_id)',
        'fct_refunds':
            'select refunded_date from changes union all select paid_date from changes',
    },
) }}
-- One row per business date, province and city of the receiver, and currency with a payment or a
-- refund; `unknown` where the order names none.
with
paid as (
    select
        paid_date as business_date,
        coalesce(province, 'unknown') as province,
        coalesce(city, 'unknown') as city,
        coalesce(city_tier, 'none') as city_tier,
        currency_code,
        count(*) as paid_order_count,
        count(distinct customer_key) as buyer_count,
        sum(pay_amount) as gmv_amount,
    from {{ affected_rows(ref('fct_orders'), 'paid_date') }}
    where is_paid
    group by all
),

refunds_by_date as (
    select
        refunds.order_id,
        refunds.currency_code,
        refunds.refunded_date,
        cast(null as date) as paid_date,
        refunds.refund_amount,
    from {{ affected_rows(ref('fct_refunds'), 'refunded_date') }} as refunds
    union all
    select
        refunds.order_id,
        refunds.currency_code,
        cast(null as date) as refunded_date,
        refunds.paid_date,
        refunds.refund_amount,
    from {{ affected_rows(ref('fct_refunds'), 'paid_date') }} as refunds
    where refunds.paid_date is not null
),

refunded as (
    select
        coalesce(refunds_by_date.refunded_date, refunds_by_date.paid_date) as business_date,
        coalesce(orders.province, 'unknown') as province,
        coalesce(orders.city, 'unknown') as city,
        coalesce(orders.city_tier, 'none') as city_tier,
        refunds_by_date.currency_code,
        sum(
            case
                when refunds_by_date.refunded_date is not null then refunds_by_date.refund_amount
            end
        ) as refunded_amount,
        sum(
            case when refunds_by_date.paid_date is not null then refunds_by_date.refund_amount end
        ) as cohort_refunded_amount,
    from refunds_by_date
    left join {{ ref('fct_orders') }} as orders on refunds_by_date.order_id = orders.order_id
    group by all
),

cells as (
    select business_date, province, city, city_tier, currency_code from paid
    union
    select business_date, province, city, city_tier, currency_code from refunded
),

final as (
    select
        province,
        city,
        nullif(city_tier, 'none') as city_tier,
        currency_code,
        cast(coalesce(paid.paid_order_count, 0) as bigint) as paid_order_count,
        cast(coalesce(paid.buyer_count, 0) as bigint) as buyer_count,
        cast(coalesce(paid.gmv_amount, 0) as decimal(18, 2)) as gmv_amount,
        cast(coalesce(refunded.refunded_amount, 0) as decimal(18, 2)) as refunded_amount,
        cast(coalesce(refunded.cohort_refunded_amount, 0) as decimal(18, 2))
            as cohort_refunded_amount,
        {{ net_amounts(cohort='refunded') }},
        business_date,
    from cells
    left join paid using (business_date, province, city, city_tier, currency_code)
    left join refunded using (business_date, province, city, city_tier, currency_code)
)

select * from final
