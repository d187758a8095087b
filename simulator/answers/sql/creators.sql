-- Creators, newest version.
-- Grain: one row per creator.
-- For: core.dim_creators.
select
    creator_id,
    arg_max_null(creator_type, updated_at) as creator_type,
    arg_max_null(follower_count, updated_at) as follower_count,
    max(updated_at) as updated_at,
from final.creators
group by creator_id
order by creator_id
