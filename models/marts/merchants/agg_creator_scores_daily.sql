{%- set counts = [
    'paid_order_count', 'complained_order_count', 'paid_line_count', 'returned_line_count',
    'gmv_fen', 'scored_order_count', 'scored_gmv_fen', 'weighed_gmv_fen',
] -%}
{{ restate(
    by='business_date',
    affected_by={
        'fct_creator_partners_daily': windows_that_see('business_date', 30),
        'agg_merchant_scores_daily': windows_that_see('business_date', 30),
        'dim_sources': maturing_dates(14) ~ ' union all ' ~ maturing_dates(0),
        'dim_score_parameters': dates_from('valid_from'),
        'dim_creator_gates': dates_from('valid_from'),
    },
) }}
-- One row per creator, currency and last day of a window of 30 days in which it sold anything.
-- A sale weighs the score that its shop has on the day of the sale, if it has one.
with
daily as (
    select
        partners.creator_id,
        partners.source,
        partners.currency_code,
        partners.business_date,
        sum(partners.paid_order_count) as paid_order_count,
        sum(partners.complained_order_count) as complained_order_count,
        sum(partners.paid_line_count) as paid_line_count,
        sum(partners.returned_line_count) as returned_line_count,
        sum(cast(partners.gmv_amount * 100 as bigint)) as gmv_fen,
        sum(partners.paid_order_count) filter (where scores.score is not null)
            as scored_order_count,
        sum(cast(partners.gmv_amount * 100 as bigint)) filter (where scores.score is not null)
            as scored_gmv_fen,
        sum(cast(partners.gmv_amount * 100 as bigint) * cast(scores.score * 100 as bigint))
            as weighed_gmv_fen,
    from {{ rows_in_windows(ref('fct_creator_partners_daily'), 'business_date', 30) }} as partners
    left join {{ rows_in_windows(ref('agg_merchant_scores_daily'), 'business_date', 30) }} as scores
        on partners.merchant_id = scores.merchant_id
        and partners.business_date = scores.business_date
    group by all
),

windows as (
    select
        *,
        {{ half_up('weighed_gmv_fen', 'nullif(scored_gmv_fen, 0)') }} as partner_hundredths,
    from {{ running_windows(
        'daily', ['creator_id', 'source', 'currency_code'], counts, 30, ref('dim_sources')
    ) }}
),

rules as (
    select *
    from {{ scoring_rules(
        ref('dim_score_parameters'), 'creator',
        ['paid_orders', 'partner_merchant_score', 'complaint_rate', 'return_rate'],
        ['partners', 'complaints', 'returns']
    ) }}
),

scored as (
    select
        windows.*,
        rules.*,
        {{ indicator_score(
            'partner_merchant_score', 'partner_hundredths', '1', 'scored_order_count'
        ) }} as partners_points,
        {{ indicator_score('complaint_rate', 'complained_order_count', 'paid_order_count') }}
            as complaints_points,
        {{ indicator_score('return_rate', 'returned_line_count', 'paid_line_count') }}
            as returns_points,
    from {{ affected_rows('windows', 'business_date') }} as windows
    left join rules
        on windows.business_date >= rules.valid_from
        and windows.business_date < rules.valid_to
),

totals as (
    select
        *,
        {{ missing_score_reason(['partners', 'complaints', 'returns']) }} as score_reason,
        case
            when score_reason is null
                then {{ points(weighted_points(['partners', 'complaints', 'returns'])) }}
        end as score,
    from scored
),

final as (
    select
        creator_id,
        source,
        currency_code,
        (
            select max_by(gates.gate, gates.minimum_score)
            from {{ ref('dim_creator_gates') }} as gates
            where
                totals.score >= gates.minimum_score
                and totals.business_date >= gates.valid_from
                and totals.business_date < coalesce(gates.valid_to, date '9999-12-31')
        ) as gate,
        score_reason,
        score,
        {{ points('partners_points') }} as partners_score,
        {{ points('complaints_points') }} as complaints_score,
        {{ points('returns_points') }} as returns_score,
        {{ points('partner_hundredths') }} as partner_merchant_score,
        complained_order_count / nullif(paid_order_count, 0) as complaint_rate,
        returned_line_count / nullif(paid_line_count, 0) as return_rate,
        scored_order_count,
        paid_order_count,
        complained_order_count,
        paid_line_count,
        returned_line_count,
        cast(cast(gmv_fen as decimal(18, 0)) * 0.01 as decimal(18, 2)) as gmv_amount,
        business_date + 14 <= data_date as is_mature,
        business_date,
    from totals
)

select * from final
