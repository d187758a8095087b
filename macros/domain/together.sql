{#-
  An aggregate over the rows of a group that fulfil a condition; or, for a row that is known to be
  alone in its group, the same without grouping. `by` is what arg_max() goes by.
-#}
{% macro together(alone, function, value, condition='true', by=none) -%}
    {%- if not alone -%}
        {{ function }}({{ value }}{{ ', ' ~ by if by }}) filter (where {{ condition }})
    {%- elif function == 'count' -%}
        if({{ condition }} and {{ value }} is not null, 1, 0)
    {%- else -%}
        case when {{ condition }} then {{ value }} end
    {%- endif -%}
{%- endmacro %}


{#- A sum of amounts, 0 where there is none. -#}
{% macro amounts_together(alone, value, condition='true') -%}
    cast(coalesce({{ together(alone, 'sum', value, condition) }}, 0) as decimal(18, 2))
{%- endmacro %}
