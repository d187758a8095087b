-- One row per account and currency: what moved in the month, and the balance at its end.
select
    account,
    currency_code,
    cast(coalesce(
        sum(debit_amount) filter (where business_date >= getvariable('first_date')), 0
    ) as decimal(38, 2)) as debit_amount,
    cast(coalesce(
        sum(credit_amount) filter (where business_date >= getvariable('first_date')), 0
    ) as decimal(38, 2)) as credit_amount,
    sum(balance_amount) as balance_amount
from marts.finance.agg_trial_balance
where business_date <= getvariable('last_date')
group by account, currency_code
order by account, currency_code
