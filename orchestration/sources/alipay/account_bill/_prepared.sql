-- One row per movement that has to do with a refund: money out, money that came back, and the fee
-- that is given back, which is a row of its own under the same business number.
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
    where contains("业务类型", '退款') or contains("业务类型", '退费')
),

typed as (
    select
        *,
        contains(kind, '退费') as is_fee,
        regexp_full_match(income_text, '[+]?[0-9]{1,12}([.][0-9]{1,2})?') as is_income,
        regexp_full_match(expense_text, '-?[0-9]{1,12}([.][0-9]{1,2})?') as is_expense,
        try_cast(time_text as timestamp) as local_time
    from texts
)

select
    *,
    not is_fee and is_income and is_expense and local_time is not null
    and coalesce(flow_id, '') <> '' as is_right_refund,
    cast(local_time as date) as bill_date,
    case when is_income then cast(cast(income_text as decimal(14, 2)) * 100 as bigint) end
        as income,
    case when is_expense then abs(cast(cast(expense_text as decimal(14, 2)) * 100 as bigint)) end
        as expense,
    timezone('UTC', timezone(getvariable('time_zone'), local_time)) as transacted_at,
    timezone(
        'UTC',
        timezone(
            getvariable('time_zone'), cast(local_time as date) + interval 1 day + interval 10 hour
        )
    ) as ready_at
from typed
