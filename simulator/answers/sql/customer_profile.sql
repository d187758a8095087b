-- Buyers of a month by gender, generation, city tier and city.
-- Grain: one row per month (first day) of the payment, dimension, value and currency.
-- For: customers.agg_customer_profile_monthly. Dimensions: all, gender, city_tier (2021 list,
-- `unlisted` when the customer's city is not on it), city, generation. Generations are nested (born 1995
-- to 1999 is also born 1990 to 1999): never add them up. Profiles are the newest. A new buyer pays
-- his first order of all in the month.
select
    month,
    dimension,
    value,
    currency_code,
    buyer_count,
    new_buyer_count,
    paid_order_count,
    gmv_amount,
from base.profiles
order by month, dimension, value, currency_code
