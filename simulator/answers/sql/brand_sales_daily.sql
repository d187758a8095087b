-- Paid sales by brand and category.
-- Grain: one row per business date, category and brand (`none` without one).
-- For: sales.agg_brand_sales_daily. Brand and category in force at pay time; a ranking over a
-- window is by the sum of gmv_amount.
select
    paid_date as business_date,
    lines.category_id,
    coalesce(products.brand_name, 'none') as brand_name,
    currency_code,
    count(*) as paid_line_count,
    sum(item_count)::bigint as item_count,
    yuan(sum(pay_amount)) as gmv_amount,
from base.lines
left join base.products on lines.version_number = products.version_number
where paid_date is not null
group by all
order by business_date, category_id, brand_name, currency_code
