-- One row per delivered version of channel bill lines; superseded ones stay as before images.
select
    channel_bill_lines.source,
    channel_bill_lines.bill_line_id,
    channel_bill_lines.pay_channel,
    channel_bill_lines.account_id,
    channel_bill_lines.line_type,
    channel_bill_lines.refund_order_id,
    nullif(trim(channel_bill_lines.channel_refund_id), '') as channel_refund_id,
    channel_bill_lines.order_id,
    channel_bill_lines.bill_status,
    channel_bill_lines.currency_code,
    {{ minor_units('channel_bill_lines.amount') }} as amount,
    {{ minor_units('channel_bill_lines.fee_amount') }} as fee_amount,
    channel_bill_lines.bill_date,
    channel_bill_lines.transacted_at,
    channel_bill_lines.updated_at,
    {{ evidence_columns('channel_bill_lines') }}
    {{ lineage_columns('channel_bill_lines') }}
from {{ delivered_rows('channel_bill_lines') }} as channel_bill_lines
inner join {{ ranked_deliveries() }} as deliveries
    on channel_bill_lines._delivery_id = deliveries.delivery_id
