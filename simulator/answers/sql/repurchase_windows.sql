-- Buyers with two or more orders among those with one or more, in the N days up to a date.
-- Grain: one row per last day (month ends, and the data's last day) and N = 30, 90, 180.
-- For: customers.agg_repurchase_daily. Orders are paid and not refunded in full, by pay date; the window
-- of N days includes its last day. is_complete: the window does not begin before the data.
with

-- A buyer's newest order up to the last day decides: it lies inside, and so does the one before it.
neighbours as (
    select
        paid_date,
        lag(paid_date) over earlier as earlier_date,
        lead(paid_date, 1, date '9999-12-31') over earlier as later_date,
    from base.kept_orders
    window earlier as (partition by customer_id order by paid_date, order_id)
),

counted as (
    select
        paid_date,
        earlier_date,
        later_date,
        count(*) as buyers,
    from neighbours
    group by all
),

spans (span_days) as (values (30), (90), (180))

select
    ends.end_date,
    spans.span_days,
    sum(counted.buyers)::bigint as buyer_count,
    coalesce(
        sum(counted.buyers) filter (where counted.earlier_date > ends.end_date - spans.span_days),
        0
    )::bigint as repeated_buyer_count,
    repeated_buyer_count / buyer_count as repurchase_rate,
    ends.end_date - spans.span_days + 1 >= any_value(ends.from_date) as is_complete,
from base.window_ends as ends
cross join spans
inner join counted
    on ends.end_date >= counted.paid_date
    and ends.end_date < counted.later_date
    and ends.end_date - spans.span_days < counted.paid_date
group by ends.end_date, spans.span_days
order by end_date, span_days
