-- Values of a movement that the mapping could not carry over, and fees of a refund or a return that
-- the bill does not hold: they have no line to stand in.
with

refunded as (
    select distinct
        channel_refund_id,
        is_return
    from prepared
    where is_right_refund
),

complaints as (
    select
        _row_number,
        unnest([
            {
                'name': '账务流水号',
                'text': flow_id,
                'wanted': 'number',
                'is_wrong': not is_fee and coalesce(flow_id, '') = ''
            },
            {
                'name': '收入金额（+元）',
                'text': income_text,
                'wanted': 'amount in yuan',
                'is_wrong': not is_income
            },
            {
                'name': '支出金额（-元）',
                'text': expense_text,
                'wanted': 'amount in yuan',
                'is_wrong': not is_expense
            },
            {
                'name': '发生时间',
                'text': time_text,
                'wanted': 'time',
                'is_wrong': local_time is null
            },
            {
                'name': '业务流水号',
                'text': channel_refund_id,
                'wanted': 'refund of this bill',
                'is_wrong': is_fee
                and not coalesce(
                    (channel_refund_id, is_return) in (
                        select
                            refunded.channel_refund_id,
                            refunded.is_return
                        from refunded
                    ),
                    false
                )
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
