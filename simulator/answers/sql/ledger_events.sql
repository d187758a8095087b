-- Postings of the refund ledger by what happened and for whose money; no month is closed.
-- Grain: one row per day, event, account, payer and currency.
-- For: finance.fct_ledger_postings. The payer of a bill line is that of its refund order, `unknown`
-- when nobody has instructed it; that of a fund flow is the holder of the account.
select
    business_date,
    event_type,
    account,
    payer,
    currency_code,
    yuan(sum(amount)) as amount,
    count(*) as posting_count,
from base.ledger
group by business_date, event_type, account, payer, currency_code
order by business_date, event_type, account, payer, currency_code
