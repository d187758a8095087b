-- One row per identity of the month and currency; a difference keeps the month from being closed.
with

sides as (
    select
        1 as position,
        'approved = paid + in transit + unpaid' as identity,
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
        2 as position,
        'bills = matched + orphan' as identity,
        currency_code,
        sum(billed) as left_amount,
        sum(matched) as right_amount
    from (
        select
            currency_code,
            bill_date,
            amount as billed,
            0 as matched
        from intermediate.int_channel_bill_lines_current
        union all
        select
            currency_code,
            bill_date,
            0 as billed,
            matched_amount as matched
        from intermediate.int_bill_lines_matched
    ) as both_sides
    where bill_date between getvariable('first_date') and getvariable('last_date')
    group by currency_code
    union all
    select
        3 as position,
        'debits = credits' as identity,
        currency_code,
        sum(greatest(amount, 0)) as left_amount,
        -sum(least(amount, 0)) as right_amount
    from marts.finance.fct_ledger_postings
    where period = getvariable('period')
    group by currency_code
    union all
    select
        4 as position,
        'opening + approved - paid + returned + adjusted = closing' as identity,
        currency_code,
        sum(
            opening_amount + approved_amount - paid_amount + payout_returned_amount
            + adjusted_amount
        ) as left_amount,
        sum(closing_amount) as right_amount
    from marts.finance.agg_payable_rollforward
    where period = getvariable('period')
    group by currency_code
)

select
    identity,
    currency_code,
    left_amount::decimal(38, 2) as left_amount,
    right_amount::decimal(38, 2) as right_amount,
    (left_amount - right_amount)::decimal(38, 2) as difference_amount
from sides
order by position, currency_code
