{#- A ratio of counts in whole millionths, rounded down; null below 30 pieces. -#}
{% macro millionths(numerator, denominator) -%}
    cast(
        {{ numerator }} * 1000000 // case when {{ denominator }} >= 30 then {{ denominator }} end
        as bigint
    )
{%- endmacro %}
