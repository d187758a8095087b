-- Buyers of a month compared with those of the month before and of the same month a year earlier.
-- Grain: one row per month (first day) of the payment, dimension, value, currency and alignment
-- (preceding, solar).
-- For: customers.agg_customer_profile_growth. Ratios are month / base, growth is the ratio less 1;
-- null with a reason without a base, or when the base has fewer than 30 buyers.
with

aligned (alignment, months) as (values ('preceding', 1), ('solar', 12))

select
    this.month,
    this.dimension,
    this.value,
    this.currency_code,
    aligned.alignment,
    this.buyer_count,
    base.buyer_count as base_buyer_count,
    this.gmv_amount,
    base.gmv_amount as base_gmv_amount,
    case
        when base.buyer_count is null then 'no_base'
        when base.buyer_count < 30 then 'base_under_30_buyers'
    end as growth_reason,
    if(growth_reason is null, this.buyer_count / base.buyer_count, null) as buyer_ratio,
    if(growth_reason is null, (this.buyer_count - base.buyer_count) / base.buyer_count, null)
        as buyer_growth_rate,
    if(growth_reason is null, this.gmv_amount::double / nullif(base.gmv_amount, 0)::double, null)
        as gmv_ratio,
from base.profiles as this
cross join aligned
left join base.profiles as base
    on base.month = (this.month - to_months(aligned.months::integer))::date
    and this.dimension = base.dimension
    and this.value = base.value
    and this.currency_code = base.currency_code
order by this.month, this.dimension, this.value, this.currency_code, aligned.alignment
