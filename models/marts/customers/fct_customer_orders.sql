{{ restate(
    by='customer_key',
    images=['source', 'paid_date', 'month_start_date', 'cohort_date'],
    affected_by={
        'fct_orders': 'customer_key',
        'fct_refunds': '
            select fct_orders.customer_key
            from changes inner join fct_orders on changes.order_id = fct_orders.order_id
        ',
    },
    recompute=requested_rows('fct_orders', 'customer_key', 'created_at'),
) }}
-- One row per paid order of a known customer, with its place among the customer's orders. It is
-- kept unless it was refunded in full; only kept orders make a customer buy again.
with
orders as (
    select *
    from {{ affected_rows(ref('fct_orders'), 'customer_key') }}
    where is_paid and customer_key is not null
),

refunded as (
    select
        orders.order_id,
        sum(refunds.refund_amount) as refunded_amount,
    from orders
    inner join {{ ref('fct_refunds') }} as refunds
        on orders.order_id = refunds.order_id
        and orders.currency_code = refunds.currency_code
    group by orders.order_id
),

judged as (
    select
        orders.*,
        coalesce(refunded.refunded_amount < orders.pay_amount, true) as is_kept,
        case when is_kept then orders.paid_date end as kept_date,
        {{ month_start('orders.paid_date') }} as month_start_date,
    from orders
    left join refunded on orders.order_id = refunded.order_id
),

placed as (
    select
        *,
        case when is_kept then count(kept_date) over until_here end as kept_order_number,
        first_value(paid_date) over until_here as first_paid_date,
        {{ month_start('min(kept_date) over all_of_them') }} as cohort_date,
        case when is_kept then max(kept_date) over before_here end as previous_kept_date,
        case when is_kept then min(kept_date) over after_here end as next_kept_date,
        case when is_kept then row_number() over of_merchant end as merchant_order_number,
        is_kept
        and coalesce(lag(month_start_date) over of_merchant <> month_start_date, true)
            as is_first_in_merchant_month,
        coalesce(lag(month_start_date) over of_currency <> month_start_date, true)
            as is_first_in_month,
    from judged
    window
        until_here as (partition by customer_key order by paid_at, order_id),
        before_here as (
            partition by customer_key order by paid_at, order_id
            rows between unbounded preceding and 1 preceding
        ),
        after_here as (
            partition by customer_key order by paid_at, order_id
            rows between 1 following and unbounded following
        ),
        all_of_them as (
            partition by customer_key order by paid_at, order_id
            rows between unbounded preceding and unbounded following
        ),
        of_merchant as (
            partition by customer_key, merchant_id, is_kept order by paid_at, order_id
        ),
        of_currency as (partition by customer_key, currency_code order by paid_at, order_id)
),

final as (
    select
        order_id,
        merchant_id,
        customer_key,
        source,
        currency_code,
        kept_order_number,
        merchant_order_number,
        pay_amount,
        is_kept,
        is_first_in_month,
        is_first_in_merchant_month,
        paid_date,
        month_start_date,
        first_paid_date,
        previous_kept_date,
        next_kept_date,
        cohort_date,
    from placed
)

select * from final
