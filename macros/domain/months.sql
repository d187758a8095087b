{#- The first day of a date's month. -#}
{% macro month_start(column) -%}
    cast(date_trunc('month', {{ column }}) as date)
{%- endmacro %}


{#- For `recompute`: the months of a requested range of dates. -#}
{% macro requested_months() -%}
    select distinct {{ month_start('cast(day_at as date)') }}
    from requested, generate_series(from_date, to_date, interval 1 day) as days (day_at)
{%- endmacro %}


{#-
  For `affected_by` of dim_sources: the months of whose last day a moved data clock changes
  whether one of some numbers of days has passed since.
-#}
{% macro maturing_months(numbers) -%}
    select distinct {{ month_start('day') }}
    from (
        {%- for days in numbers %}
        {{ maturing_dates(days) }}
        {%- if not loop.last %}
        union all
        {%- endif %}
        {%- endfor %}
    ) as maturing (day)
{%- endmacro %}
