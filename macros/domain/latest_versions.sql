{#-
  The current row per key among the delivered versions that count. Ties on the version time are
  broken by dt, path and row number, so the order of arrival never matters.
-#}
{% macro latest_versions(relation, key, version='updated_at') -%}
    (
        select *
        from {{ relation }} as versions
        where _counts
        qualify row_number() over (
            partition by {{ key }}
            order by {{ version }} desc, _dt desc, _path desc, _row_number desc
        ) = 1
    )
{%- endmacro %}
