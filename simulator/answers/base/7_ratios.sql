-- Why a figure has no ratio: the reason of all, or its own base is none or under a minimum.
create or replace temp macro why_missing(reason, in_base, minimum) as case
    when reason is not null then reason
    when in_base = 0 then 'base is zero'
    when in_base < minimum then 'base is tiny'
end;

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
    why_missing(missing_reason, base.gmv, 0) as gmv_missing_reason,
    if(gmv_missing_reason is null, coalesce(this.gmv, 0) / base.gmv, null) as gmv_ratio,
    if(gmv_missing_reason is null, (coalesce(this.gmv, 0) - base.gmv) / base.gmv, null)
        as gmv_growth,
    why_missing(missing_reason, base.item_count, 0) as item_missing_reason,
    if(item_missing_reason is null, coalesce(this.item_count, 0) / base.item_count, null) as item_ratio,
    if(item_missing_reason is null, (coalesce(this.item_count, 0) - base.item_count) / base.item_count, null)
        as item_growth,
    why_missing(missing_reason, base.merchant_count, minimum_base_distinct_count) as merchant_missing_reason,
    if(merchant_missing_reason is null, coalesce(this.merchant_count, 0) / base.merchant_count, null) as merchant_ratio,
    if(merchant_missing_reason is null, (coalesce(this.merchant_count, 0) - base.merchant_count) / base.merchant_count, null)
        as merchant_growth,
    why_missing(missing_reason, base.buyer_count, minimum_base_distinct_count) as buyer_missing_reason,
    if(buyer_missing_reason is null, coalesce(this.buyer_count, 0) / base.buyer_count, null) as buyer_ratio,
    if(buyer_missing_reason is null, (coalesce(this.buyer_count, 0) - base.buyer_count) / base.buyer_count, null)
        as buyer_growth,
    why_missing(missing_reason, base.product_count, minimum_base_distinct_count) as product_missing_reason,
    if(product_missing_reason is null, coalesce(this.product_count, 0) / base.product_count, null) as product_ratio,
    if(product_missing_reason is null, (coalesce(this.product_count, 0) - base.product_count) / base.product_count, null)
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
