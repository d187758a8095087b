{{ restate(by='benchmark_id', affected_by={}) }}
-- One row per benchmark of the world outside, with the statement that it rests on.
with
industry_benchmarks as (
    select * from {{ ref('industry_benchmarks') }}
),

final as (
    select
        benchmark_id,
        statement_id,
        name_zh,
        note,
        rate_low,
        rate_high,
    from industry_benchmarks
)

select * from final
