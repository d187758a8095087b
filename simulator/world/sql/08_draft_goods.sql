-- Orders of the cells in `skeleton`: who buys what from whom, where and for how much. One row per
-- order with up to three lines.
create or replace temp view draft_goods as
with

-- Ten orders have 1, 2, 1, 1, 1, 3, 1, 1, 1 and 1 lines; the last order of a cell takes what is
-- left.
numbered as (
    select
        *,
        order_base + nth as order_no,
        group_order_base + nth as group_no,
        case
            when is_single then nth
            else nth // 10 * 13 + nth % 10 + (nth % 10 > 1)::integer + 2 * (nth % 10 > 5)::integer
        end as first_line,
        case
            when is_single then 1
            else least(
                lines - first_line,
                1 + (nth % 10 = 1)::integer + 2 * (nth % 10 = 5)::integer
            )
        end as line_count,
        line_base + first_line as line_no,
        group_line_base + first_line as group_line_no,
        campaign_order_base + nth as campaign_no,
    from skeleton
),

-- In a campaign the first orders of a segment go through its merchants, or its local products, in
-- turn.
turns as (
    select
        *,
        campaign_no is not null
        and campaign_no < case
            when kind = 'local' and campaign = 2 then products
            else merchants
        end as is_set,
        even(0.6180339887e0, 'paid', group_no) as paid_draw,
        even(0.4142135623e0, 'channel', group_no) as channel_draw,
    from numbered
),

placed as (
    select
        *,
        is_set
        or kind in ('wine', 'xian', 'durian', 'allergy')
        or paid_draw < 0.92e0 as is_paid,
        case
            when is_set and kind = 'local' and campaign = 2
                then campaign_no // products_per_merchant
            when is_set then campaign_no
            when kind = 'rooms' then room
            else floor(merchants * pow(draw('merchant', order_no), 1.3e0))::bigint
        end as merchant_nth,
        case
            when own_session_no is not null then 'live'
            when channel_draw < live then 'live'
            when channel_draw < live + video then 'video'
            else 'shelf'
        end as channel,
        case
            when own_session_no is not null then own_session_no
            when channel_draw < live
                then session_base
                    + floor(sessions * pow(draw('session', order_no), 1.0e0 / 0.6e0))::bigint
        end as session_no,
        floor(
            getvariable('customers')
            * pow((order_no + 1) / getvariable('orders')::double, 0.72e0)
        )::bigint as joined,
        floor(
            getvariable('customers') * pow(order_no / getvariable('orders')::double, 0.72e0)
        )::bigint as joined_before,
    from turns
),

-- A buyer is new when the number of buyers grows with the order; else one of two earlier ones,
-- mostly recent, the keener of them; the later, the more do buyers stay.
bought as (
    select
        placed.*,
        merchant_base + merchant_nth as merchant_no,
        case
            when kind = 'wine'
                then getvariable('customers')
                + (segment_order_base + nth) % getvariable('loyal_customers')
            when kind in ('xian', 'durian', 'allergy')
                then getvariable('customers') + getvariable('loyal_customers')
                + case kind when 'xian' then 0 when 'durian' then 1 else 2 end
            when joined > joined_before then joined - 1
            when joined <= 1 then 0
            when draw('keen', one_buyer) > draw('keen', other_buyer) then one_buyer
            else other_buyer
        end as customer_no,
    from (
        select
            *,
            1.3e0 + 8.0e0 * pow(order_no / getvariable('orders')::double, 2) as loyalty,
            floor((joined - 1) * (1 - pow(draw('buyer', order_no), loyalty)))::bigint as one_buyer,
            floor((joined - 1) * (1 - pow(draw('other buyer', order_no), loyalty)))::bigint
                as other_buyer,
        from placed
    ) as placed
),

-- Every row meets exactly one: rows without a match would come after the others of their batch.
joined_plans as (
    select
        bought.*,
        merchants.products as merchant_products,
        merchants.product_base as merchant_product_base,
        merchants.badness,
        merchants.return_factor,
        merchants.signed,
        merchants.category_signed,
        coalesce(
            bought.own_creator_no,
            sessions.creator_no,
            case
                when channel = 'video'
                    then floor(4 * bought.sessions * pow(draw('video host', order_no), 2))::bigint
            end
        ) as creator_no,
        sessions.starts,
        sessions.lasts,
    from bought
    inner join plan.merchants as merchants on bought.merchant_no = merchants.merchant_no
    inner join (
        select session_no, creator_no, starts, lasts from plan.sessions
        union all
        select -1, null, null, null
    ) as sessions on coalesce(bought.session_no, -1) = sessions.session_no
),

-- Prices and pieces of a line run evenly through its group, so that sums of a window are steady.
priced as (
    select
        *,
        case
            when is_set and kind = 'local' and campaign = 2 then campaign_no % products_per_merchant
            else floor(merchant_products * pow(draw('product', order_no), 1.5e0))::bigint
        end as product_nth,
        line_price(base_price, price_spread, group_line_no) as price_1,
        case
            when is_calibrated
                then 1 + (paid_draw < 0.2e0)::integer + (paid_draw < 0.05e0)::integer
            else line_items(kind, group_line_no)
        end as items_1,
        case when line_count > 1
            then line_price(base_price, price_spread, group_line_no + 1) else 0 end
            as price_2,
        case when line_count > 1 then line_items(kind, group_line_no + 1) else 0 end as items_2,
        case when line_count > 2
            then line_price(base_price, price_spread, group_line_no + 2) else 0 end
            as price_3,
        case when line_count > 2 then line_items(kind, group_line_no + 2) else 0 end as items_3,
        case
            when kind in ('wine', 'xian', 'durian', 'allergy', 'rooms', 'hit') then 0
            when draw('promoted', order_no) < 0.3e0 then 0
            else between_of(5, 21, 'promotion', order_no)
        end as promotion_percent,
        draw('freight', order_no) as freight_draw,
        case
            when kind in ('wine', 'xian', 'durian', 'allergy', 'rooms') then 0
            when draw('freight', order_no) > 0.34 then 0
            else 100 * between_of(6, 16, 'freight amount', order_no)
        end as freight_origin,
    from joined_plans
),

multiplied as (
    select
        *,
        price_1 * items_1 as order_1,
        price_2 * items_2 as order_2,
        price_3 * items_3 as order_3,
        case
            when freight_draw < 0.08e0 then 0
            when freight_draw < 0.3e0 then freight_origin
            else freight_origin // 2
        end as freight_promotion,
    from priced
),

reduced as (
    select
        *,
        order_1 - order_1 * promotion_percent // 100 as pay_1,
        order_2 - order_2 * promotion_percent // 100 as pay_2,
        order_3 - order_3 * promotion_percent // 100 as pay_3,
    from multiplied
),

summed as (
    select
        *,
        pay_1 + pay_2 + pay_3 + freight_origin - freight_promotion as pay_amount,
        order_1 + order_2 + order_3 - pay_1 - pay_2 - pay_3 as promotion,
    from reduced
),

borne as (
    select
        *,
        case when channel = 'shelf' then promotion * 65 // 100 else promotion // 2 end
            as promotion_shop,
        case
            when channel = 'shelf' then promotion - promotion * 65 // 100
            else promotion * 3 // 10
        end as promotion_platform,
    from summed
)

select * from borne;
