{#-
  Pro rata allocation that is exact to the minor unit: each line gets its share rounded down,
  and the last line also takes the rest. All arguments are column names; amounts are
  decimal(18, 2). floor_share() gives the rounded shares, share_with_rest() adds the rest.
-#}
{% macro floor_share(total, weight, partition) -%}
    cast(
        coalesce(
            (cast({{ total }} * 100 as hugeint) * cast({{ weight }} * 100 as hugeint))
            // nullif(
                sum(cast({{ weight }} * 100 as hugeint)) over (partition by {{ partition }}), 0
            ),
            0
        ) as decimal(18, 0)
    ) * 0.01
{%- endmacro %}


{% macro share_with_rest(total, floor_amount, partition, is_last) -%}
    cast(
        {{ floor_amount }} + case
            when {{ is_last }}
                then {{ total }} - sum({{ floor_amount }}) over (partition by {{ partition }})
            else 0
        end as decimal(18, 2)
    )
{%- endmacro %}
