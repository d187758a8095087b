-- What the payable to buyers grew and shrank by.
-- Grain: one row per day, payer and currency on which anything of it was booked.
-- For: finance.agg_payable_movements_daily. Approved counts for who is to pay, paid and returned for
-- whose money was sent; a claim that ends at another amount than it was approved for is adjusted.
select
    business_date,
    payer,
    currency_code,
    yuan(approved) as approved_amount,
    yuan(paid) as paid_amount,
    yuan(payout_returned) as payout_returned_amount,
    yuan(adjusted) as adjusted_amount,
    yuan(payable_change) as payable_change_amount,
from base.payable_movements
order by business_date, payer, currency_code
