-- Control total: by merchant, region and kind of payment the amounts of a day sum to the
-- platform's; by product and brand to those by channel and category, which also read lines.
{%- set roll_ups = {
    'agg_merchant_sales_daily': 'orders',
    'agg_region_sales_daily': 'orders',
    'agg_gmv_walk_daily': 'orders',
    'agg_product_sales_daily': 'lines',
    'agg_brand_sales_daily': 'lines',
} %}
with
totals as (
    select
        'orders' as basis,
        business_date,
        currency_code,
        gmv_amount,
        refunded_amount,
        cohort_refunded_amount,
    from {{ ref('agg_sales_daily') }}
    union all
    select
        'lines' as basis,
        business_date,
        currency_code,
        sum(gmv_amount) as gmv_amount,
        sum(refunded_amount) as refunded_amount,
        sum(cohort_refunded_amount) as cohort_refunded_amount,
    from {{ ref('agg_gmv_daily') }}
    group by all
),

expected as (
    {% for roll_up, basis in roll_ups.items() %}
    select
        '{{ roll_up }}' as roll_up,
        totals.* exclude (totals.basis),
    from totals
    where basis = '{{ basis }}'
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

rolled_up as (
    {% for roll_up in roll_ups %}
    select
        '{{ roll_up }}' as roll_up,
        business_date,
        currency_code,
        sum(gmv_amount) as gmv_amount,
        sum(refunded_amount) as refunded_amount,
        sum(cohort_refunded_amount) as cohort_refunded_amount,
    from {{ ref(roll_up) }}
    group by all
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

select
    roll_up,
    business_date,
    currency_code,
    rolled_up.gmv_amount,
    rolled_up.refunded_amount,
    rolled_up.cohort_refunded_amount,
    expected.gmv_amount as total_gmv_amount,
    expected.refunded_amount as total_refunded_amount,
    expected.cohort_refunded_amount as total_cohort_refunded_amount,
from rolled_up
full outer join expected using (roll_up, business_date, currency_code)
where
    coalesce(rolled_up.gmv_amount, 0) <> coalesce(expected.gmv_amount, 0)
    or coalesce(rolled_up.refunded_amount, 0) <> coalesce(expected.refunded_amount, 0)
    or coalesce(rolled_up.cohort_refunded_amount, 0)
    <> coalesce(expected.cohort_refunded_amount, 0)
