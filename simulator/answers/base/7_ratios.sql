-- Windows compared with their bases; the answer growth says what the columns mean.
create table base.growth as
with

asked as (
    select distinct
        windows.*,
        sold.subject,
        sold.currency_code,
    from base.growth_windows as windows
    inner join base.period_sales as sold
        on (windows.start_date = sold.start_date and windows.end_date = sold.end_date)
        or (windows.base_start_date = sold.start_date and windows.base_end_date = sold.end_date)
)

select
    asked.window_id,
    asked.alignment,
    asked.subject,
    asked.currency_code,
    asked.start_date,
    asked.end_date,
    asked.base_start_date,
    asked.base_end_date,
    case
        when asked.alignment = 'preceding' then 'period_on_period'
        when asked.alignment = 'campaign' then 'campaign_on_campaign'
        else 'year_on_year'
    end as comparison,
    yuan(coalesce(this.gmv, 0)) as gmv_amount,
    yuan(coalesce(base.gmv, 0)) as base_gmv_amount,
    coalesce(this.paid_line_count, 0) as paid_line_count,
    coalesce(base.paid_line_count, 0) as base_paid_line_count,
    coalesce(this.item_count, 0) as item_count,
    coalesce(base.item_count, 0) as base_item_count,
    coalesce(this.merchant_count, 0) as merchant_count,
    coalesce(base.merchant_count, 0) as base_merchant_count,
    coalesce(this.buyer_count, 0) as buyer_count,
    coalesce(base.buyer_count, 0) as base_buyer_count,
    coalesce(this.product_count, 0) as product_count,
    coalesce(base.product_count, 0) as base_product_count,
    case
        when asked.base_start_date < parameters.from_date then 'base begins before the data'
        when asked.end_date > parameters.to_date then 'window ends after the data'
        when base.subject is null then 'base is zero'
        when base.paid_line_count < minimum_base_line_count then 'base is tiny'
    end as missing_reason,
    if(missing_reason is null, coalesce(this.gmv, 0) / nullif(base.gmv, 0), null) as gmv_ratio,
    if(missing_reason is null, coalesce(this.item_count, 0) / nullif(base.item_count, 0), null)
        as item_ratio,
    if(missing_reason is null, coalesce(this.merchant_count, 0) / nullif(base.merchant_count, 0), null)
        as merchant_ratio,
    if(missing_reason is null, coalesce(this.buyer_count, 0) / nullif(base.buyer_count, 0), null)
        as buyer_ratio,
    if(missing_reason is null, coalesce(this.product_count, 0) / nullif(base.product_count, 0), null)
        as product_ratio,
    if(missing_reason is null, (coalesce(this.gmv, 0) - base.gmv) / nullif(base.gmv, 0), null)
        as gmv_growth,
    if(missing_reason is null, (coalesce(this.item_count, 0) - base.item_count) / nullif(base.item_count, 0), null)
        as item_growth,
    if(missing_reason is null, (coalesce(this.merchant_count, 0) - base.merchant_count) / nullif(base.merchant_count, 0), null)
        as merchant_growth,
    if(missing_reason is null, (coalesce(this.buyer_count, 0) - base.buyer_count) / nullif(base.buyer_count, 0), null)
        as buyer_growth,
    if(missing_reason is null, (coalesce(this.product_count, 0) - base.product_count) / nullif(base.product_count, 0), null)
        as product_growth,
from asked
cross join truth.parameters
cross join base.growth_parameters
left join base.period_sales as this
    on asked.start_date = this.start_date
    and asked.end_date = this.end_date
    and asked.subject = this.subject
    and asked.currency_code = this.currency_code
left join base.period_sales as base
    on asked.base_start_date = base.start_date
    and asked.base_end_date = base.end_date
    and asked.subject = base.subject
    and asked.currency_code = base.currency_code;
