-- Refund chains as the current state has them: one order, line and claim each. Of a hundred, one is
-- retried under its number, one came back and was paid again, one misses its bill line.
create or replace temp table chains as
select
    i,
    'order-' || i as order_id,
    'line-' || i as line_id,
    'claim-' || i as claim_id,
    timestamp '2021-01-01' + to_seconds(cast(i * 15552000 // getvariable('chains') as bigint)) as begun_at,
    cast(1 + hash(i) % 90000 as decimal(18, 0)) as fen,
    hash(i, 'kind') % 100 as kind,
    ['wechat', 'alipay', 'bank'][cast(1 + hash(i, 'channel') % 3 as bigint)] as pay_channel,
from range(getvariable('chains')) as numbers (i);

insert into intermediate.int_orders_current by name
select
    order_id, 'native' as source, 'CNY' as currency_code, 'm' || i % 5000 as merchant_id,
    case pay_channel when 'wechat' then 1 when 'alipay' then 2 else 4 end as pay_type,
    cast(fen * 0.02 as decimal(18, 2)) as pay_amount, begun_at - interval 5 day as paid_at,
    cast(begun_at - interval 5 day as date) as paid_date,
from chains;

insert into intermediate.int_order_lines_current by name
select
    line_id, order_id, 'native' as source, cast(fen * 0.01 as decimal(18, 2)) as pay_amount,
from chains;

insert into intermediate.int_claims_current by name
select
    claim_id, order_id, line_id, 'native' as source, 'CNY' as currency_code, 1 as claim_type,
    12 as claim_status, 3 as refund_status, 'merchant' as payer,
    cast(fen * 0.01 as decimal(18, 2)) as applied_amount,
    cast(fen * 0.01 as decimal(18, 2)) as refund_amount, begun_at - interval 1 day as applied_at,
    begun_at as approved_at, begun_at + interval 5 hour as refunded_at, begun_at + interval 5 hour as ended_at,
    begun_at + interval 5 hour as updated_at, cast(begun_at as date) as approved_date,
    cast(begun_at as date) as refunded_date, 'native/claims/dt=2021-06-30/claims.parquet' as evidence_file,
    i as evidence_row_number, repeat('a', 64) as evidence_sha256,
from chains;

create or replace temp table refund_orders as
select
    chains.*,
    number,
    'refund-' || i || '-' || number as refund_order_id,
    '50' || i || '-' || number as channel_refund_id,
    kind = 1 and number = 1 as is_returned,
from chains
cross join range(1, 3) as numbers (number)
where number = 1 or kind = 1;

insert into intermediate.int_refund_orders_current by name
select
    refund_order_id, claim_id, order_id, 'native' as source, 'CNY' as currency_code, pay_channel,
    case when kind in (0, 1) then number + cast(kind = 0 as bigint) else 1 end as attempt_number,
    'merchant' as payer, 'original' as route, channel_refund_id,
    if(is_returned, 'failed', 'succeeded') as refund_order_status,
    cast(fen * 0.01 as decimal(18, 2)) as refund_amount,
    begun_at + to_hours(number) as instructed_at, begun_at + to_hours(72 + number) as due_at,
    begun_at + to_hours(number) + interval 1 hour as succeeded_at,
    begun_at + to_hours(number) + interval 2 hour as updated_at, cast(begun_at as date) as instructed_date,
    cast(begun_at as date) + 3 as due_date, cast(begun_at as date) as succeeded_date,
    'native/refund_orders/dt=2021-06-30/refund_orders.parquet' as evidence_file,
    i as evidence_row_number, repeat('b', 64) as evidence_sha256,
from refund_orders;

insert into intermediate.int_channel_bill_lines_current by name
select
    'bill-' || line_type || '-' || refund_order_id as bill_line_id, 'native' as source,
    'CNY' as currency_code, pay_channel, refund_order_id, channel_refund_id, order_id, line_type,
    case line_type when 'refund' then 'SUCCESS' else 'CHANGE' end as bill_status,
    case pay_channel
        when 'wechat' then 'wechat-1600488812'
        when 'alipay' then 'alipay-2088631527'
        else 'bank-6226097713'
    end as account_id,
    cast(fen * 0.01 as decimal(18, 2)) as amount,
    cast(
        case line_type when 'refund' then -0.01 else 0.01 end
        * cast(
            (
                cast(fen as bigint)
                * case pay_channel when 'wechat' then 60 when 'alipay' then 55 else 50 end
                + 5000
            ) // 10000 as decimal(18, 0)
        ) as decimal(18, 2)
    ) as fee_amount,
    cast(begun_at as date) as bill_date, begun_at + to_hours(number) as transacted_at,
    begun_at + interval 26 hour as updated_at, cast(begun_at as date) as transacted_date,
    'native/channel_bill_lines/dt=2021-06-30/channel_bill_lines.parquet' as evidence_file,
    i as evidence_row_number, repeat('c', 64) as evidence_sha256,
from refund_orders
cross join (values ('refund'), ('return')) as line_types (line_type)
where kind <> 2 and (line_type = 'refund' or is_returned);

insert into intermediate.int_fund_flows_current by name
select
    'flow-' || refund_order_id as fund_flow_id, 'native' as source, 'CNY' as currency_code,
    'm' || i % 5000 as merchant_id, 'merchant' as account_holder, refund_order_id, order_id,
    1 as direction, 25 as scene, cast(fen * 0.01 as decimal(18, 2)) as amount,
    begun_at + to_hours(number) + interval 1 hour as flowed_at,
    begun_at + to_hours(number) + interval 1 hour as updated_at, cast(begun_at as date) as flowed_date,
    'native/fund_flows/dt=2021-06-30/fund_flows.parquet' as evidence_file,
    i as evidence_row_number, repeat('d', 64) as evidence_sha256,
from refund_orders;

update intermediate.int_data_clock set data_date = date '2021-07-15' where source = 'native';
