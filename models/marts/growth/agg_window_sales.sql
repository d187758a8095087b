{{ restate(
    by='range_id',
    affected_by={
        'dim_growth_periods': 'range_id',
        'fct_order_lines':
            'select range_id from changes'
            ' inner join dim_growth_periods on changes.paid_date = dim_growth_periods.business_date',
    },
    recompute=requested_rows('dim_growth_periods', 'range_id', 'business_date'),
) }}
-- One row per period, subject and currency with a paid line. Subjects: `all`, `category:<id>`,
-- `subcategory:<name>` (vegetables and fruit also together) and `tag:<flag>`, as they were at pay
-- time; a line belongs to several. Distinct counts are those of the period as a whole.
with
periods as (
    select * from {{ affected_rows(ref('dim_growth_periods'), 'range_id') }}
),

order_lines as (
    select * from {{ ref('fct_order_lines') }}
),

subjects as (
    select
        periods.range_id,
        order_lines.product_id,
        order_lines.merchant_id,
        order_lines.customer_key,
        order_lines.currency_code,
        order_lines.item_count,
        order_lines.pay_amount,
        unnest([
            'all',
            'category:' || order_lines.category_id,
            'subcategory:' || order_lines.subcategory,
            case
                when order_lines.subcategory in ('vegetables', 'fruit')
                    then 'subcategory:vegetables+fruit'
            end,
            case when order_lines.is_local_speciality then 'tag:local_speciality' end,
            case when order_lines.is_qixi then 'tag:qixi' end,
            case when order_lines.is_rose then 'tag:rose' end,
            case when order_lines.is_china_style then 'tag:china_style' end,
            case when order_lines.is_domestic_brand then 'tag:domestic_brand' end
        ]) as subject,
    from periods
    inner join order_lines on periods.business_date = order_lines.paid_date
),

-- Buyers, and products with their merchants, once each: counting these is much cheaper than
-- count(distinct) over all lines.
buyers as (
    select distinct
        range_id,
        subject,
        currency_code,
        customer_key,
    from subjects
    where subject is not null and customer_key is not null
),

products as (
    select
        range_id,
        subject,
        currency_code,
        product_id,
        merchant_id,
        count(*) as paid_line_count,
        sum(item_count) as item_count,
        sum(pay_amount) as gmv_amount,
    from subjects
    where subject is not null
    group by all
),

bought as (
    select
        range_id,
        subject,
        currency_code,
        count(*) as buyer_count,
    from buyers
    group by all
),

sold as (
    select
        range_id,
        subject,
        currency_code,
        sum(paid_line_count) as paid_line_count,
        sum(item_count) as item_count,
        count(distinct merchant_id) as merchant_count,
        count(distinct product_id) as product_count,
        sum(gmv_amount) as gmv_amount,
    from products
    group by all
),

final as (
    select
        sold.range_id,
        sold.subject,
        sold.currency_code,
        cast(sold.paid_line_count as bigint) as paid_line_count,
        cast(sold.item_count as bigint) as item_count,
        sold.merchant_count,
        coalesce(bought.buyer_count, 0) as buyer_count,
        sold.product_count,
        cast(sold.gmv_amount as decimal(18, 2)) as gmv_amount,
    from sold
    left join bought using (range_id, subject, currency_code)
)

select * from final
