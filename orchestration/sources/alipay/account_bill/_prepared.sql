-- One row per movement that has to do with a refund: money out, money that came back, and the fees
-- of both, which are rows of their own under the same business number. A fee that is charged (收费)
-- is that of a return where its number has one and no payment, whose fee it might be.
with

texts as (
    select
        _row_number,
        "账务流水号" as flow_id,
        "业务流水号" as channel_refund_id,
        "商户订单号" as order_id,
        "发生时间" as time_text,
        "业务类型" as kind,
        concat('alipay-', "账号") as account_id,
        coalesce("收入金额（+元）", '0') as income_text,
        coalesce("支出金额（-元）", '0') as expense_text
    from delivered
),

typed as (
    select
        *,
        contains(kind, '退费') or contains(kind, '收费') as is_fee,
        contains(kind, '退款') and not is_fee as is_refund,
        regexp_full_match(income_text, '[+]?[0-9]{1,12}([.][0-9]{1,2})?') as is_income,
        regexp_full_match(expense_text, '-?[0-9]{1,12}([.][0-9]{1,2})?') as is_expense,
        parse_local(time_text) as local_time
    from texts
),

valued as (
    select
        *,
        case when is_income then cast(cast(income_text as decimal(14, 2)) * 100 as bigint) end
            as income,
        case
            when is_expense then abs(cast(cast(expense_text as decimal(14, 2)) * 100 as bigint))
        end as expense
    from typed
),

returned as (
    select channel_refund_id
    from valued
    where income > 0
    group by channel_refund_id
    having bool_or(is_refund) and bool_and(is_refund or is_fee)
)

select
    *,
    coalesce(expense > 0, false) = is_fee as is_return,
    is_refund and is_income and is_expense and local_time is not null
    and coalesce(flow_id, '') <> '' as is_right_refund,
    cast(local_time as date) as bill_date,
    to_utc(local_time) as transacted_at,
    to_utc(cast(local_time as date) + interval 1 day + interval 10 hour) as ready_at
from valued
where
    is_refund or contains(kind, '退费')
    or is_fee and channel_refund_id in (select returned.channel_refund_id from returned)
