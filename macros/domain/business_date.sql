{#-
  The date of a UTC timestamp in the business time zone of the row's `source`. Time zones are
  written out per source, because a zone that varies by row costs ten times as much.
-#}
{% macro business_date(column, source='source') -%}
    cast(
        case {{ source }}
            {%- for zone in business_zones() %}
            when '{{ zone[0] }}' then timezone('{{ zone[1] }}', timezone('UTC', {{ column }}))
            {%- endfor %}
            else error('source without a time zone: ' || {{ source }})
        end as date
    )
{%- endmacro %}


{#-
  Source and time zone of every source, asked once per dbt command. Asked of DuckDB: dbt's cache of
  a schema is half full while another thread fills it.
-#}
{% macro business_zones() %}
    {%- if not execute -%}{%- do return([]) -%}{%- endif -%}
    {%- if 'business_zones' not in graph -%}
        {%- set found = run_query(
            "select 1 from duckdb_tables() where database_name = '" ~ target.database
            ~ "' and schema_name = 'raw' and table_name = 'sources'"
        ).rows -%}
        {%- set zones = [] -%}
        {%- if found -%}
            {%- set zones = run_query(
                'select source, time_zone from ' ~ target.database ~ '.raw.sources order by source'
            ).rows -%}
        {%- endif -%}
        {%- do graph.update({'business_zones': zones}) -%}
    {%- endif -%}
    {%- do return(graph['business_zones']) -%}
{% endmacro %}
