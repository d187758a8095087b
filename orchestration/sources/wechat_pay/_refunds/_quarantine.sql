-- Values of a refund that the mapping could not carry over.
with

complaints as (
    select
        _row_number,
        unnest([
            {
                'name': '交易状态',
                'text': trade_status,
                'wanted': 'known status',
                'is_wrong': trade_status not in ('SUCCESS', 'REFUND', 'REVOKED')
            },
            {
                'name': '微信订单号',
                'text': payment_id,
                'wanted': 'number, nor has the refund one',
                'is_wrong': line_number is null
            },
            {
                'name': '退款金额',
                'text': amount_text,
                'wanted': 'amount in yuan',
                'is_wrong': not is_amount
            },
            {
                'name': '手续费',
                'text': fee_text,
                'wanted': 'fee in yuan',
                'is_wrong': not is_fee
            },
            {
                'name': '{time}',
                'text': time_text,
                'wanted': 'time',
                'is_wrong': local_time is null
            }
        ]) as complaint
    from prepared
)

select
    _row_number,
    complaint.name as column_name,
    concat(
        complaint.name, ' ', chr(39), left(complaint.text, 40), chr(39), ' is no ', complaint.wanted
    ) as reason
from complaints
where complaint.is_wrong
