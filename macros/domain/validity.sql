{#-
  Versions with the interval [governs_from, governs_to) in which each one governs: the first from
  ever before, the last for ever.
-#}
{% macro with_validity(relation, key) -%}
    (
        select
            *,
            case
                when row_number() over version_order = 1 then timestamp '1970-01-01'
                else valid_from
            end as governs_from,
            coalesce(
                lead(valid_from) over version_order, timestamp '9999-12-31'
            ) as governs_to,
        from {{ relation }} as versions
        window version_order as (partition by {{ key }} order by valid_from)
    )
{%- endmacro %}


{#- The rows of a dated seed, each until the next date of its key. -#}
{% macro dated_rows(seed, key) -%}
    (
        select
            *,
            coalesce(
                min(valid_from) over (
                    partition by {{ key }} order by valid_from
                    range between interval 1 day following and unbounded following
                ),
                date '9999-12-31'
            ) as valid_to,
        from {{ seed }}
    )
{%- endmacro %}
