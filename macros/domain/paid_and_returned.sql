{#-
  When a refund order was paid: by its own record, else by the channel's bill, which is believed
  also where the record says that it failed or is under way.
-#}
{% macro paid_at(refund_orders, billed) -%}
    coalesce(
        {{ refund_orders }}.succeeded_at,
        {{ billed }}.channel_paid_at,
        case
            when {{ refund_orders }}.refund_order_status = 'succeeded'
                then {{ refund_orders }}.updated_at
        end
    )
{%- endmacro %}


{#- When the money of a refund order came back: by the bill, else by its own record. -#}
{% macro returned_at(refund_orders, billed) -%}
    case
        when {{ billed }}.bill_returned_at >= {{ paid_at(refund_orders, billed) }}
            then {{ billed }}.bill_returned_at
        when
            {{ refund_orders }}.refund_order_status = 'failed'
            and {{ refund_orders }}.succeeded_at is not null
            then {{ refund_orders }}.updated_at
    end
{%- endmacro %}
