{#- A ratio of counts in whole millionths, rounded down; null below 30 pieces. -#}
{% macro millionths(numerator, denominator) -%}
    cast(
        {{ numerator }} * 1000000 // case when {{ denominator }} >= 30 then {{ denominator }} end
        as bigint
    )
{%- endmacro %}


{#- How a rate changed from before to after, as an entry of a list of outcomes. -#}
{% macro changed_rate(outcome, numerator, denominator) -%}
    {
        'outcome': '{{ outcome }}',
        'change': {{ millionths(numerator ~ '_after', denominator ~ '_after') }}
        - {{ millionths(numerator ~ '_before', denominator ~ '_before') }}
    }
{%- endmacro %}


{#- How a count grew from before to after, as an entry of a list of outcomes. -#}
{% macro changed_count(count) -%}
    {
        'outcome': '{{ count }}',
        'change': {{ millionths(count ~ '_after', count ~ '_before') }} - 1000000
    }
{%- endmacro %}
