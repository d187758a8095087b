-- One row per identity of the month and currency; a difference keeps the month from being closed.
with

payables as (
    select
        payer,
        currency_code,
        sum(
            case
                when period = getvariable('period')
                    then approved_amount - paid_amount + payout_returned_amount + adjusted_amount
                else 0
            end
        ) as moved_amount,
        coalesce(
            arg_max(closing_amount, period) filter (where period < getvariable('period')), 0
        ) as opening_amount,
        arg_max(closing_amount, period) as closing_amount
    from marts.finance.agg_payable_rollforward
    where period <= getvariable('period')
    group by payer, currency_code
),

sides as (
    select
        1 as ordinal,
        'approved = paid + in transit + unpaid' as check_name,
        currency_code,
        sum(approved_amount) as left_amount,
        sum(paid_amount + in_transit_amount + unpaid_amount) as right_amount
    from marts.finance.fct_refund_reconciliation
    where
        is_entitled
        and approved_date between getvariable('first_date') and getvariable('last_date')
    group by currency_code
    union all
    select
        2 as ordinal,
        'bills = matched + orphan' as check_name,
        currency_code,
        sum(billed) as left_amount,
        sum(found) as right_amount
    from (
        select
            currency_code,
            bill_date,
            amount as billed,
            0 as found
        from intermediate.int_channel_bill_lines_current
        union all
        select
            currency_code,
            bill_date,
            0 as billed,
            matched_amount as found
        from intermediate.int_bill_lines_matched
    ) as both_sides
    where bill_date between getvariable('first_date') and getvariable('last_date')
    group by currency_code
    union all
    select
        3 as ordinal,
        'debits = credits' as check_name,
        currency_code,
        sum(greatest(amount, 0)) as left_amount,
        -sum(least(amount, 0)) as right_amount
    from marts.finance.fct_ledger_postings
    where period = getvariable('period')
    group by currency_code
    union all
    select
        4 as ordinal,
        'opening + approved - paid + returned + adjusted = closing' as check_name,
        currency_code,
        sum(opening_amount + moved_amount) as left_amount,
        sum(closing_amount) as right_amount
    from payables
    group by currency_code
    union all
    select
        5 as ordinal,
        'closing of all payers = payable of the ledger' as check_name,
        currency_code,
        sum(closing_amount) as left_amount,
        sum(payable_amount) as right_amount
    from (
        select
            currency_code,
            closing_amount,
            0 as payable_amount
        from payables
        union all
        select
            currency_code,
            0 as closing_amount,
            -balance_amount as payable_amount
        from marts.finance.agg_trial_balance
        where
            account in ('refunds_payable', 'refunds_in_process')
            and business_date <= getvariable('last_date')
    ) as both_books
    group by currency_code
)

select
    check_name,
    currency_code,
    cast(left_amount as decimal(38, 2)) as left_amount,
    cast(right_amount as decimal(38, 2)) as right_amount,
    cast((left_amount - right_amount) as decimal(38, 2)) as difference_amount
from sides
order by ordinal, currency_code
