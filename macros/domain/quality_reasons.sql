{#- The five reasons of a quality return. -#}
{% macro quality_reasons() -%}
    ('not as described', 'quality', 'wrong goods', 'no-label goods', 'counterfeit')
{%- endmacro %}
