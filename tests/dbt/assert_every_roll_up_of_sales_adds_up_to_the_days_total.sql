-- Control total: by merchant, region and kind of payment the amounts of a day sum to the
-- platform's; by product and brand to those by channel and category, which also read lines.
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

rolled_up as (
    {% for model, basis in [
        ('agg_merchant_sales_daily', 'orders'),
        ('agg_region_sales_daily', 'orders'),
        ('agg_gmv_walk_daily', 'orders'),
        ('agg_product_sales_daily', 'lines'),
        ('agg_brand_sales_daily', 'lines'),
    ] %}
    select
        '{{ model }}' as roll_up,
        '{{ basis }}' as basis,
        business_date,
        currency_code,
        sum(gmv_amount) as gmv_amount,
        sum(refunded_amount) as refunded_amount,
        sum(cohort_refunded_amount) as cohort_refunded_amount,
    from {{ ref(model) }}
    group by all
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

select
    rolled_up.*,
    totals.gmv_amount as total_gmv_amount,
    totals.refunded_amount as total_refunded_amount,
    totals.cohort_refunded_amount as total_cohort_refunded_amount,
from rolled_up
left join totals
    on rolled_up.basis = totals.basis
    and rolled_up.business_date = totals.business_date
    and rolled_up.currency_code = totals.currency_code
where
    rolled_up.gmv_amount is distinct from coalesce(totals.gmv_amount, 0)
    or rolled_up.refunded_amount is distinct from coalesce(totals.refunded_amount, 0)
    or rolled_up.cohort_refunded_amount is distinct from coalesce(totals.cohort_refunded_amount, 0)
