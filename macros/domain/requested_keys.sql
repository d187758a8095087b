{#- For `recompute`: the reconciliation keys of the rows of several inputs that lie in a range. -#}
{% macro requested_keys(columns) -%}
    {%- for input, column in columns.items() %}
    {{ requested_rows(input, 'reconciliation_key', column) }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
{%- endmacro %}


{#- For `affected_by`: the reconciliation keys of the chains that name a changed row. -#}
{% macro keys_of_chains(column) -%}
    select reconciliation_key from changes inner join int_refund_chains using ({{ column }})
{%- endmacro %}
