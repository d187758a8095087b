-- One row per refund that left the account or came back to it. The fees of a business number, those
-- given back and those charged, go to its refunds and to its returns in the order of the file; what
-- there is beyond the last one adds to it. A refund without a fee row got none back, but of the fee
-- of a return the bill then says nothing.
with

placed as (
    select
        *,
        row_number() over (
            partition by channel_refund_id, is_return, is_fee
            order by is_right_refund desc, _row_number asc
        ) as place,
        count_if(is_right_refund) over (partition by channel_refund_id, is_return) as refund_count
    from prepared
),

fees as (
    select
        channel_refund_id,
        is_return,
        least(place, refund_count) as place,
        sum(expense - income) as fee_amount
    from placed
    where is_fee
    group by all
)

select
    refunds._row_number,
    concat('alipay-', refunds.flow_id) as bill_line_id,
    'alipay' as pay_channel,
    refunds.account_id,
    case when refunds.is_return then 'return' else 'refund' end as line_type,
    refunds.channel_refund_id,
    refunds.order_id,
    case when refunds.is_return then 'CHANGE' else 'SUCCESS' end as bill_status,
    refunds.expense + refunds.income as amount,
    cast(
        case when refunds.is_return then fees.fee_amount else coalesce(fees.fee_amount, 0) end
        as bigint
    ) as fee_amount,
    refunds.bill_date,
    refunds.transacted_at,
    refunds.ready_at as updated_at
from placed as refunds
left join fees
    on refunds.channel_refund_id = fees.channel_refund_id
    and refunds.is_return = fees.is_return
    and refunds.place = fees.place
where not refunds.is_fee
