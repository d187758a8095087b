{#- For `recompute`: the reconciliation keys of the rows of several inputs that lie in a range. -#}
{% macro requested_keys(columns) -%}
    {%- for input, column in columns.items() %}
    {{ requested_rows(input, 'reconciliation_key', column) }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
{%- endmacro %}


{#- For `affected_by`: the reconciliation keys of an input's rows that name a changed row. -#}
{% macro keys_of(input, column) -%}
    select reconciliation_key from changes inner join {{ input }} using ({{ column }})
{%- endmacro %}
