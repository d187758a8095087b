{#- For `affected_by`: the last days of the windows of `days` days that see a changed date. -#}
{% macro windows_that_see(column, days) -%}
    select distinct changes.{{ column }} + cast(days_after.number as integer)
    from changes
    cross join range({{ days }}) as days_after (number)
{%- endmacro %}


{#- For `affected_by` of dated parameters: every date that a changed set may govern. -#}
{% macro dates_from(column) -%}
    select cast(unnest(generate_series(
        {{ column }}, greatest({{ column }}, date '2035-12-31'), interval 1 day
    )) as date) from changes
{%- endmacro %}


{#-
  Sums of daily counts over the windows of `days` days that end on each date up to the data clock
  (`clocks` has one row per source), for all dates whose window has a row. A row enters on its date
  and leaves `days` later, so a running sum over these moves is the window; between two moves it
  stands still. `keys` must hold `source`.
-#}
{% macro running_windows(rows, keys, counts, days, clocks) -%}
    (
        select
            {%- for key in keys %}
            running.{{ key }},
            {%- endfor %}
            {%- for count in counts %}
            coalesce(cast(running.{{ count }} as bigint), 0) as {{ count }},
            {%- endfor %}
            clocks.data_date,
            running.moved_date + cast(unnest(range(cast(
                least(running.next_date, clocks.data_date + 1) - running.moved_date as bigint
            ))) as integer) as business_date,
        from (
            select
                {{ keys | join(', ') }},
                moved_date,
                lead(moved_date) over moves_in_order as next_date,
                sum(sum(weight)) over moves_in_order as row_count,
                {%- for count in counts %}
                sum(cast(sum(weight * {{ count }}) as bigint)) over moves_in_order as {{ count }},
                {%- endfor %}
            from (
                select *, business_date as moved_date, 1 as weight from {{ rows }}
                union all
                select *, business_date + {{ days }} as moved_date, -1 as weight from {{ rows }}
            ) as moves
            group by {{ keys | join(', ') }}, moved_date
            window moves_in_order as (
                partition by {{ keys | join(', ') }} order by moved_date
                rows between unbounded preceding and current row
            )
        ) as running
        inner join {{ clocks }} as clocks on running.source = clocks.source
        where running.row_count > 0 and running.moved_date <= clocks.data_date
    )
{%- endmacro %}


{#- From when on sources say that their data are complete; quiet first days aren't missing. -#}
{% macro declared_from_dates(dim_source_parameters) -%}
    select
        source,
        min(try_cast(parameter_value as date)) as from_date
    from {{ dim_source_parameters }}
    where parameter_name = 'from_date'
    group by source
{%- endmacro %}


{#- When the data of sources begin: with the first paid order, or earlier, as they say. -#}
{% macro first_dates(paid_orders, dim_source_parameters) -%}
    select
        began.source,
        least(began.paid_date, declared.from_date) as first_date
    from (
        select
            source,
            min(paid_date) as paid_date
        from {{ paid_orders }}
        group by source
    ) as began
    left join ({{ declared_from_dates(dim_source_parameters) }}) as declared
        on began.source = declared.source
{%- endmacro %}
