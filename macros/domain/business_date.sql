{#-
  The date of a UTC timestamp in the business time zone of the row's `source`. Time zones are
  written out per source, because a zone that varies by row costs ten times as much.
-#}
{% macro business_date(column, source='source') -%}
    {%- set zones = [] -%}
    {%- if execute -%}
        {%- set sources = adapter.get_relation(target.database, 'raw', 'sources') -%}
        {%- if sources -%}
            {%- set zones = run_query(
                'select source, time_zone from ' ~ sources ~ ' order by source'
            ).rows -%}
        {%- endif -%}
    {%- endif -%}
    cast(
        case {{ source }}
            {%- for zone in zones %}
            when '{{ zone[0] }}' then timezone('{{ zone[1] }}', timezone('UTC', {{ column }}))
            {%- endfor %}
            else error('source without a time zone: ' || {{ source }})
        end as date
    )
{%- endmacro %}
