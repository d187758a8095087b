-- One row per payer and currency: opening + approved - paid + returned + adjusted = closing.
-- A payer whose payable did not move in the month still has the one that the month began with.
with

newest as (
    select *
    from marts.finance.agg_payable_rollforward
    where period <= getvariable('period')
    qualify row_number() over (partition by payer, currency_code order by period desc) = 1
),

moved as (
    select
        *,
        period = getvariable('period') as is_moved
    from newest
)

select
    payer,
    currency_code,
    case when is_moved then opening_amount else closing_amount end as opening_amount,
    case when is_moved then approved_amount else 0 end as approved_amount,
    case when is_moved then paid_amount else 0 end as paid_amount,
    case when is_moved then payout_returned_amount else 0 end as payout_returned_amount,
    case when is_moved then adjusted_amount else 0 end as adjusted_amount,
    closing_amount
from moved
where is_moved or closing_amount <> 0
order by payer, currency_code
