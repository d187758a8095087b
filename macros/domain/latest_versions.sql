{#-
  The current row per key among the delivered versions that count: the one of the highest
  _version_rank, which no two of them share. A full build looks for the highest rank apart, so
  that nothing wide is kept in memory; it writes the staging view out for that, without the
  pseudonyms, whose join DuckDB would do twice at the same time.
-#}
{% macro latest_versions(relation, key, unit=key) -%}
    {%- if model.resource_type == 'model' and is_incremental() -%}
    (
        select *
        from {{ affected_rows(relation, unit) }} as versions
        where _counts
        qualify row_number() over (partition by {{ key }} order by _version_rank desc) = 1
    )
    {%- else -%}
    (
        select versions.*
        from {{ relation }} as versions
        inner join (
            select
                {{ key }},
                max(_version_rank) as _version_rank,
            from {{ ranks_of(relation) }}
            where _counts
            group by {{ key }}
        ) as newest using ({{ key }}, _version_rank)
    )
    {%- endif -%}
{%- endmacro %}


{#- The staging view's keys and ranks; its pseudonyms may be null. -#}
{% macro ranks_of(relation) -%}
    {%- if not execute or model.resource_type != 'model' -%}
        {{ relation }}
    {%- else -%}
        {%- do model.update({'restate_without_pseudonyms': true}) -%}
        {%- set sql = restate_staging(relation.identifier, none) -%}
        {%- do model.update({'restate_without_pseudonyms': false}) -%}
        {{ sql }}
    {%- endif -%}
{%- endmacro %}


{#- For a staging view that names customers, but not by them: the key of each. -#}
{% macro pseudonyms() -%}
    {%- if model.restate_without_pseudonyms -%}
        (select null::varchar as customer_id, null::varchar as customer_key where false)
    {%- else -%}
        {{ source('manifest', 'customer_pseudonyms') }}
    {%- endif -%}
{%- endmacro %}
