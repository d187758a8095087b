-- One row per refund of the bill, as it was initiated; its status there is never updated.
select
    _row_number,
    bill_line_id,
    'wechat' as pay_channel,
    account_id,
    'refund' as line_type,
    refund_order_id,
    channel_refund_id,
    order_id,
    bill_status,
    currency_code,
    amount,
    fee_amount,
    bill_date,
    transacted_at,
    ready_at as updated_at
from prepared
