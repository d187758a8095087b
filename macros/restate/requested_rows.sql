{#-
  For `recompute`: the keys of an input's rows whose date (or time) lies in a requested range,
  a day wider on both sides, since a time in UTC may fall on either business date.
-#}
{% macro requested_rows(input, key, column) -%}
    select {{ input }}.{{ key }}
    from {{ input }}
    inner join requested
        on {{ input }}.{{ column }} >= requested.from_date - interval 1 day
        and {{ input }}.{{ column }} < requested.to_date + interval 2 day
{%- endmacro %}
