-- The trial balance of every day nets to zero, and so does every entry on the day it is posted on;
-- the newest closing of every roll-forward is the balance of the payable in the ledger.
with
days as (
    select
        'day ' || business_date as what,
        currency_code,
        sum(balance_amount) as amount,
    from {{ unaudited_rows(ref('agg_trial_balance'), 'business_date', ['agg_trial_balance']) }}
    group by business_date, currency_code
),

entries as (
    select
        'entry ' || entry_id as what,
        currency_code,
        sum(amount) as amount,
    from {{ unaudited_rows(
        ref('fct_ledger_postings'), 'entry_id', ['fct_ledger_postings']
    ) }}
    group by entry_id, posted_date, currency_code
),

closings as (
    select
        'closing' as what,
        currency_code,
        sum(closing_amount) as amount,
    from (
        select
            currency_code,
            arg_max(closing_amount, month_start_date) as closing_amount,
        from {{ ref('agg_payable_rollforward') }}
        group by payer, currency_code
    ) as newest
    group by currency_code
    union all
    select
        'closing' as what,
        currency_code,
        sum(balance_amount) as amount,
    from {{ ref('agg_trial_balance') }}
    where account in ('refunds_payable', 'refunds_in_process')
    group by currency_code
),

found as (
    select * from days
    union all
    select * from entries
    union all
    select
        what,
        currency_code,
        sum(amount) as amount,
    from closings
    group by what, currency_code
)

select *
from found
where amount <> 0
