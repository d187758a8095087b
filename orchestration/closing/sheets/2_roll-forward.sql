-- One row per payer and currency: opening + approved - paid + returned + adjusted = closing.
select
    payer,
    currency_code,
    opening_amount,
    approved_amount,
    paid_amount,
    payout_returned_amount,
    adjusted_amount,
    closing_amount
from marts.finance.agg_payable_rollforward
where period = getvariable('period')
order by payer, currency_code
