{{ restate(
    by='month_start_date',
    affected_by={'fct_customer_orders': 'month_start_date'},
    recompute=requested_months(),
) }}
-- One row per merchant and month with a kept order: its buyers, those who had bought there before
-- the month, and those who had at least twice. Distinct people: months never add up.
with
customer_orders as (
    select *
    from {{ affected_rows(ref('fct_customer_orders'), 'month_start_date') }}
    where is_first_in_merchant_month
),

final as (
    select
        merchant_id,
        source,
        count(*) as buyer_count,
        count(*) filter (where merchant_order_number > 1) as returning_buyer_count,
        count(*) filter (where merchant_order_number > 2) as loyal_buyer_count,
        month_start_date,
    from customer_orders
    group by merchant_id, source, month_start_date
)

select * from final
