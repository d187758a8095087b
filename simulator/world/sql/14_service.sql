-- Around the chunk's orders: shipments, reviews, conversations, complaints.
insert into truth.shipments
select
    make_id('shipment', order_no) as shipment_id,
    make_id('order', order_no) as order_id,
    list_extract(
        ['顺丰速运', '中通快递', '圆通速递', '韵达快递', '申通快递', '极兔速递', '中国邮政'],
        1 + floor(7 * pow(draw('carrier', order_no), 1.3e0))::bigint
    ) as carrier_name,
    at_time(paid + 172800) as pickup_due_at,
    at_time(shipped + between_of(600, 20000, 'picked up', order_no)) as picked_up_at,
    at_time(paid + 172800 + 345600) as delivery_due_at,
    at_time(received) as delivered_at,
    at_time(created) as order_created_at,
    at_time(prepared) as prepared_at,
from draft
where shipped is not null;

insert into truth.reviews
select
    make_id('review', order_no) as review_id,
    make_id('order', order_no) as order_id,
    make_id('line', line_no) as line_id,
    make_id('product', merchant_product_base + product_nth) as product_id,
    make_id('customer', customer_no) as customer_id,
    case
        when draw('level', order_no) < 0.0005e0 + 0.045e0 * badness * badness then 'bad'
        when draw('level', order_no) < 0.04e0 + 0.05e0 * badness then 'neutral'
        else 'good'
    end as review_level,
    at_time(received + between_of(1800, 864000, 'reviewed', order_no)) as reviewed_at,
    at_time(created) as order_created_at,
from draft
where received is not null and draw('reviews', order_no) < 0.22e0;

insert into truth.service_conversations
select
    make_id('conversation', order_no) as conversation_id,
    make_id('merchant', merchant_no) as merchant_id,
    case when draw('asks before', order_no) < 0.9e0 then make_id('order', order_no) end as order_id,
    make_id('customer', customer_no) as customer_id,
    case
        when draw('judges', order_no) < 0.65e0
            then draw('satisfied', order_no) < 0.97e0 - 0.35e0 * badness
    end as is_satisfied,
    at_time(started) as started_at,
    at_time(replied) as first_replied_at,
    at_time(coalesce(replied, started + 86400) + between_of(60, 3600, 'conversation', order_no))
        as ended_at,
    at_time(created) as order_created_at,
from (
    select
        *,
        created + floor(500000 * pow(draw('conversation starts', order_no), 3))::bigint as started,
        case
            when draw('replies', order_no) >= 0.12e0 * badness
                then started + 3 + wait(30 + 500 * badness * badness, 'replied', order_no)
        end as replied,
    from draft
    where draw('conversation', order_no) < 0.1e0
);

insert into truth.complaints
select
    make_id('complaint', order_no) as complaint_id,
    make_id('order', order_no) as order_id,
    make_id('merchant', merchant_no) as merchant_id,
    make_id('creator', creator_no) as creator_id,
    make_id('customer', customer_no) as customer_id,
    case
        when draw('complaint', order_no) < 0.4e0 then 'quality'
        when draw('complaint', order_no) < 0.65e0 then 'late delivery'
        when draw('complaint', order_no) < 0.85e0 then 'service'
        else 'not as described'
    end as reason,
    at_time(complained) as complained_at,
    at_time(complained + between_of(86400, 864000, 'complaint closed', order_no)) as closed_at,
    at_time(created) as order_created_at,
    case when draw('verdict', order_no) < 0.3e0 + 0.5e0 * badness then 'upheld' else 'dismissed' end
        as verdict,
from (
    select
        *,
        paid + between_of(43200, 1100000, 'complained', order_no) as complained,
    from draft
    where
        paid is not null
        and kind in ('normal', 'local', 'hit')
        and draw('complains', order_no)
        < (0.0006e0 + 0.014e0 * badness * badness) * case when is_signed then 0.8e0 else 1.1e0 end
);
