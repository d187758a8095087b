{{ restate(
    by='business_date',
    affected_by={'fct_ledger_postings': 'posted_date'},
) }}
-- One row per day of posting, account and currency. The balances of a day add up to zero, and so do
-- those of all days.
with
final as (
    select
        account,
        currency_code,
        cast(coalesce(sum(amount) filter (where amount > 0), 0) as decimal(18, 2))
            as debit_amount,
        cast(coalesce(-sum(amount) filter (where amount < 0), 0) as decimal(18, 2))
            as credit_amount,
        cast(sum(amount) as decimal(18, 2)) as balance_amount,
        count(*) as posting_count,
        posted_date as business_date,
    from {{ affected_rows(ref('fct_ledger_postings'), 'posted_date') }}
    group by posted_date, account, currency_code
)

select * from final
