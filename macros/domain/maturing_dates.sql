{#-
  For `affected_by` of dim_sources: the business dates whose maturity a moved data clock changes,
  either way. A date is mature when `days` have passed since, by the clock of its source; a clock
  that was unknown before lets all dates mature.
-#}
{% macro maturing_dates(days) -%}
    select unnest(generate_series(first_date, last_date, interval 1 day))::date
    from (
        select
            min(coalesce(data_date, date '1999-12-31')) - {{ days }} as first_date,
            max(data_date) - {{ days }} as last_date,
        from changes
        group by source
    ) as spans
{%- endmacro %}
