{{ restate(
    by='session_id',
    affected_by={
        'int_livestream_sessions_current': 'session_id',
        'int_livestream_traffic_current': 'session_id',
    },
    recompute=requested_rows('int_livestream_sessions_current', 'session_id', 'started_at'),
) }}
-- One row per livestream session with its concurrency. Traffic samples the viewers online every ten
-- minutes, and every sample weighs the same. The peak is the highest number that either the
-- session's own record or a sample knows of.
with
sessions as (
    select * from {{ affected_rows(ref('int_livestream_sessions_current'), 'session_id') }}
),

traffic as (
    select
        session_id,
        max(online_count) as peak_online_count,
        sum(online_count) / count(online_count) as average_concurrency,
    from {{ affected_rows(ref('int_livestream_traffic_current'), 'session_id') }}
    group by session_id
),

final as (
    select
        sessions.* replace (
            greatest(sessions.peak_online_count, traffic.peak_online_count) as peak_online_count
        ),
        traffic.average_concurrency,
    from sessions
    left join traffic on sessions.session_id = traffic.session_id
)

select * from final
