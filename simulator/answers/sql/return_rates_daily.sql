-- Returns and refunds of what was paid on a day, by channel and category.
-- Grain: one row per business date of the payment, channel and category.
-- For: claims.agg_return_rates_daily. Same definitions as return_rates.
with

refunded as (
    select
        line_id,
        bool_or(claim_type = 0) as is_returned,
        sum(refund_amount) as refunded,
        sum(refund_amount) filter (where claim_type = 0) as returned,
    from base.refunds
    where line_id is not null
    group by all
)

select
    lines.paid_date as business_date,
    lines.channel,
    lines.category_id,
    lines.currency_code,
    count(*) as paid_line_count,
    count(refunded.line_id) as refunded_line_count,
    count(*) filter (where refunded.is_returned) as returned_line_count,
    yuan(sum(lines.pay_amount)) as gmv_amount,
    yuan(coalesce(sum(refunded.refunded), 0)) as refunded_amount,
    yuan(coalesce(sum(refunded.returned), 0)) as returned_amount,
    returned_line_count / paid_line_count as return_rate,
from base.lines
left join refunded on lines.line_id = refunded.line_id
where lines.paid_date is not null
group by all
order by business_date, channel, category_id, currency_code
