-- One row per account, payer and currency: what the closed report's trial balance says moved in the
-- month, less the corrections of earlier months that were posted in it, is what was closed of the
-- month; closed + changed since = what today's facts say of it. The last column is zero, or
-- something is wrong.
with

amounts as (
    select
        account,
        payer,
        currency_code,
        amount as reported,
        if(event_date < getvariable('first_date'), amount, 0) as earlier,
        0 as changed,
        0 as today
    from raw.frozen_postings
    where change_seq = getvariable('close_seq')
    union all
    select
        account,
        payer,
        currency_code,
        0 as reported,
        0 as earlier,
        amount as changed,
        0 as today
    from marts.finance.fct_ledger_postings
    where
        break_class = 'LATE_CORRECTION'
        and event_date between getvariable('first_date') and getvariable('last_date')
        and period > getvariable('period')
    union all
    select
        account,
        payer,
        currency_code,
        0 as reported,
        0 as earlier,
        0 as changed,
        amount as today
    from intermediate.int_ledger_lines
    where event_date between getvariable('first_date') and getvariable('last_date')
)

select
    account,
    payer,
    currency_code,
    cast(sum(reported) as decimal(38, 2)) as reported_amount,
    cast(sum(earlier) as decimal(38, 2)) as earlier_months_amount,
    cast(sum(reported - earlier) as decimal(38, 2)) as closed_amount,
    cast(sum(changed) as decimal(38, 2)) as changed_amount,
    cast(sum(today) as decimal(38, 2)) as today_amount,
    cast((sum(reported - earlier) + sum(changed) - sum(today)) as decimal(38, 2))
        as unexplained_amount
from amounts
group by account, payer, currency_code
order by account, payer, currency_code
