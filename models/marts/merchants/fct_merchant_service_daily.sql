{{ restate(
    by='business_date',
    affected_by={
        'int_reviews_current': '
            select reviewed_date from changes
            union all
            select int_reviews_current.reviewed_date
            from changes inner join int_reviews_current using (order_id)
        ',
        'fct_orders':
            'select reviewed_date from changes inner join int_reviews_current using (order_id)',
        'int_service_conversations_current': 'started_date',
        'int_violations_current': 'violated_date',
    },
) }}
-- One row per merchant and business date on which it was reviewed, asked or found to break a rule.
-- An order is reviewed on the day of its first review, and badly if any review of it is bad.
with
reviewed_orders as (
    select distinct order_id
    from {{ affected_rows(ref('int_reviews_current'), 'reviewed_date') }}
),

reviews as (
    select
        reviews.order_id,
        min(reviews.reviewed_date) as business_date,
        cast(bool_or(reviews.review_level = 'bad') as integer) as bad_reviews,
    from reviewed_orders
    inner join {{ ref('int_reviews_current') }} as reviews
        on reviewed_orders.order_id = reviews.order_id
    group by reviews.order_id
),

events as (
    select
        orders.merchant_id,
        orders.source,
        reviews.business_date,
        1 as reviewed_orders,
        reviews.bad_reviews,
    from reviews
    inner join {{ ref('fct_orders') }} as orders on reviews.order_id = orders.order_id
    union all by name
    select
        merchant_id,
        source,
        started_date as business_date,
        1 as conversations,
        cast(coalesce(first_replied_at <= started_at + to_seconds(180), false) as integer)
            as fast_replies,
    from {{ affected_rows(ref('int_service_conversations_current'), 'started_date') }}
    union all by name
    select
        merchant_id,
        source,
        violated_date as business_date,
        1 as violations,
        points,
    from {{ affected_rows(ref('int_violations_current'), 'violated_date') }}
),

final as (
    select
        merchant_id,
        source,
        count(reviewed_orders) as reviewed_order_count,
        cast(coalesce(sum(bad_reviews), 0) as bigint) as bad_review_order_count,
        count(conversations) as conversation_count,
        cast(coalesce(sum(fast_replies), 0) as bigint) as fast_reply_count,
        count(violations) as violation_count,
        cast(coalesce(sum(points), 0) as bigint) as deduction_points,
        business_date,
    from events
    group by merchant_id, source, business_date
)

select * from final
