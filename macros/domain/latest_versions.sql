{#-
  The current row per key among the delivered versions that count: the one of the highest
  _version_rank, which no two of them share. A full build looks for the highest rank apart, so
  that nothing wide is kept in memory.
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
            from {{ relation }}
            where _counts
            group by {{ key }}
        ) as newest using ({{ key }}, _version_rank)
    )
    {%- endif -%}
{%- endmacro %}
