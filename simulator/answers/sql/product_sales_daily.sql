-- Sold and refunded amounts by product and day.
-- Grain: one row per business date, product and currency with a payment or a refund.
-- For: sales.agg_product_sales_daily. Amounts of paid lines by pay date, refunds of the product's
-- lines by refund date (cash) and by pay date (cohort); net = GMV less either. A product is a local
-- speciality of a day when a line sold then was so tagged at pay time.
with

events as (
    select
        product_id,
        currency_code,
        paid_date as business_date,
        'paid' as event,
        pay_amount as amount,
        item_count,
        order_id,
        customer_id,
        version_number,
    from base.lines
    where paid_date is not null
    union all by name
    select
        product_id,
        currency_code,
        refunded_date as business_date,
        'refunded' as event,
        refund_amount as amount,
    from base.refunds
    union all by name
    select
        product_id,
        currency_code,
        paid_date as business_date,
        'refunded cohort' as event,
        refund_amount as amount,
    from base.refunds
    where paid_date is not null
)

select
    business_date,
    coalesce(events.product_id::varchar, 'unknown') as product_id,
    currency_code,
    count(distinct order_id) as paid_order_count,
    count(*) filter (where event = 'paid') as paid_line_count,
    coalesce(sum(item_count), 0)::bigint as item_count,
    count(distinct customer_id) as buyer_count,
    coalesce(bool_or(products.is_local_speciality), false) as is_local_speciality,
    yuan(coalesce(sum(amount) filter (where event = 'paid'), 0)) as gmv_amount,
    yuan(coalesce(sum(amount) filter (where event = 'refunded'), 0)) as refunded_amount,
    yuan(coalesce(sum(amount) filter (where event = 'refunded cohort'), 0))
        as cohort_refunded_amount,
    gmv_amount - refunded_amount as net_cash_amount,
    gmv_amount - cohort_refunded_amount as net_cohort_amount,
from events
left join base.products on events.version_number = products.version_number
group by all
order by business_date, product_id, currency_code
