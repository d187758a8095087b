{#- When the money of a refund order came back: by the bill, else by its own record. -#}
{% macro returned_at(refund_orders, billed) -%}
    case
        when {{ billed }}.bill_returned_at >= {{ refund_orders }}.succeeded_at
            then {{ billed }}.bill_returned_at
        when
            {{ refund_orders }}.refund_order_status = 'failed'
            and {{ refund_orders }}.succeeded_at is not null
            then {{ refund_orders }}.updated_at
    end
{%- endmacro %}
