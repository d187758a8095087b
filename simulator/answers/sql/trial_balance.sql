-- Debits and credits of the refund ledger; no month is closed.
-- Grain: one row per day, account and currency.
-- For: finance.agg_trial_balance. The balances of a day add up to zero.
select
    business_date,
    account,
    currency_code,
    yuan(coalesce(sum(amount) filter (where amount > 0), 0)) as debit_amount,
    yuan(coalesce(-sum(amount) filter (where amount < 0), 0)) as credit_amount,
    yuan(sum(amount)) as balance_amount,
    count(*) as posting_count,
from base.ledger
group by business_date, account, currency_code
order by business_date, account, currency_code
