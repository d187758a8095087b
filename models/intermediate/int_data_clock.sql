{{ restate(
    by='source',
    images=['data_date'],
    affected_by={
        'stg_manifest__sources': 'source',
        'stg_manifest__deliveries': 'source',
    },
    recompute='select source from stg_manifest__sources cross join requested',
) }}
-- One row per source: "now" is the end of the newest date of which a daily file counts, never the
-- wall clock. It is null before the first such file, and it may go back.
with
sources as (
    select * from {{ affected_rows(ref('stg_manifest__sources'), 'source') }}
),

newest as (
    select
        source,
        max(delivered_date) as data_date,
    from {{ affected_rows(ref('stg_manifest__deliveries'), 'source') }}
    where _counts and is_daily
    group by source
),

final as (
    select
        sources.source,
        sources.time_zone,
        sources.currency_code,
        newest.data_date,
    from sources
    left join newest on sources.source = newest.source
)

select * from final
