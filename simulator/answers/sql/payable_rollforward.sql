-- The payable to buyers, month by month: opening + approved - paid + returned + adjusted = closing.
-- Grain: one row per month, payer and currency in which anything of it was booked.
-- For: finance.agg_payable_rollforward.
with

months as (
    select
        strftime(business_date, '%Y-%m') as period,
        payer,
        currency_code,
        sum(approved) as approved,
        sum(paid) as paid,
        sum(payout_returned) as payout_returned,
        sum(adjusted) as adjusted,
        sum(payable_change) as payable_change,
        sum(sum(payable_change)) over (partition by payer, currency_code order by period) as closing,
    from base.payable_movements
    group by period, payer, currency_code
)

select
    period,
    payer,
    currency_code,
    yuan(closing - payable_change) as opening_amount,
    yuan(approved) as approved_amount,
    yuan(paid) as paid_amount,
    yuan(payout_returned) as payout_returned_amount,
    yuan(adjusted) as adjusted_amount,
    yuan(closing) as closing_amount,
from months
order by period, payer, currency_code
