-- When it is paid for, shipped, received or undone: orders in full. Times are seconds in UTC.
create or replace temp table draft as
with

-- A payment stays within its day where a window of days is calibrated.
ordered as (
    select
        *,
        day_start + case
            when starts is not null then starts + floor(lasts * draw('ordered', order_no))::bigint
            when draw('by day', order_no) < 0.3e0 then between_of(0, 86390, 'ordered', order_no)
            else 28800 + floor(57590 * sqrt(draw('ordered', order_no)))::bigint
        end as created,
    from draft_goods
),

paid_for as (
    select
        *,
        case
            when not is_paid then null
            when kind = 'normal'
                and draw_group not in ('vegetables', 'fruit', 'roses', 'qixi', 'sports')
                and campaign is null
                and draw('pays late', order_no) < 0.03e0
                then created + between_of(1800, 72000, 'paid', order_no)
            else least(
                day_start + 86399,
                created + 5 + least(1700, wait(90, 'paid', order_no))
            )
        end as paid,
    from ordered
),

refunded_early as (
    select
        *,
        signed is not null and signed < paid as is_signed,
        case
            when not is_paid or kind in ('wine', 'xian', 'durian', 'allergy') then 'none'
            else refund_before_receipt(channel, draw('refund before', order_no))
        end as early_refund,
    from paid_for
),

asked_early as (
    select
        *,
        early_refund in ('impulse', 'unsent') as is_unsent,
        early_refund in ('impulse', 'unsent', 'intercepted') as is_undone,
        paid + case early_refund
            when 'impulse' then between_of(60, 7100, 'early', order_no)
            when 'unsent' then between_of(7201, 130000, 'early', order_no)
            when 'intercepted' then between_of(4300, 7100, 'early', order_no)
            when 'refused' then between_of(600, 9000, 'early', order_no)
        end as early_applied,
    from refunded_early
),

answered_early as (
    select
        *,
        case
            when not is_undone then null
            when is_signed and is_unsent
                then early_applied + between_of(2, 60, 'early approved', order_no)
            else early_applied + 300 + least(
                172800, wait(7200 + 36000 * badness, 'early approved', order_no)
            )
        end as early_approved,
        case
            when not is_paid or is_unsent then null
            when is_undone then paid + between_of(1200, 4200, 'shipped', order_no)
            when kind in ('durian', 'allergy') then paid + 7200
            else paid + 3600 + least(345600, wait(36000 + 90000 * badness, 'shipped', order_no))
        end as shipped,
    from asked_early
),

shipped as (
    select
        *,
        early_approved + case
            when is_signed then between_of(60, 5400, 'early refunded', order_no)
            else between_of(3600, 172800, 'early refunded', order_no)
        end as early_refunded,
        case
            when not is_unsent
                then least(paid + 300 + wait(3000, 'prepared', order_no), shipped - 60)
        end as prepared,
        case
            when line_count > 1 and not is_undone
                and shipped > paid + 10800 and draw('partly', order_no) < 0.2e0
                then shipped - between_of(600, 7000, 'partly shipped', order_no)
        end as partly_shipped,
        case
            when kind in ('durian', 'allergy') then day_start + 3 * 86400 + 36300
            when not is_undone
                then shipped + 43200 + between_of(0, 259200, 'received', order_no)
                    + floor(72000 * badness)::bigint
        end as received,
    from answered_early
)

select
    order_no,
    line_no,
    line_count,
    group_no,
    draw_group,
    day,
    kind,
    category_id,
    merchant_no,
    customer_no,
    creator_no,
    session_no,
    channel,
    product_nth,
    merchant_products,
    merchant_product_base,
    badness,
    return_factor,
    signed,
    category_signed,
    is_signed,
    price_1,
    price_2,
    price_3,
    items_1,
    items_2,
    items_3,
    order_1,
    order_2,
    order_3,
    pay_1,
    pay_2,
    pay_3,
    pay_amount,
    promotion,
    promotion_shop,
    promotion_platform,
    freight_origin,
    freight_promotion,
    created,
    paid,
    prepared,
    case when partly_shipped is not null then greatest(partly_shipped, prepared) end
        as partly_shipped,
    shipped,
    received,
    case when partly_shipped is not null then received - 21600 else received end as first_received,
    received + case
        when draw('confirms', order_no) < 0.4 then 864000
        else between_of(600, 432000, 'finished', order_no)
    end as finished,
    case
        when not is_paid then created + between_of(1800, 86400, 'cancelled', order_no)
        when is_undone then early_refunded
    end as cancelled,
    early_refund,
    early_applied,
    early_approved,
    early_refunded,
from shipped;
