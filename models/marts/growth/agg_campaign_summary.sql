{{ restate(
    by='campaign_id',
    affected_by={
        'dim_campaigns': 'campaign_id',
        'agg_window_sales':
            'select campaign_id from changes inner join dim_campaigns'
            ' on changes.range_id = start_date || \'/\' || end_date',
        'fct_livestream_sessions':
            'select campaign_id from changes inner join dim_campaigns'
            ' on changes.started_date between start_date and end_date',
        'agg_session_tiers': 'select period_id from changes',
        'agg_sales_daily':
            'select campaign_id from changes inner join dim_campaigns'
            ' on changes.business_date between start_date and end_date',
        'agg_data_spans': 'select campaign_id from changes cross join dim_campaigns',
    },
    recompute='select campaign_id from dim_campaigns inner join requested'
        ' on dim_campaigns.start_date <= requested.to_date'
        ' and dim_campaigns.end_date >= requested.from_date',
) }}
-- One row per campaign and currency with a paid line in its window; with the sessions begun in it.
with
campaigns as (
    select
        *,
        start_date || '/' || end_date as range_id,
    from {{ affected_rows(ref('dim_campaigns'), 'campaign_id') }}
),

sales as (
    select
        *,
        coalesce(
            max(case when subject = 'tag:local_speciality' then product_count end)
                over (partition by range_id, currency_code),
            0
        ) as local_speciality_count,
    from {{ ref('agg_window_sales') }}
),

counted_sessions as (
    select
        campaigns.campaign_id,
        sessions.currency_code,
        'selling' as session_tier,
        count(*) as session_count,
    from campaigns
    inner join {{ ref('fct_livestream_sessions') }} as sessions
        on sessions.started_date between campaigns.start_date and campaigns.end_date
    where sessions.paid_order_count > 0
    group by campaigns.campaign_id, sessions.currency_code
    union all by name
    select
        * exclude (period_id),
        period_id as campaign_id,
    from {{ ref('agg_session_tiers') }}
    where period_kind = 'campaign'
),

sessions as (
    select
        campaign_id,
        currency_code,
        {%- for tier in ['selling', 'over_10m', 'over_100m'] %}
        max(session_count) filter (where session_tier = '{{ tier }}') as {{ tier }}_session_count,
        max(room_count) filter (where session_tier = '{{ tier }}') as {{ tier }}_room_count,
        {%- endfor %}
    from counted_sessions
    group by campaign_id, currency_code
),

campaign_orders as (
    select
        campaigns.campaign_id,
        campaigns.range_id,
        campaigns.start_date,
        campaigns.end_date,
        agg_sales_daily.currency_code,
        sum(agg_sales_daily.paid_order_count) as paid_order_count,
    from campaigns
    inner join {{ ref('agg_sales_daily') }} as agg_sales_daily
        on agg_sales_daily.business_date between campaigns.start_date and campaigns.end_date
    group by all
),

final as (
    select
        campaign_orders.campaign_id,
        sales.currency_code,
        cast(campaign_orders.paid_order_count as bigint) as paid_order_count,
        sales.item_count,
        sales.merchant_count,
        sales.buyer_count,
        sales.product_count,
        sales.local_speciality_count,
        {%- for count in [
            'selling_session', 'over_10m_session', 'over_100m_session', 'over_10m_room',
            'over_100m_room'
        ] %}
        coalesce(sessions.{{ count }}_count, 0) as {{ count }}_count,
        {%- endfor %}
        sales.gmv_amount,
        campaign_orders.start_date >= data_spans.first_date
        and campaign_orders.end_date <= data_spans.last_date as is_covered,
        campaign_orders.start_date,
        campaign_orders.end_date,
    from campaign_orders
    inner join sales
        on campaign_orders.range_id = sales.range_id
        and campaign_orders.currency_code = sales.currency_code
        and sales.subject = 'all'
    left join sessions
        on campaign_orders.campaign_id = sessions.campaign_id
        and sales.currency_code = sessions.currency_code
    inner join {{ ref('agg_data_spans') }} as data_spans
        on sales.currency_code = data_spans.currency_code
)

select * from final
