{#-
  When a refund order was paid: by its own record, else by the channel's bill, which is believed
  also where the record says that it failed or is under way.
-#}
{% macro paid_at(billed) -%}
    coalesce(
        case
            when
                {{ billed }}.refund_order_status <> 'failed'
                or coalesce({{ billed }}.channel_paid_at <= {{ billed }}.updated_at, true)
                then {{ billed }}.succeeded_at
        end,
        {{ billed }}.channel_paid_at,
        {{ recorded_as_paid('at', billed ~ '.') }}
    )
{%- endmacro %}


{#-
  The time (`at`) or `date` at which a refund order was paid by its own record alone: without one,
  that of its version.
-#}
{% macro recorded_as_paid(part, refund_orders='') -%}
    coalesce(
        {{ refund_orders }}succeeded_{{ part }},
        case
            when {{ refund_orders }}refund_order_status = 'succeeded'
                then {{ refund_orders }}updated_{{ part }}
        end
    )
{%- endmacro %}


{#- When the money of a refund order came back: by the bill, else by its own record. -#}
{% macro returned_at(billed) -%}
    case
        when
            {{ billed }}.bill_returned_at >= {{ paid_at(billed) }}
            and {{ billed }}.bill_repaid_at is null
            then {{ billed }}.bill_returned_at
        when
            {{ billed }}.refund_order_status = 'failed'
            and {{ billed }}.succeeded_at is not null
            and coalesce({{ billed }}.last_paid_at <= {{ billed }}.updated_at, true)
            then {{ billed }}.updated_at
    end
{%- endmacro %}


{#- When it is known that a refund order was paid, the newest time; by its record, at once. -#}
{% macro paid_known_at(payouts='') -%}
    greatest(
        coalesce(
            case
                when {{ payouts }}paid_at = {{ payouts }}succeeded_at then {{ payouts }}paid_at
            end,
            {{ payouts }}billed_at,
            {{ payouts }}paid_at
        ),
        {{ payouts }}repaid_known_at
    )
{%- endmacro %}
