-- What the creator reputation score is made from, in windows of 30 days.
-- Grain: one row per creator, last day of the window (month ends, and the data's last day).
-- For: merchants.agg_creator_scores_daily. Of the lines paid in the window that the creator sold:
-- orders, those complained about (the complaint names the creator or no creator) within 14 days of
-- payment, lines, lines whose goods came back (successful refund of claim type 0) and GMV.
-- Complaints are mature when 14 days have passed for the whole window.
with

returned as (
    select distinct line_id
    from base.refunds
    where claim_type = 0 and line_id is not null
),

complained as (
    select
        number(complaints.order_id) as order_id,
        number(complaints.creator_id) as creator_id,
        min(complained_at) as first_complained_at,
    from final.complaints as complaints
    group by all
),

complained_orders as (
    select
        lines.order_id,
        lines.creator_id,
    from base.lines
    inner join complained on lines.order_id = complained.order_id
    where
        lines.paid_at is not null
        and lines.creator_id = coalesce(complained.creator_id, lines.creator_id)
        and complained.first_complained_at <= lines.paid_at + interval 14 day
    group by all
),

sold as (
    select
        lines.creator_id,
        lines.order_id,
        lines.paid_date,
        count(*) as lines,
        count(returned.line_id) as returned_lines,
        sum(lines.pay_amount) as gmv,
    from base.lines
    left join returned on lines.line_id = returned.line_id
    where lines.paid_date is not null and lines.creator_id is not null
    group by all
),

daily as (
    select
        sold.creator_id,
        sold.paid_date,
        count(*) as orders,
        count(complained_orders.order_id) as complained_orders,
        sum(sold.lines) as lines,
        sum(sold.returned_lines) as returned_lines,
        sum(sold.gmv) as gmv,
    from sold
    left join complained_orders
        on sold.order_id = complained_orders.order_id
        and sold.creator_id = complained_orders.creator_id
    group by all
)

select
    daily.creator_id::varchar as creator_id,
    ends.end_date,
    sum(daily.orders)::bigint as paid_order_count,
    sum(daily.complained_orders)::bigint as complained_order_count,
    sum(daily.lines)::bigint as paid_line_count,
    sum(daily.returned_lines)::bigint as returned_line_count,
    yuan(sum(daily.gmv)) as gmv_amount,
    ends.end_date + 14 <= any_value(ends.to_date) as is_mature,
from daily
inner join base.window_ends as ends
    on daily.paid_date > ends.end_date - 30 and daily.paid_date <= ends.end_date
group by daily.creator_id, ends.end_date
order by creator_id, end_date
