{{ restate(
    by='month_start_date',
    affected_by={
        'fct_customer_orders': 'month_start_date',
        'dim_customers':
            'select month_start_date from changes inner join fct_customer_orders using (customer_key)',
    },
    recompute=requested_months(),
) }}
-- One row per month of the payment, dimension, value and currency: who bought. Profiles are the
-- newest. Generations are nested (post_95 is part of post_90), so their rows never add up.
with
customer_orders as (
    select * from {{ affected_rows(ref('fct_customer_orders'), 'month_start_date') }}
),

shapes as (
    select
        customer_orders.currency_code,
        customer_orders.month_start_date,
        customers.gender,
        customers.birth_year,
        customers.city,
        customers.city_tier,
        count(*) filter (where customer_orders.is_first_in_month) as buyer_count,
        count(*) filter (
            where customer_orders.is_first_in_month
            and customer_orders.first_paid_date >= customer_orders.month_start_date
        ) as new_buyer_count,
        count(*) as paid_order_count,
        sum(customer_orders.pay_amount) as gmv_amount,
    from customer_orders
    left join {{ ref('dim_customers') }} as customers
        on customer_orders.customer_key = customers.customer_key
    group by all
),

profiles as (
    select
        * exclude (gender, birth_year, city, city_tier),
        unnest(list_filter(
            [
                {'dimension': 'all', 'value': 'all'},
                {'dimension': 'gender', 'value': coalesce(gender, 'unknown')},
                {'dimension': 'city_tier', 'value': coalesce(city_tier, 'unlisted')},
                {'dimension': 'city', 'value': coalesce(city, 'unknown')},
                {{ generation("birth_year is null", 'unknown') }},
                {{ generation('birth_year < 1980', 'before_80') }},
                {{ generation('birth_year between 1980 and 1989', 'post_80') }},
                {{ generation('birth_year between 1990 and 1999', 'post_90') }},
                {{ generation('birth_year between 1995 and 1999', 'post_95') }},
                {{ generation('birth_year >= 2000', 'post_00') }}
            ],
            lambda profile: profile is not null
        ), recursive := true),
    from shapes
),

final as (
    select
        dimension,
        value as dimension_value,
        currency_code,
        cast(sum(buyer_count) as bigint) as buyer_count,
        cast(sum(new_buyer_count) as bigint) as new_buyer_count,
        cast(sum(paid_order_count) as bigint) as paid_order_count,
        cast(sum(gmv_amount) as decimal(18, 2)) as gmv_amount,
        month_start_date,
    from profiles
    group by dimension, value, currency_code, month_start_date
)

select * from final
