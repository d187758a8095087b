{{ restate(
    by='month_start_date',
    affected_by={'agg_customer_profile_monthly': '
        select cast(month_start_date + to_months(cast(months as integer)) as date)
        from changes
        cross join (values (0), (1), (12)) as distances (months)
    '},
    recompute=requested_months(),
) }}
-- One row per month, dimension, value, currency and alignment: the month against the month before
-- (preceding) and against the same month a year earlier (solar). A base under 30 buyers gives no
-- ratio, and says so.
with
profiles as (
    select * from {{ ref('agg_customer_profile_monthly') }}
),

compared as (
    select
        months.*,
        alignments.alignment,
        months.month_start_date - to_months(alignments.months_back) as base_date,
    from {{ affected_rows('profiles', 'month_start_date') }} as months
    cross join (values ('preceding', 1), ('solar', 12)) as alignments (alignment, months_back)
),

final as (
    select
        compared.dimension,
        compared.dimension_value,
        compared.currency_code,
        compared.alignment,
        case
            when bases.month_start_date is null then 'no_base'
            when bases.buyer_count < 30 then 'base_under_30_buyers'
        end as growth_reason,
        compared.buyer_count,
        bases.buyer_count as base_buyer_count,
        compared.gmv_amount,
        bases.gmv_amount as base_gmv_amount,
        case when bases.buyer_count >= 30 then compared.buyer_count / bases.buyer_count end
            as buyer_ratio,
        case when bases.buyer_count >= 30 then compared.buyer_count / bases.buyer_count - 1 end
            as buyer_growth_rate,
        case
            when bases.buyer_count >= 30
                then
                    cast(compared.gmv_amount as double)
                    / nullif(cast(bases.gmv_amount as double), 0)
        end as gmv_ratio,
        case
            when bases.buyer_count >= 30
                then
                    cast(compared.gmv_amount as double)
                    / nullif(cast(bases.gmv_amount as double), 0) - 1
        end as gmv_growth_rate,
        compared.month_start_date,
        cast(compared.base_date as date) as base_month_date,
    from compared
    left join profiles as bases
        on compared.base_date = bases.month_start_date
        and compared.dimension = bases.dimension
        and compared.dimension_value = bases.dimension_value
        and compared.currency_code = bases.currency_code
)

select * from final
