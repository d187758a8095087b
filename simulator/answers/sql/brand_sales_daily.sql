-- Paid sales and refunds by brand and category.
-- Grain: one row per business date, category, brand (`none` without one) and currency with a
-- payment or a refund.
-- For: sales.agg_brand_sales_daily. Brand and category in force at pay time; a ranking over a
-- window is by the sum of gmv_amount. Refunds by refund date (cash) and by pay date (cohort), with
-- the brand of the refunded line; net = GMV less either.
with

sold as (
    select
        paid_date as business_date,
        lines.category_id,
        coalesce(products.brand_name, 'none') as brand_name,
        currency_code,
        count(*) as paid_line_count,
        sum(item_count)::bigint as item_count,
        sum(pay_amount) as gmv,
    from base.lines
    left join base.products on lines.version_number = products.version_number
    where paid_date is not null
    group by all
),

branded as (
    select
        refunds.*,
        coalesce(products.brand_name, 'none') as brand_name,
    from base.refunds
    left join base.lines on refunds.line_id = lines.line_id
    left join base.products on lines.version_number = products.version_number
),

cash as (
    select
        refunded_date as business_date,
        category_id,
        brand_name,
        currency_code,
        sum(refund_amount) as refunded,
    from branded
    group by all
),

cohort as (
    select
        paid_date as business_date,
        category_id,
        brand_name,
        currency_code,
        sum(refund_amount) as cohort_refunded,
    from branded
    where paid_date is not null
    group by all
)

select
    business_date,
    category_id,
    brand_name,
    currency_code,
    coalesce(paid_line_count, 0) as paid_line_count,
    coalesce(item_count, 0) as item_count,
    yuan(coalesce(gmv, 0)) as gmv_amount,
    yuan(coalesce(refunded, 0)) as refunded_amount,
    yuan(coalesce(cohort_refunded, 0)) as cohort_refunded_amount,
    yuan(coalesce(gmv, 0) - coalesce(refunded, 0)) as net_cash_amount,
    yuan(coalesce(gmv, 0) - coalesce(cohort_refunded, 0)) as net_cohort_amount,
from sold
full join cash using (business_date, category_id, brand_name, currency_code)
full join cohort using (business_date, category_id, brand_name, currency_code)
order by business_date, category_id, brand_name, currency_code
