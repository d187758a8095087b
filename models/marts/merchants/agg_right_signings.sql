{{ restate(
    by='right_code',
    affected_by={
        'fct_right_enrolments': 'right_code',
        'agg_merchant_experience_monthly': every_right(),
        'dim_sources': every_right(),
    },
    recompute='select distinct right_code from fct_right_enrolments cross join requested',
) }}
-- One row per merchant that signed a right, and outcome: how the outcome changed from the three
-- months before the month of signing to the three after it, and how it changed meanwhile for the
-- merchants that had not signed. Only merchants with 30 paid orders in both spans take part.
-- Changes are whole millionths: sums of them don't depend on their order.
with
signed as (
    select
        right_code,
        source,
        merchant_id,
        min(enrolled_date) as signed_date,
        {{ month_start('min(enrolled_date)') }} as cohort_date,
    from {{ affected_rows(ref('fct_right_enrolments'), 'right_code') }}
    group by right_code, source, merchant_id
),

rights as (
    select distinct right_code, source from signed
),

cohorts as (
    select distinct
        signed.source,
        signed.cohort_date,
    from signed
    inner join {{ ref('dim_sources') }} as sources on signed.source = sources.source
    semi join {{ ref('agg_merchant_experience_monthly') }} as months
        on signed.source = months.source and months.paid_order_count > 0
        and signed.cohort_date - to_months(3) >= months.month_start_date
    where last_day(signed.cohort_date + to_months(3)) + 14 <= sources.data_date
),

spans as (
    select
        months.merchant_id,
        cohorts.source,
        cohorts.cohort_date,
        {%- for span, sign, last_month in [('before', '<', -1), ('after', '>', 3)] %}
        {%- for count in [
            'paid_order', 'complained_order', 'quality_return_order', 'claim', 'disputed_claim'
        ] %}
        sum(months.{{ count }}_count) filter (
            where months.month_start_date {{ sign }} cohorts.cohort_date
        ) as {{ count }}s_{{ span }},
        {%- endfor %}
        cast(max(months.score) filter (
            where months.month_start_date = cohorts.cohort_date + to_months({{ last_month }})
        ) * 1000000 as bigint) as score_{{ span }},
        {%- endfor %}
    from cohorts
    inner join {{ ref('agg_merchant_experience_monthly') }} as months
        on cohorts.source = months.source
        and months.month_start_date >= cohorts.cohort_date - to_months(3)
        and months.month_start_date <= cohorts.cohort_date + to_months(3)
    group by months.merchant_id, cohorts.source, cohorts.cohort_date
    having paid_orders_before >= 30 and paid_orders_after >= 30
),

changed as (
    select
        rights.right_code,
        rights.source,
        spans.merchant_id,
        spans.cohort_date,
        coalesce(signed.cohort_date = spans.cohort_date, false) as is_signed,
        unnest(
            [
                {{ changed_count('paid_orders') }},
                {{ changed_rate('complaint_rate', 'complained_orders', 'paid_orders') }},
                {{ changed_rate('quality_return_rate', 'quality_return_orders', 'paid_orders') }},
                {{ changed_rate('dispute_rate', 'disputed_claims', 'claims') }},
                {'outcome': 'score', 'change': spans.score_after - spans.score_before}
            ],
            recursive := true
        ),
    from spans
    inner join rights on spans.source = rights.source
    left join signed
        on rights.right_code = signed.right_code
        and spans.merchant_id = signed.merchant_id
    where
        signed.cohort_date = spans.cohort_date
        or coalesce(signed.signed_date > last_day(spans.cohort_date + to_months(3)), true)
),

compared as (
    select
        *,
        count(*) filter (where not is_signed) over cohort_peers as peer_count,
        round(sum(change) filter (where not is_signed) over cohort_peers / peer_count)
            as peer_change,
    from changed
    where change is not null
    window cohort_peers as (partition by right_code, source, cohort_date, outcome)
),

final as (
    select
        merchant_id,
        right_code,
        source,
        outcome,
        peer_count,
        change as change_millionths,
        cast(peer_change as bigint) as peer_change_millionths,
        cohort_date,
    from compared
    where is_signed
)

select * from final
