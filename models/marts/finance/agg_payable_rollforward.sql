{{ restate(
    by='payer',
    affected_by={'agg_payable_movements_daily': 'payer'},
    recompute='select payer from agg_payable_movements_daily cross join requested',
) }}
-- One row per month, payer and currency: opening + approved - paid + returned + adjusted = closing.
-- Months without a movement have no row; the next one opens with the last closing.
with
monthly as (
    select
        payer,
        currency_code,
        cast(date_trunc('month', business_date) as date) as month_start_date,
        sum(approved_amount) as approved_amount,
        sum(paid_amount) as paid_amount,
        sum(payout_returned_amount) as payout_returned_amount,
        sum(adjusted_amount) as adjusted_amount,
    from {{ affected_rows(ref('agg_payable_movements_daily'), 'payer') }}
    group by all
),

running as (
    select
        *,
        sum(approved_amount - paid_amount + payout_returned_amount + adjusted_amount) over (
            partition by payer, currency_code
            order by month_start_date
        ) as closing_amount,
    from monthly
),

final as (
    select
        payer,
        currency_code,
        strftime(month_start_date, '%Y-%m') as period,
        cast(
            closing_amount
            - approved_amount
            + paid_amount
            - payout_returned_amount
            - adjusted_amount
            as decimal(18, 2)
        ) as opening_amount,
        cast(approved_amount as decimal(18, 2)) as approved_amount,
        cast(paid_amount as decimal(18, 2)) as paid_amount,
        cast(payout_returned_amount as decimal(18, 2)) as payout_returned_amount,
        cast(adjusted_amount as decimal(18, 2)) as adjusted_amount,
        cast(closing_amount as decimal(18, 2)) as closing_amount,
        month_start_date,
    from running
)

select * from final
