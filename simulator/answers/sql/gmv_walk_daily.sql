-- From gross to net by kind of payment and day.
-- Grain: one row per business date, kind of payment and currency with a payment or a refund.
-- For: sales.agg_gmv_walk_daily. Of paid orders by pay date: gross = what was paid plus the
-- promotions on goods (shop, platform and creator part) and on freight; refunds by refund date
-- (cash) and by pay date (cohort), under the refunded order's kind of payment.
with

kinds as (
    select
        order_id,
        coalesce(payment_kinds.payment_kind, 'unknown') as payment_kind,
    from base.orders
    left join base.payment_kinds on orders.pay_type = payment_kinds.pay_type
),

events as (
    select
        kinds.payment_kind,
        orders.currency_code,
        orders.paid_date as business_date,
        'paid' as event,
        orders.pay_amount as amount,
        discounts.promotion_shop_amount as shop,
        discounts.promotion_platform_amount as platform,
        discounts.promotion_creator_amount as creator,
        discounts.freight_promotion_amount as freight,
    from base.orders
    inner join kinds on orders.order_id = kinds.order_id
    inner join final.orders as discounts on orders.order_id = number(discounts.order_id)
    where orders.paid_date is not null
    union all by name
    select
        coalesce(kinds.payment_kind, 'unknown') as payment_kind,
        refunds.currency_code,
        refunds.refunded_date as business_date,
        'refunded' as event,
        refunds.refund_amount as amount,
    from base.refunds
    left join kinds on refunds.order_id = kinds.order_id
    union all by name
    select
        kinds.payment_kind,
        refunds.currency_code,
        refunds.paid_date as business_date,
        'refunded cohort' as event,
        refunds.refund_amount as amount,
    from base.refunds
    inner join kinds on refunds.order_id = kinds.order_id
    where refunds.paid_date is not null
)

select
    business_date,
    payment_kind,
    currency_code,
    count(*) filter (where event = 'paid') as paid_order_count,
    yuan(coalesce(sum(shop), 0)) as shop_discount_amount,
    yuan(coalesce(sum(platform), 0)) as platform_discount_amount,
    yuan(coalesce(sum(creator), 0)) as creator_discount_amount,
    yuan(coalesce(sum(freight), 0)) as freight_discount_amount,
    yuan(coalesce(sum(amount) filter (where event = 'paid'), 0)) as gmv_amount,
    (
        gmv_amount + shop_discount_amount + platform_discount_amount + creator_discount_amount
        + freight_discount_amount
    )::decimal(18, 2) as gross_amount,
    yuan(coalesce(sum(amount) filter (where event = 'refunded'), 0)) as refunded_amount,
    yuan(coalesce(sum(amount) filter (where event = 'refunded cohort'), 0))
        as cohort_refunded_amount,
    gmv_amount - refunded_amount as net_cash_amount,
    gmv_amount - cohort_refunded_amount as net_cohort_amount,
from events
group by all
order by business_date, payment_kind, currency_code
