{#-
  The date of a UTC timestamp in the business time zone of the row's `source`. Time zones are
  written out per source, because a zone that varies by row costs ten times as much.
-#}
{% macro business_date(column, source='source') -%}
    {%- set zones = [] -%}
    {%- if execute -%}
        {#- dbt's cache of relations can't tell whether it is there: while one thread fills it for
            the schema raw, the others find it half full. -#}
        {%- set found = run_query(
            "select 1 from duckdb_tables() where database_name = '" ~ target.database
            ~ "' and schema_name = 'raw' and table_name = 'sources'"
        ) -%}
        {%- if found.rows -%}
            {%- set zones = run_query(
                'select source, time_zone from ' ~ target.database ~ '.raw.sources order by source'
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
