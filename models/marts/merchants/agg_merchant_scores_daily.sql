{%- set counts = [
    'paid_order_count', 'quality_return_order_count', 'complained_order_count', 'violation_count',
    'pickup_due_count', 'pickup_on_time_count', 'delivery_due_count', 'delivery_on_time_count',
    'reviewed_order_count', 'bad_review_order_count', 'conversation_count', 'fast_reply_count',
    'judged_dispute_count', 'merchant_blame_count', 'refund_only_count', 'refund_only_seconds',
    'return_refund_count', 'return_refund_seconds', 'deduction_points',
] -%}
{%- set indicators = {
    'bad_review_rate': ('bad_review_order_count', 'reviewed_order_count'),
    'quality_return_rate': ('quality_return_order_count', 'paid_order_count'),
    'pickup_on_time_rate': ('pickup_on_time_count', 'pickup_due_count'),
    'delivery_on_time_rate': ('delivery_on_time_count', 'delivery_due_count'),
    'complaint_rate': ('complained_order_count', 'paid_order_count'),
    'merchant_blame_rate': ('merchant_blame_count', 'judged_dispute_count'),
    'reply_within_3_minutes_rate': ('fast_reply_count', 'conversation_count'),
    'refund_only_hours': ('refund_only_seconds', 'refund_only_count'),
    'return_refund_hours': ('return_refund_seconds', 'return_refund_count'),
} -%}
{{ restate(
    by='business_date',
    affected_by={
        'fct_merchant_orders_daily': windows_that_see('business_date', 30),
        'fct_merchant_shipments_daily': windows_that_see('business_date', 30),
        'fct_merchant_service_daily': windows_that_see('business_date', 30),
        'fct_merchant_after_sales_daily': windows_that_see('business_date', 30),
        'dim_sources': maturing_dates(14) ~ ' union all ' ~ maturing_dates(0),
        'dim_score_parameters': dates_from('valid_from'),
    },
) }}
-- One row per merchant and last day of a window of 30 days in which any of it counts: its
-- experience score, with every indicator and its sample (the `_count` of its denominator).
with
daily as (
    select * from {{ rows_in_windows(ref('fct_merchant_orders_daily'), 'business_date', 30) }}
    union all by name
    select * from {{ rows_in_windows(ref('fct_merchant_shipments_daily'), 'business_date', 30) }}
    union all by name
    select * from {{ rows_in_windows(ref('fct_merchant_service_daily'), 'business_date', 30) }}
    union all by name
    select * from {{ rows_in_windows(ref('fct_merchant_after_sales_daily'), 'business_date', 30) }}
),

rules as (
    select *
    from {{ scoring_rules(
        ref('dim_score_parameters'), 'merchant', ['paid_orders'] + indicators | list,
        ['goods', 'logistics', 'service']
    ) }}
),

scored as (
    select
        windows.*,
        rules.*,
        {%- for indicator, counted in indicators.items() %}
        {{ indicator_score(indicator, *counted) }} as {{ indicator }}_points,
        {%- endfor %}
    from {{ affected_rows(
        running_windows('daily', ['merchant_id', 'source'], counts, 30, ref('dim_sources')),
        'business_date'
    ) }} as windows
    left join rules
        on windows.business_date >= rules.valid_from
        and windows.business_date < rules.valid_to
    where {{ counts | join(' + ') }} > 0
),

components as (
    select
        *,
        {{ weighted_points(['bad_review_rate', 'quality_return_rate']) }} as goods_points,
        {{ weighted_points(['pickup_on_time_rate', 'delivery_on_time_rate']) }} as logistics_points,
        {{ weighted_points([
            'complaint_rate', 'merchant_blame_rate', 'reply_within_3_minutes_rate',
            'refund_only_hours', 'return_refund_hours',
        ]) }} as service_points,
    from scored
),

totals as (
    select
        *,
        {{ missing_score_reason(['goods', 'logistics', 'service']) }} as score_reason,
        {{ weighted_points(['goods', 'logistics', 'service']) }} as total_points,
    from components
),

final as (
    select
        merchant_id,
        source,
        score_reason,
        case
            when score_reason is null
                then {{ points('greatest(total_points - 100 * deduction_points, 0)') }}
        end as score,
        {{ points('goods_points') }} as goods_score,
        {{ points('logistics_points') }} as logistics_score,
        {{ points('service_points') }} as service_score,
        {%- for indicator, (numerator, denominator) in indicators.items() %}
        {{ numerator }}
        / nullif({{ denominator }}{{ ' * 3600' if indicator.endswith('_hours') }}, 0)
            as {{ indicator }},
        {%- endfor %}
        paid_order_count,
        reviewed_order_count,
        pickup_due_count,
        delivery_due_count,
        judged_dispute_count,
        conversation_count,
        refund_only_count,
        return_refund_count,
        violation_count,
        deduction_points,
        business_date + 14 <= data_date as is_mature,
        business_date,
    from totals
)

select * from final
