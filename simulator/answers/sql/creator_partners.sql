-- Paid GMV of merchants through creators, in windows of 30 days: the weights of the partners'
-- scores.
-- Grain: one row per creator, merchant and last day of the window (month ends, the data's last
-- day).
-- For: merchants.agg_creator_scores_daily.
with

daily as (
    select
        creator_id,
        merchant_id,
        paid_date,
        sum(pay_amount) as gmv,
    from base.lines
    where paid_date is not null and creator_id is not null
    group by all
)

select
    daily.creator_id::varchar as creator_id,
    daily.merchant_id::varchar as merchant_id,
    ends.end_date,
    yuan(sum(daily.gmv)) as gmv_amount,
from daily
inner join base.window_ends as ends
    on daily.paid_date > ends.end_date - 30 and daily.paid_date <= ends.end_date
group by daily.creator_id, daily.merchant_id, ends.end_date
order by creator_id, merchant_id, end_date
