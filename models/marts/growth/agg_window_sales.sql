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
-- time; a line belongs to several. Distinct counts are those of the period as a whole: somebody
-- counts on a day unless the same was seen before it in the period, which is worked out from the
-- lines alone, for all periods at once.
with
periods as (
    select
        range_id,
        business_date,
        min(business_date) over (partition by range_id) as start_date,
    from {{ affected_rows(ref('dim_growth_periods'), 'range_id') }}
),

subjects as not materialized (
    select
        paid_date,
        product_id,
        merchant_id,
        customer_key,
        currency_code,
        item_count,
        pay_amount,
        unnest([
            'all',
            'category:' || category_id,
            'subcategory:' || subcategory,
            case
                when subcategory in ('vegetables', 'fruit') then 'subcategory:vegetables+fruit'
            end,
            case when is_local_speciality then 'tag:local_speciality' end,
            case when is_qixi then 'tag:qixi' end,
            case when is_rose then 'tag:rose' end,
            case when is_china_style then 'tag:china_style' end,
            case when is_domestic_brand then 'tag:domestic_brand' end
        ]) as subject,
    from {{ ref('fct_order_lines') }}
    where paid_date in (select periods.business_date from periods)
),

sold as (
    select
        paid_date,
        subject,
        currency_code,
        count(*) as paid_line_count,
        sum(item_count) as item_count,
        sum(pay_amount) as gmv_amount,
    from subjects
    where subject is not null
    group by all
),
{% for name, id in [
    ('buyer', 'customer_key'), ('merchant', 'merchant_id'), ('product', 'product_id')
] %}
{{ name }}_days as (
    select distinct
        paid_date,
        subject,
        currency_code,
        {{ id }},
    from subjects
    where subject is not null and {{ id }} is not null
),

{{ name }}s as (
    select
        paid_date,
        subject,
        currency_code,
        lag(paid_date) over (
            partition by subject, currency_code, {{ id }} order by paid_date
        ) as seen_date,
    from {{ name }}_days
),
{% endfor %}
days as (
    from sold
    {%- for name in ['buyer', 'merchant', 'product'] %}
    union all by name
    select
        *,
        count(*) as {{ name }}_count,
    from {{ name }}s
    group by all
    {%- endfor %}
),

final as (
    select
        periods.range_id,
        days.subject,
        days.currency_code,
        cast(sum(days.paid_line_count) as bigint) as paid_line_count,
        cast(sum(days.item_count) as bigint) as item_count,
        {%- for name in ['merchant', 'buyer', 'product'] %}
        cast(coalesce(sum(days.{{ name }}_count) filter (
            where days.seen_date is null or days.seen_date < periods.start_date
        ), 0) as bigint) as {{ name }}_count,
        {%- endfor %}
        cast(sum(days.gmv_amount) as decimal(18, 2)) as gmv_amount,
    from days
    inner join periods on days.paid_date = periods.business_date
    group by periods.range_id, days.subject, days.currency_code
)

select * from final
