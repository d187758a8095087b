-- One row per refund in a bill of type ALL or REFUND, whatever its status: a cancelled payment
-- (REVOKED) pays money back, too. Payments are counted in the totals only. A value keeps its text
-- where it may be wrong, for the quarantine to name. A refund is named by its number, its day and
-- its place among the rows of both: both types of bill bring it. One without a number (0) is named
-- by its payment and its status. Refunds proper come first, so that no other row moves their place.
with

texts as (
    select
        _row_number,
        "{time}" as time_text,
        "退款金额" as amount_text,
        "手续费" as fee_text,
        coalesce("交易状态", '') as trade_status,
        "微信订单号" as payment_id,
        nullif(nullif("微信退款单号", '0'), '') as channel_refund_id,
        nullif(nullif("商户退款单号", '0'), '') as refund_order_id,
        "商户订单号" as order_id,
        "退款状态" as refund_status,
        "货币种类" as currency_code,
        concat('wechat-', "商户号") as account_id
    from delivered
    where
        coalesce("交易状态", '') not in ('SUCCESS', 'REVOKED')
        or not regexp_full_match(coalesce("退款金额", ''), '(0+([.]0*)?)?')
),

typed as (
    select
        *,
        coalesce(channel_refund_id, nullif(payment_id, '') || '-' || trade_status) as line_number,
        case
            when trade_status = 'REFUND' then refund_status
            else coalesce(nullif(refund_status, ''), 'SUCCESS')
        end as bill_status,
        regexp_full_match(coalesce(amount_text, ''), '[0-9]{1,12}([.][0-9]{1,2})?')
            as is_amount,
        regexp_full_match(coalesce(fee_text, ''), '-?[0-9]{1,12}([.][0-9]{1,5})?') as is_fee,
        parse_local(time_text) as local_time
    from texts
)

select
    *,
    cast(local_time as date) as bill_date,
    case when is_amount then cast(cast(amount_text as decimal(14, 2)) * 100 as bigint) end
        as amount,
    case when is_fee then cast(round(cast(fee_text as decimal(18, 5)) * 100, 0) as bigint) end
        as fee_amount,
    to_utc(local_time) as transacted_at,
    to_utc(cast(local_time as date) + interval 1 day + interval 10 hour) as ready_at,
    concat_ws(
        '-',
        concat('wechat_pay-', line_number),
        strftime(local_time, '%Y%m%d'),
        row_number() over (
            partition by line_number, cast(local_time as date)
            order by trade_status <> 'REFUND', _row_number
        )
    ) as bill_line_id
from typed
