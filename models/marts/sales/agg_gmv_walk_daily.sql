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
-- One row per business date, kind of payment and currency with a payment or a refund: the walk
-- from gross to net. gross - discounts = GMV; GMV - refunds = net, by pay date (cohort) and by
-- refund date (cash).
with
paid as (
    select
        paid_date as business_date,
        payment_kind,
        currency_code,
        count(*) as paid_order_count,
        sum(coalesce(promotion_shop_amount, 0)) as shop_discount_amount,
        sum(coalesce(promotion_platform_amount, 0)) as platform_discount_amount,
        sum(coalesce(promotion_creator_amount, 0)) as creator_discount_amount,
        sum(coalesce(freight_promotion_amount, 0)) as freight_discount_amount,
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
        coalesce(orders.payment_kind, 'unknown') as payment_kind,
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
    select business_date, payment_kind, currency_code from paid
    union
    select business_date, payment_kind, currency_code from refunded
),

final as (
    select
        payment_kind,
        currency_code,
        cast(coalesce(paid.paid_order_count, 0) as bigint) as paid_order_count,
        cast(
            coalesce(
                paid.gmv_amount + paid.shop_discount_amount + paid.platform_discount_amount
                + paid.creator_discount_amount + paid.freight_discount_amount,
                0
            ) as decimal(18, 2)
        ) as gross_amount,
        cast(coalesce(paid.shop_discount_amount, 0) as decimal(18, 2))
            as shop_discount_amount,
        cast(coalesce(paid.platform_discount_amount, 0) as decimal(18, 2))
            as platform_discount_amount,
        cast(coalesce(paid.creator_discount_amount, 0) as decimal(18, 2))
            as creator_discount_amount,
        cast(coalesce(paid.freight_discount_amount, 0) as decimal(18, 2))
            as freight_discount_amount,
        cast(coalesce(paid.gmv_amount, 0) as decimal(18, 2)) as gmv_amount,
        cast(coalesce(refunded.refunded_amount, 0) as decimal(18, 2)) as refunded_amount,
        cast(coalesce(refunded.cohort_refunded_amount, 0) as decimal(18, 2))
            as cohort_refunded_amount,
        {{ net_amounts(cohort='refunded') }},
        business_date,
    from cells
    left join paid using (business_date, payment_kind, currency_code)
    left join refunded using (business_date, payment_kind, currency_code)
)

select * from final
