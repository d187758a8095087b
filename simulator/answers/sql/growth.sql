-- Sales of a window compared with its base, by subject and alignment.
-- Grain: one row per window, alignment and subject.
-- For: growth.agg_campaign_summary, growth.agg_category_growth. Subjects: all; category:<id>;
-- subcategory:<name>, and vegetables and fruit together; tag:<flag>. Amounts, units and lines by
-- pay date; merchants and products are the distinct ones with a paid line; category, subcategory
-- and flags are those in force at pay time. A ratio is window / base (2.9 means +190%), and null
-- with a reason when the base is 0 or begins before the data or the window ends after them.
with

subjects as (
    select
        sales.start_date,
        sales.end_date,
        sales.merchant_id,
        sales.product_id,
        sales.line_count,
        sales.item_count,
        sales.gmv,
        unnest(
            list_filter(
                [
                    'all',
                    'category:' || sales.category_id,
                    'subcategory:' || subcategory,
                    case when subcategory in ('vegetables', 'fruit')
                        then 'subcategory:vegetables+fruit' end,
                    case when is_qixi then 'tag:qixi' end,
                    case when is_rose then 'tag:rose' end,
                    case when is_local_speciality then 'tag:local_speciality' end,
                    case when is_china_style then 'tag:china_style' end,
                    case when is_domestic_brand then 'tag:domestic_brand' end
                ],
                lambda name: name is not null
            )
        ) as subject,
    from base.period_sales as sales
    left join base.products on sales.version_number = products.version_number
),

sold as (
    select
        start_date,
        end_date,
        subject,
        sum(gmv)::bigint as gmv,
        sum(item_count)::bigint as item_count,
        sum(line_count)::bigint as line_count,
        count(distinct merchant_id) as merchant_count,
        count(distinct product_id) as product_count,
    from subjects
    group by all
),

asked as (
    select distinct
        windows.*,
        sold.subject,
    from base.growth_windows as windows
    inner join sold
        on (windows.start_date = sold.start_date and windows.end_date = sold.end_date)
    union
    select
        windows.*,
        sold.subject,
    from base.growth_windows as windows
    inner join sold
        on windows.base_start_date = sold.start_date and windows.base_end_date = sold.end_date
)

select
    asked.window_id,
    asked.alignment,
    asked.subject,
    asked.start_date,
    asked.end_date,
    asked.base_start_date,
    asked.base_end_date,
    yuan(coalesce(this.gmv, 0)) as gmv_amount,
    yuan(coalesce(base.gmv, 0)) as base_gmv_amount,
    coalesce(this.item_count, 0) as item_count,
    coalesce(base.item_count, 0) as base_item_count,
    coalesce(this.line_count, 0) as line_count,
    coalesce(base.line_count, 0) as base_line_count,
    coalesce(this.merchant_count, 0) as merchant_count,
    coalesce(base.merchant_count, 0) as base_merchant_count,
    coalesce(this.product_count, 0) as product_count,
    coalesce(base.product_count, 0) as base_product_count,
    case
        when asked.base_start_date < parameters.from_date then 'base begins before the data'
        when asked.end_date > parameters.to_date then 'window ends after the data'
        when base.subject is null then 'base is zero'
    end as reason,
    case when reason is null then coalesce(this.gmv, 0) / nullif(base.gmv, 0) end as gmv_ratio,
    case when reason is null then coalesce(this.item_count, 0) / nullif(base.item_count, 0) end
        as item_ratio,
    case when reason is null then coalesce(this.merchant_count, 0) / base.merchant_count end
        as merchant_ratio,
from asked
cross join truth.parameters
left join sold as this
    on asked.start_date = this.start_date
    and asked.end_date = this.end_date
    and asked.subject = this.subject
left join sold as base
    on asked.base_start_date = base.start_date
    and asked.base_end_date = base.end_date
    and asked.subject = base.subject
order by window_id, alignment, subject
