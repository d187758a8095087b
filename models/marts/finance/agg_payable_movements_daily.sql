{{ restate(
    by='business_date',
    images=['payer'],
    affected_by={'fct_ledger_postings': 'posted_date'},
) }}
-- One row per day of posting, payer and currency: what the payable to buyers grew and shrank by. A
-- late correction of any of it is an adjustment, as are claims that lapse or end at another amount.
with
postings as (
    select
        *,
        case
            when break_class is not null or event_type = 'claim_adjusted' then 'adjusted'
            when event_type = 'claim_approved' then 'approved'
            when event_type = 'refund_paid' then 'paid'
            when event_type = 'refund_returned' then 'returned'
        end as movement,
    from {{ affected_rows(ref('fct_ledger_postings'), 'posted_date') }}
    where account in ('refunds_payable', 'refunds_in_process')
),

final as (
    select
        payer,
        currency_code,
        cast(coalesce(-sum(amount) filter (where movement = 'approved'), 0) as decimal(18, 2))
            as approved_amount,
        cast(coalesce(sum(amount) filter (where movement = 'paid'), 0) as decimal(18, 2))
            as paid_amount,
        cast(coalesce(-sum(amount) filter (where movement = 'returned'), 0) as decimal(18, 2))
            as payout_returned_amount,
        cast(coalesce(-sum(amount) filter (where movement = 'adjusted'), 0) as decimal(18, 2))
            as adjusted_amount,
        cast(-sum(amount) as decimal(18, 2)) as payable_change_amount,
        posted_date as business_date,
    from postings
    group by posted_date, payer, currency_code
)

select * from final
