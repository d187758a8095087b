-- One row per refund that left the account or came back to it. A fee that is given back belongs to
-- the first right refund of its business number.
with

fees as (
    select
        channel_refund_id,
        sum(income) as fee_amount
    from prepared
    where is_fee
    group by channel_refund_id
),

refunds as (
    select
        *,
        row_number() over (
            partition by channel_refund_id
            order by is_right_refund desc, _row_number asc
        ) as refund_number
    from prepared
    where not is_fee
)

select
    refunds._row_number,
    concat('alipay-', refunds.flow_id) as bill_line_id,
    'alipay' as pay_channel,
    refunds.account_id,
    case when refunds.expense > 0 then 'refund' else 'return' end as line_type,
    refunds.channel_refund_id,
    refunds.order_id,
    case when refunds.expense > 0 then 'SUCCESS' else 'CHANGE' end as bill_status,
    refunds.expense + refunds.income as amount,
    cast(
        case when refunds.refund_number = 1 then -coalesce(fees.fee_amount, 0) else 0 end as bigint
    ) as fee_amount,
    refunds.bill_date,
    refunds.transacted_at,
    refunds.ready_at as updated_at
from refunds
left join fees on refunds.channel_refund_id = fees.channel_refund_id
