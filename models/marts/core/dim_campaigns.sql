{{ restate(by='campaign_id', affected_by={}) }}
-- One row per campaign window; most windows are assumed, `confidence` says so.
with
campaigns as (
    select * from {{ ref('campaigns') }}
),

final as (
    select
        campaign_id,
        base_campaign_id,
        campaign_code,
        anchor_code,
        name_zh,
        confidence,
        note,
        campaign_year,
        is_platform_owned,
        start_date,
        end_date,
    from campaigns
)

select * from final
