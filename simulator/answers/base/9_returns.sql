-- Returns of what was paid in a month; the answer return_rates says what they mean.
create table base.return_rates as
with

orders as (
    select
        lines.merchant_id,
        lines.channel,
        date_trunc('month', lines.paid_date)::date as month,
        lines.currency_code,
        lines.order_id,
        count(*) as lines,
        count(*) filter (where claimed.is_refunded) as refunded_lines,
        count(*) filter (where claimed.is_returned) as returned_lines,
        count(*) filter (where claimed.is_refunded_before_shipment) as before_shipment_lines,
        coalesce(bool_or(claimed.is_impulse), false) as is_impulse,
        coalesce(bool_or(claimed.is_quality_return), false) as is_quality_return,
        sum(lines.pay_amount) as gmv,
        sum(coalesce(claimed.refunded, 0)) as refunded,
        sum(coalesce(claimed.returned, 0)) as returned,
    from base.lines
    left join base.claimed_lines as claimed on lines.line_id = claimed.line_id
    where lines.paid_date is not null
    group by all
),

summed as (
    select
        merchant_id::varchar as merchant_id,
        channel,
        month,
        currency_code,
        sum(lines)::bigint as paid_line_count,
        sum(refunded_lines)::bigint as refunded_line_count,
        sum(returned_lines)::bigint as returned_line_count,
        sum(before_shipment_lines)::bigint as refunded_before_shipment_line_count,
        count(*) as paid_order_count,
        count(*) filter (where refunded_lines > 0) as refunded_order_count,
        count(*) filter (where returned_lines > 0) as returned_order_count,
        count(*) filter (where is_quality_return) as quality_return_order_count,
        count(*) filter (where is_impulse) as impulse_refund_order_count,
        yuan(sum(gmv)) as gmv_amount,
        yuan(sum(refunded)) as refunded_amount,
        yuan(sum(returned)) as returned_amount,
        returned_order_count / paid_order_count as return_rate,
        refunded_order_count / paid_order_count as refund_rate,
        sum(refunded)::bigint / nullif(sum(gmv)::bigint, 0) as refunded_amount_rate,
        quality_return_order_count / paid_order_count as quality_return_rate,
        impulse_refund_order_count / paid_order_count as impulse_refund_rate,
    from orders
    group by all
)

select
    summed.*,
    return_zones.return_zone,
    last_day(summed.month) + 14 <= parameters.to_date as is_mature,
from summed
cross join truth.parameters
left join base.return_zones
    on summed.return_rate > coalesce(return_zones.above_rate, -1)
    and summed.return_rate <= coalesce(return_zones.upto_rate, 1);
