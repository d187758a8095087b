-- A platform of a dozen orders whose right figures can be worked out by hand. Times are UTC,
-- Shanghai is 8 hours ahead; amounts are in fen. The empty tables of `final` are there already.
create or replace macro id(kind, number) as kind || lpad(number::varchar, 18, '0');

insert into truth.parameters by name
select
    date '2020-01-01' as from_date,
    date '2021-08-31' as to_date,
    timestamp '2021-08-31 16:00:00' as end_at,
    7 as days,
    16 as lines,
    0.00000016 as scale,
    1 as seed;

insert into final.merchants by name
select
    id(5, number) as merchant_id,
    'shop ' || number as merchant_name,
    kind as merchant_type,
    since as updated_at,
from (
    values
    (1, 'grower', timestamp '2020-01-01 00:00:00'),
    (1, 'brand', timestamp '2021-08-20 00:00:00'),
    (2, 'brand', timestamp '2020-01-01 00:00:00')
) as t (number, kind, since);

-- Product 4 changes its category at the very second at which order 10 is paid.
insert into final.products by name
select
    id(4, number) as product_id,
    id(5, merchant) as merchant_id,
    'product ' || number as product_name,
    'brand ' || number as brand_name,
    category as category_id,
    subcategory,
    number = 5 as is_rose,
    since as updated_at,
from (
    values
    (1, 1, 'fresh', 'fruit', timestamp '2020-01-01 00:00:00'),
    (2, 2, 'beauty', null, timestamp '2020-01-01 00:00:00'),
    (3, 1, 'food', null, timestamp '2021-08-30 00:00:00'),
    (4, 2, 'home', null, timestamp '2020-01-01 00:00:00'),
    (4, 2, 'toys', null, timestamp '2021-08-10 04:00:00'),
    (5, 1, 'flowers', 'roses', timestamp '2020-01-01 00:00:00')
) as t (number, merchant, category, subcategory, since);

insert into final.customers by name
select
    id(6, number) as customer_id,
    gender,
    born as birth_year,
    city,
    timestamp '2020-01-01 00:00:00' as updated_at,
from (
    values
    (1, 'female', 1996, '上海'), (2, 'male', 1985, '某地'), (3, null, null, null)
) as t (number, gender, born, city);

insert into final.creators by name
select
    id(8, 1) as creator_id,
    'affiliate' as creator_type,
    10 as follower_count,
    timestamp '2020-01-01 00:00:00' as updated_at;

insert into final.right_enrolments by name
select
    id(9, 1) as enrolment_id,
    id(5, 1) as merchant_id,
    'R6' as right_code,
    timestamp '2021-05-10 00:00:00' as enrolled_at,
    timestamp '2021-05-10 00:00:00' as updated_at;

-- Session 2 has no viewers, session 3 no sale.
insert into final.livestream_sessions by name
select
    id(7, number) as session_id,
    id(8, 1) as creator_id,
    views as view_count,
    viewers as viewer_count,
    100 as product_exposure_count,
    25 as product_click_count,
    timestamp '2021-08-01 15:00:00' as started_at,
    timestamp '2021-08-01 17:00:00' as ended_at,
    timestamp '2021-08-01 17:00:00' as updated_at,
from (values (1, 4000, 3000), (2, 0, 0), (3, 10, 5)) as t (number, views, viewers);

-- Lines: order, line, product, goods amount, channel, session, receipt.
create or replace temp table sold as
select * from (
    values
    (1, 1, 1, 10000, 'live', 1, timestamp '2021-08-04 00:00:00'),
    (1, 2, 2, 10000, 'live', 1, timestamp '2021-08-04 00:00:00'),
    (1, 3, 3, 10000, 'live', 1, timestamp '2021-08-05 00:00:00'),
    (2, 4, 3, 5000, 'shelf', null, null),
    (3, 5, 3, 7000, 'shelf', null, null),
    (4, 6, 1, 36800, 'live', 1, timestamp '2021-08-05 06:00:00'),
    (5, 7, 1, 36800, 'live', 2, timestamp '2021-08-05 06:00:00'),
    (6, 8, 2, 149000, 'video', null, timestamp '2021-06-01 00:00:00'),
    (7, 9, 2, 149000, 'video', null, timestamp '2021-06-01 00:00:00'),
    (8, 10, 3, 9900, 'shelf', null, null),
    (9, 11, 5, 20000, 'shelf', null, null),
    (10, 12, 4, 3000, 'shelf', null, timestamp '2021-08-12 00:00:00'),
    (11, 13, 4, 3000, 'shelf', null, null),
    (12, 14, 3, 0, 'shelf', null, timestamp '2021-08-15 00:00:00'),
    (12, 15, 3, 0, 'shelf', null, timestamp '2021-08-15 00:00:00'),
    (13, 16, 5, 40000, 'shelf', null, null)
) as t (order_number, line_number, product, goods, channel, session, received_at);

-- Orders: customer, merchant, status, freight, created, paid.
create or replace temp table ordered as
select * from (
    values
    (1, 1, 1, 5, 1000, timestamp '2021-08-01 03:00:00', timestamp '2021-08-01 03:01:00'),
    (2, 1, 1, 2, 0, timestamp '2021-08-01 15:50:00', timestamp '2021-08-01 15:59:59'),
    (3, 2, 1, 2, 0, timestamp '2021-08-01 15:50:00', timestamp '2021-08-01 16:00:00'),
    (4, 2, 1, 5, 0, timestamp '2021-08-02 03:00:00', timestamp '2021-08-02 03:00:00'),
    (5, 3, 1, 5, 0, timestamp '2021-08-02 03:00:00', timestamp '2021-08-02 03:00:00'),
    (6, 1, 2, 5, 0, timestamp '2021-05-28 03:00:00', timestamp '2021-05-28 03:00:00'),
    (7, 3, 2, 5, 0, timestamp '2021-05-28 03:00:00', timestamp '2021-05-28 03:00:00'),
    (8, 1, 1, 1, 100, timestamp '2021-08-03 03:00:00', null),
    (9, 2, 1, 4, 0, timestamp '2021-08-03 03:00:00', timestamp '2021-08-03 03:05:00'),
    (10, 1, 2, 5, 0, timestamp '2021-08-10 03:59:00', timestamp '2021-08-10 04:00:00'),
    (11, 1, 2, 2, 0, timestamp '2021-08-10 03:59:00', timestamp '2021-08-10 03:59:59'),
    (12, 2, 1, 5, 800, timestamp '2021-08-12 03:00:00', timestamp '2021-08-12 03:00:00'),
    (13, 2, 1, 2, 0, timestamp '2021-02-10 03:00:00', timestamp '2021-02-10 03:00:00')
) as t (number, customer, merchant, status, freight, created_at, paid_at);

insert into final.orders by name
select
    id(1, number) as order_id,
    id(5, merchant) as merchant_id,
    id(6, customer) as customer_id,
    status as order_status,
    1 as pay_type,
    'CNY' as currency_code,
    goods + freight as order_amount,
    goods + freight as pay_amount,
    freight as freight_amount,
    0 as promotion_amount,
    '上海' as province,
    '上海' as city,
    created_at,
    paid_at,
    created_at as updated_at,
from ordered
inner join (
    select order_number, sum(goods)::bigint as goods from sold group by order_number
) as goods on ordered.number = goods.order_number;

insert into final.order_lines by name
select
    id(2, line_number) as line_id,
    id(1, order_number) as order_id,
    id(4, product) as product_id,
    if(session is null, null, id(8, 1)) as creator_id,
    id(7, session) as session_id,
    channel,
    if(product = 5, 2, 1) as item_count,
    goods as order_amount,
    goods as pay_amount,
    received_at,
    timestamp '2021-08-20 00:00:00' as updated_at,
from sold;

-- 1: half of order 1, as a whole. 2: fresh, the 24 hours' last second. 3: one second late.
-- 4: beauty, the 60 days' last second, after the return. 5: one second late, refused.
-- 6: refund of the cancelled order before shipment, on the midnight of Shanghai, within 2 h.
-- 7: exchange under a right. 8: resend without a right. 9: refund recovered, which is no success.
-- 10: whole order 12, whose goods cost nothing. 11: R2 on a fresh line: out of scope.
insert into final.claims by name
select
    id(3, number) as claim_id,
    id(1, order_number) as order_id,
    id(2, line_number) as line_id,
    right_code,
    kind as claim_type,
    status as claim_status,
    refund as refund_status,
    'quality' as reason,
    'CNY' as currency_code,
    amount as applied_amount,
    if(refund in (3, 5), amount, null) as refund_amount,
    applied_at,
    approved_at,
    returned_at as return_received_at,
    refunded_at,
    ended_at,
    ended_at as updated_at,
from (
    values
    (
        1, 1, null, null, 1, 12, 3, 15500, timestamp '2021-08-06 00:00:00',
        timestamp '2021-08-06 00:10:00', null::timestamp, timestamp '2021-08-06 01:00:00',
        timestamp '2021-08-06 01:00:00'
    ),
    (
        2, 4, 6, 'R6', 1, 12, 3, 36800, timestamp '2021-08-06 06:00:00',
        timestamp '2021-08-06 10:59:00', null, timestamp '2021-08-06 11:00:00',
        timestamp '2021-08-06 11:00:00'
    ),
    (
        3, 5, 7, 'R6', 1, 12, 3, 36800, timestamp '2021-08-06 06:00:01',
        timestamp '2021-08-06 06:30:01', null, timestamp '2021-08-06 07:00:00',
        timestamp '2021-08-06 07:00:00'
    ),
    (
        4, 6, 8, 'R7', 0, 12, 3, 149000, timestamp '2021-07-31 00:00:00',
        timestamp '2021-07-31 00:03:00', timestamp '2021-08-03 00:00:00',
        timestamp '2021-08-03 02:00:00', timestamp '2021-08-03 02:00:00'
    ),
    (
        5, 7, 9, 'R7', 0, 28, null, 149000, timestamp '2021-07-31 00:00:01', null, null, null,
        timestamp '2021-08-01 00:00:00'
    ),
    (
        6, 9, 11, 'R3', 2, 12, 3, 20000, timestamp '2021-08-03 05:05:00',
        timestamp '2021-08-03 05:05:00', null, timestamp '2021-08-03 16:00:00',
        timestamp '2021-08-03 16:00:00'
    ),
    (
        7, 10, 12, 'R2', 3, 14, null, 0, timestamp '2021-08-13 00:00:00',
        timestamp '2021-08-13 00:00:10', null, null, timestamp '2021-08-18 00:00:00'
    ),
    (
        8, 10, 12, null, 7, 14, null, 0, timestamp '2021-08-13 00:00:00',
        timestamp '2021-08-13 00:00:10', null, null, timestamp '2021-08-18 00:00:00'
    ),
    (
        9, 11, 13, 'R3', 2, 12, 5, 3000, timestamp '2021-08-11 00:00:00',
        timestamp '2021-08-11 00:00:00', null, timestamp '2021-08-11 00:01:00',
        timestamp '2021-08-12 00:00:00'
    ),
    (
        10, 12, null, 'R3', 2, 12, 3, 800, timestamp '2021-08-12 04:00:00',
        timestamp '2021-08-12 04:00:00', null, timestamp '2021-08-12 04:00:05',
        timestamp '2021-08-12 04:00:05'
    ),
    (
        11, 4, 6, 'R2', 0, 28, null, 100, timestamp '2021-08-06 06:00:00', null, null, null,
        timestamp '2021-08-07 00:00:00'
    )
) as t (
    number, order_number, line_number, right_code, kind, status, refund, amount, applied_at,
    approved_at, returned_at, refunded_at, ended_at
);

insert into delivery.files values
('native/fees/dt=2021-08-31/fees.csv', 'landing', 'fees', '2021-08-31', 5, 5, 0, 'accepted'),
('native/orders/dt=2021-08-31/orders.csv', 'landing', 'orders', '2021-08-31', 13, 12, 1, 'accepted'),
('native/orders/dt=2021-08-31/orders.csv', 'earlier', 'orders', '2021-08-31', 9, 9, 0, 'accepted'),
('native/claims/dt=2021-08-31/cut.csv', 'landing', 'claims', '2021-08-31', 0, 0, 0, 'rejected');

insert into delivery.planted_faults values
(
    1, 'contract_break', 'landing', 'native/orders/dt=2021-08-31/orders.csv', 4, 'orders',
    '1000000000000000004', 'pay_amount', 'quarantine', 'negative amount'
),
(
    2, 'truncated', 'landing', 'native/claims/dt=2021-08-31/cut.csv', null, 'claims', null, null,
    'rejected', 'cut off'
);

-- The refund of the first claim failed, and was paid under another number on the next day.
insert into final.refund_orders by name
select
    id(7, number) as refund_order_id,
    id(3, 1) as claim_id,
    id(1, 1) as order_id,
    number as attempt_number,
    'wechat' as pay_channel,
    'merchant' as payer,
    'original' as route,
    status as refund_order_status,
    'CNY' as currency_code,
    15500 as refund_amount,
    instructed_at,
    succeeded_at,
    updated_at,
from (
    values
    (1, 'failed', timestamp '2021-08-06 00:20:00', null, timestamp '2021-08-06 16:30:00'),
    (
        2, 'succeeded', timestamp '2021-08-06 17:00:00', timestamp '2021-08-06 18:00:00',
        timestamp '2021-08-06 18:00:00'
    )
) as rows (number, status, instructed_at, succeeded_at, updated_at);

insert into final.channel_bill_lines by name
select
    id(8, number) as bill_line_id,
    'wechat' as pay_channel,
    'refund' as line_type,
    id(7, number) as refund_order_id,
    status as bill_status,
    'CNY' as currency_code,
    15500 as amount,
    fee as fee_amount,
    bill_date,
    bill_date + interval 1 hour as transacted_at,
from (
    values
    (1, 'PROCESSING', 0, date '2021-08-06'),
    (2, 'SUCCESS', -93, date '2021-08-07'),
    (3, 'SUCCESS', 0, date '2021-08-08')
) as rows (number, status, fee, bill_date);

insert into money.line_shares
values (id(8, 1), id(7, 1), 15500), (id(8, 2), id(7, 2), 15500);

insert into final.fund_flows by name
select
    id(9, 1) as fund_flow_id,
    'merchant' as account_holder,
    id(7, 2) as refund_order_id,
    1 as direction,
    25 as scene,
    'CNY' as currency_code,
    15500 as amount,
    timestamp '2021-08-06 18:00:00' as flowed_at;

-- Two refund orders of the second claim are paid by one line that names neither. What the third
-- claim was paid came back in part and was paid again.
insert into final.refund_orders by name
select
    id(7, number) as refund_order_id,
    id(3, claim) as claim_id,
    id(1, claim + 2) as order_id,
    1 as attempt_number,
    'wechat' as pay_channel,
    'merchant' as payer,
    'original' as route,
    'succeeded' as refund_order_status,
    'CNY' as currency_code,
    amount as refund_amount,
    timestamp '2021-08-20 02:00:00' as instructed_at,
    timestamp '2021-08-20 03:00:00' as succeeded_at,
    timestamp '2021-08-20 03:00:00' as updated_at,
from (values (11, 2, 30000), (12, 2, 6800), (13, 3, 36800)) as rows (number, claim, amount);

insert into final.channel_bill_lines by name
select
    id(8, number) as bill_line_id,
    'wechat' as pay_channel,
    kind as line_type,
    named as refund_order_id,
    id(1, ordered) as order_id,
    status as bill_status,
    'CNY' as currency_code,
    amount,
    fee as fee_amount,
    bill_date,
    bill_date + interval 1 hour as transacted_at,
from (
    values
    (11, 'refund', null, 4, 'SUCCESS', 36800, -221, date '2021-08-20'),
    (12, 'refund', id(7, 13), 5, 'SUCCESS', 36800, -221, date '2021-08-20'),
    (13, 'return', id(7, 13), 5, 'CHANGE', 10000, 60, date '2021-08-21'),
    (14, 'refund', id(7, 13), 5, 'SUCCESS', 10000, -60, date '2021-08-22')
) as rows (number, kind, named, ordered, status, amount, fee, bill_date);

insert into money.line_shares
values
(id(8, 11), id(7, 11), 30000),
(id(8, 11), id(7, 12), 6800),
(id(8, 12), id(7, 13), 36800),
(id(8, 13), id(7, 13), 10000),
(id(8, 14), id(7, 13), 10000);

insert into final.fund_flows by name
select
    id(9, flow) as fund_flow_id,
    'merchant' as account_holder,
    id(7, number) as refund_order_id,
    direction,
    scene,
    'CNY' as currency_code,
    amount,
    flowed_at,
from (
    values
    (11, 11, 1, 25, 30000, timestamp '2021-08-20 03:00:00'),
    (12, 12, 1, 25, 6800, timestamp '2021-08-20 03:00:00'),
    (13, 13, 1, 25, 36800, timestamp '2021-08-20 03:00:00'),
    (14, 13, 0, 37, 10000, timestamp '2021-08-21 03:00:00'),
    (15, 13, 1, 25, 10000, timestamp '2021-08-22 03:00:00')
) as rows (flow, number, direction, scene, amount, flowed_at);

insert into money.planted_breaks values
('OVER_REFUND', '9000000000000000001', '3000000000000000001', null, 100, 'CNY');
