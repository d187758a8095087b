{{ restate(
    by='creator_id',
    affected_by={'int_creators_current': 'creator_id'},
    recompute=requested_rows('int_creators_current', 'creator_id', 'updated_at'),
) }}
-- One row per creator, in its current state; names stay in raw.
with
creators as (
    select * from {{ affected_rows(ref('int_creators_current'), 'creator_id') }}
),

final as (
    select
        creator_id,
        source,
        creator_type,
        follower_count,
        updated_at,
    from creators
)

select * from final
