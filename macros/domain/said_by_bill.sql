{#- What a line of a channel's bill says itself. -#}
{% macro said_by_bill(lines) -%}
    {%- for column in ['bill_line_id', 'source', 'currency_code', 'pay_channel', 'account_id',
        'line_type', 'bill_status', 'amount', 'fee_amount', 'bill_date', 'transacted_at',
        'updated_at'] %}
    {{ lines }}.{{ column }}{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
