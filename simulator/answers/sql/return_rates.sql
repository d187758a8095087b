-- Returns and refunds of what was paid in a month, by merchant and channel.
-- Grain: one row per merchant, channel and month (first day) of the payment.
-- For: claims.agg_return_rates_daily. Lines and orders paid in the month, whatever day their refund
-- came on. Returned: a successful refund of claim type 0 (goods came back). Refunded before
-- shipment: claim type 2. return_rate = returned orders / paid orders, refund_rate = refunded amount
-- / GMV.
with

refunded as (
    select
        line_id,
        bool_or(claim_type = 0) as is_returned,
        bool_or(claim_type = 2) as is_before_shipment,
        sum(refund_amount) as refunded,
        sum(refund_amount) filter (where claim_type = 0) as returned,
    from base.refunds
    where line_id is not null
    group by all
)

select
    lines.merchant_id::varchar as merchant_id,
    lines.channel,
    date_trunc('month', lines.paid_date)::date as month,
    lines.currency_code,
    count(*) as paid_line_count,
    count(refunded.line_id) as refunded_line_count,
    count(*) filter (where refunded.is_returned) as returned_line_count,
    count(*) filter (where refunded.is_before_shipment) as refunded_before_shipment_line_count,
    count(distinct lines.order_id) as paid_order_count,
    count(distinct lines.order_id) filter (where refunded.line_id is not null)
        as refunded_order_count,
    count(distinct lines.order_id) filter (where refunded.is_returned) as returned_order_count,
    yuan(sum(lines.pay_amount)) as gmv_amount,
    yuan(coalesce(sum(refunded.refunded), 0)) as refunded_amount,
    yuan(coalesce(sum(refunded.returned), 0)) as returned_amount,
    returned_order_count / paid_order_count as return_rate,
    coalesce(sum(refunded.refunded), 0)::bigint / nullif(sum(lines.pay_amount)::bigint, 0)
        as refund_rate,
from base.lines
left join refunded on lines.line_id = refunded.line_id
where lines.paid_date is not null
group by all
order by merchant_id, channel, month, currency_code
