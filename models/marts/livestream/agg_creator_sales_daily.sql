{{ restate(
    by='business_date',
    affected_by={
        'fct_order_lines': 'paid_date',
        'fct_refunds':
            'select refunded_date from changes union all select paid_date from changes',
    },
) }}
-- One row per business date, creator (`none` where nobody promoted the line) and currency with a
-- payment or a refund.
with
paid as (
    select
        paid_date as business_date,
        coalesce(creator_id, 'none') as creator_id,
        currency_code,
        count(distinct order_id) as paid_order_count,
        count(distinct customer_key) as buyer_count,
        count(distinct session_id) as session_count,
        count(distinct product_id) as product_count,
        count(*) as paid_line_count,
        sum(item_count) as item_count,
        sum(pay_amount) as gmv_amount,
        sum(pay_amount) filter (where channel = 'live') as live_gmv_amount,
        sum(pay_amount) filter (where channel = 'video') as video_gmv_amount,
    from {{ affected_rows(ref('fct_order_lines'), 'paid_date') }}
    where is_paid
    group by all
),

refunded as (
    select
        refunded_date as business_date,
        coalesce(creator_id, 'none') as creator_id,
        currency_code,
        sum(refund_amount) as refunded_amount,
    from {{ affected_rows(ref('fct_refunds'), 'refunded_date') }}
    group by all
),

cohort_refunded as (
    select
        paid_date as business_date,
        coalesce(creator_id, 'none') as creator_id,
        currency_code,
        sum(refund_amount) as cohort_refunded_amount,
    from {{ affected_rows(ref('fct_refunds'), 'paid_date') }}
    where paid_date is not null
    group by all
),

final as (
    select
        creator_id,
        currency_code,
        cast(coalesce(paid.paid_order_count, 0) as bigint) as paid_order_count,
        cast(coalesce(paid.paid_line_count, 0) as bigint) as paid_line_count,
        cast(coalesce(paid.item_count, 0) as bigint) as item_count,
        cast(coalesce(paid.buyer_count, 0) as bigint) as buyer_count,
        cast(coalesce(paid.session_count, 0) as bigint) as session_count,
        cast(coalesce(paid.product_count, 0) as bigint) as product_count,
        cast(coalesce(paid.gmv_amount, 0) as decimal(18, 2)) as gmv_amount,
        cast(coalesce(paid.live_gmv_amount, 0) as decimal(18, 2)) as live_gmv_amount,
        cast(coalesce(paid.video_gmv_amount, 0) as decimal(18, 2)) as video_gmv_amount,
        cast(coalesce(refunded.refunded_amount, 0) as decimal(18, 2)) as refunded_amount,
        cast(coalesce(cohort_refunded.cohort_refunded_amount, 0) as decimal(18, 2))
            as cohort_refunded_amount,
        {{ net_amounts() }},
        business_date,
    from paid
    full outer join refunded using (business_date, creator_id, currency_code)
    full outer join cohort_refunded using (business_date, creator_id, currency_code)
)

select * from final
