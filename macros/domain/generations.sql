{#- A generation as an entry of a list of profiles; null where the condition doesn't hold. -#}
{% macro generation(condition, value) -%}
    case when {{ condition }} then {'dimension': 'generation', 'value': '{{ value }}'} end
{%- endmacro %}
