-- The chunk's orders and lines, from its draft.
insert into truth.orders
select
    make_id('order', draft.order_no) as order_id,
    make_id('merchant', draft.merchant_no) as merchant_id,
    make_id('customer', draft.customer_no) as customer_id,
    case when draft.paid is not null then pay_type_of(draft.order_no) end as pay_type,
    'CNY' as currency_code,
    draft.pay_amount + draft.promotion as order_amount,
    draft.pay_amount,
    draft.freight_origin - draft.freight_promotion as freight_amount,
    draft.freight_origin as freight_origin_amount,
    draft.freight_promotion as freight_promotion_amount,
    draft.promotion as promotion_amount,
    draft.promotion_shop as promotion_shop_amount,
    draft.promotion_platform as promotion_platform_amount,
    draft.promotion - draft.promotion_shop - draft.promotion_platform as promotion_creator_amount,
    draft.promotion + draft.freight_promotion as total_promotion_amount,
    draft.promotion_shop as shop_cost_amount,
    draft.promotion - draft.promotion_shop as platform_cost_amount,
    draft.promotion_platform as platform_only_cost_amount,
    draft.promotion - draft.promotion_shop - draft.promotion_platform as creator_cost_amount,
    places.province,
    places.city,
    at_time(draft.created) as created_at,
    at_time(draft.paid) as paid_at,
    at_time(draft.prepared) as prepared_at,
    at_time(draft.partly_shipped) as partly_shipped_at,
    at_time(draft.shipped) as shipped_at,
    at_time(draft.finished) as finished_at,
    at_time(draft.cancelled) as cancelled_at,
    draft.customer_no as customer_number,
    draft.line_count,
    draft.channel,
    make_id('creator', draft.creator_no) as creator_id,
    make_id('session', draft.session_no) as session_id,
    case when draft.kind not in ('normal', 'local') then draft.kind end as case_code,
from (
    select
        *,
        case
            when moved_at(customer_no) <= created then next_place(customer_no)
            else home_place(customer_no)
        end as place,
    from draft
) as draft
inner join plan.places as places on draft.place = places.place;

insert into truth.order_lines
select
    make_id('line', line_no + ordinal) as line_id,
    make_id('order', order_no) as order_id,
    make_id('product', product_no) as product_id,
    make_id('sku', product_no * 8 + price % 8) as sku_id,
    make_id('creator', creator_no) as creator_id,
    make_id('session', session_no) as session_id,
    channel,
    case ordinal when 0 then items_1 when 1 then items_2 else items_3 end as item_count,
    case ordinal when 0 then order_1 when 1 then order_2 else order_3 end as order_amount,
    case ordinal when 0 then pay_1 when 1 then pay_2 else pay_3 end as pay_amount,
    at_time(case when ordinal = line_count - 1 then received else first_received end)
        as received_at,
    at_time(created) as created_at,
    ordinal + 1 as line_ordinal,
    make_id('merchant', merchant_no) as merchant_id,
    at_time(paid) as paid_at,
from (
    select
        *,
        merchant_product_base + (product_nth + ordinal) % merchant_products as product_no,
        case ordinal when 0 then price_1 when 1 then price_2 else price_3 end as price,
    from (
        select *, unnest(range(line_count)) as ordinal
        from draft
    )
);
