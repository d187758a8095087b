-- Buyers of a month by what is known of them: gender, generation, city tier and city.
create table base.profiles as
with

bought as (
    select
        customer_id,
        currency_code,
        date_trunc('month', paid_date)::date as month,
        count(*) as orders,
        sum(pay_amount) as gmv,
    from base.orders
    where paid_date is not null and customer_id is not null
    group by all
),

firsts as (
    select
        customer_id,
        min(month) as first_month,
    from bought
    group by all
),

profiles as (
    select
        customers.customer_id,
        list_filter(
            [
                {'dimension': 'all', 'value': 'all'},
                {'dimension': 'gender', 'value': coalesce(customers.gender, 'unknown')},
                {'dimension': 'city_tier', 'value': coalesce(tiers.city_tier, 'unlisted')},
                {'dimension': 'city', 'value': coalesce(customers.city, 'unknown')},
                case when birth_year is null
                    then {'dimension': 'generation', 'value': 'unknown'} end,
                case when birth_year < 1980
                    then {'dimension': 'generation', 'value': 'before_80'} end,
                case when birth_year between 1980 and 1989
                    then {'dimension': 'generation', 'value': 'post_80'} end,
                case when birth_year between 1990 and 1999
                    then {'dimension': 'generation', 'value': 'post_90'} end,
                case when birth_year between 1995 and 1999
                    then {'dimension': 'generation', 'value': 'post_95'} end,
                case when birth_year >= 2000
                    then {'dimension': 'generation', 'value': 'post_00'} end
            ],
            lambda pair: pair is not null
        ) as groups,
    from base.customers
    left join base.city_tiers as tiers on customers.city = tiers.city
),

shaped as (
    select
        bought.month,
        bought.currency_code,
        bought.month = firsts.first_month as is_new,
        profiles.groups,
        count(*) as buyers,
        sum(bought.orders) as orders,
        sum(bought.gmv) as gmv,
    from bought
    inner join firsts on bought.customer_id = firsts.customer_id
    inner join profiles on bought.customer_id = profiles.customer_id
    group by all
),

grouped as (
    select
        month,
        currency_code,
        is_new,
        unnest(groups, recursive := true),
        buyers,
        orders,
        gmv,
    from shaped
)

select
    month,
    dimension,
    value,
    currency_code,
    sum(buyers)::bigint as buyer_count,
    coalesce(sum(buyers) filter (where is_new), 0)::bigint as new_buyer_count,
    sum(orders)::bigint as paid_order_count,
    yuan(sum(gmv)) as gmv_amount,
from grouped
group by all;
