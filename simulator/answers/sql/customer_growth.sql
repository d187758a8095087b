-- Buyers of a month compared with those of the month before and of the same month a year earlier.
-- Grain: one row per month (first day) of the payment that has buyers, dimension, value, currency and
-- alignment (month_before, solar), where the month or its base has a buyer.
-- For: customers.agg_customer_profile_growth. Ratios are month / base, growth is the ratio less 1;
-- null with a reason when the data don't cover both months or the base has fewer buyers than the
-- seed growth_parameters asks for.
with

aligned (alignment, months) as (values ('month_before', 1), ('solar', 12)),

asked as (
    select distinct
        present.month,
        aligned.alignment,
        (present.month - to_months(aligned.months::integer))::date as base_month,
        somebody.dimension,
        somebody.value,
        somebody.currency_code,
    from (select distinct month from base.profiles) as present
    cross join aligned
    inner join base.profiles as somebody
        on somebody.month = present.month
        or somebody.month = (present.month - to_months(aligned.months::integer))::date
)

select
    asked.month,
    asked.dimension,
    asked.value,
    asked.currency_code,
    asked.alignment,
    coalesce(this.buyer_count, 0) as buyer_count,
    coalesce(base.buyer_count, 0) as base_buyer_count,
    coalesce(this.gmv_amount, 0) as gmv_amount,
    coalesce(base.gmv_amount, 0) as base_gmv_amount,
    case
        when asked.base_month < parameters.from_date then 'base begins before the data'
        when last_day(asked.month) > parameters.to_date then 'window ends after the data'
        when base.buyer_count is null then 'base is zero'
        when base.buyer_count < growth_parameters.minimum_base_distinct_count then 'base is tiny'
    end as growth_reason,
    if(growth_reason is null, coalesce(this.buyer_count, 0) / base.buyer_count, null)
        as buyer_ratio,
    buyer_ratio - 1 as buyer_growth_rate,
    if(
        growth_reason is null,
        coalesce(this.gmv_amount, 0)::double / nullif(base.gmv_amount, 0)::double,
        null
    ) as gmv_ratio,
from asked
cross join truth.parameters
cross join base.growth_parameters
left join base.profiles as this
    on asked.month = this.month
    and asked.dimension = this.dimension
    and asked.value = this.value
    and asked.currency_code = this.currency_code
left join base.profiles as base
    on asked.base_month = base.month
    and asked.dimension = base.dimension
    and asked.value = base.value
    and asked.currency_code = base.currency_code
order by asked.month, asked.dimension, asked.value, asked.currency_code, asked.alignment
