{#-
  Whether a bill line paid its refund order: it succeeded, or was in process when the bill was
  written, unless the refund order failed or was attempted again. The next line of the refund order
  is looked up in the window `attempts` where it is not given.
-#}
{% macro is_payment(bill_lines, refund_orders, next_line=none) -%}
    coalesce(
        {{ bill_lines }}.line_type = 'refund'
        and (
            {{ bill_lines }}.bill_status = 'SUCCESS'
            or (
                {{ bill_lines }}.bill_status = 'PROCESSING'
                and (
                    {{ refund_orders }}.refund_order_id is null
                    or {{ refund_orders }}.refund_order_status <> 'failed'
                    or {{ refund_orders }}.succeeded_at is not null
                )
                and (
                    {{ refund_orders }}.refund_order_id is null
                    or {{ refund_orders }}.attempt_number = 1
                    or {{ next_line or 'lead(' ~ bill_lines ~ '.bill_line_id) over attempts' }}
                    is null
                )
            )
        ),
        false
    )
{%- endmacro %}


{#- The window of `is_payment`: the lines of a refund order in order of time. -#}
{% macro attempts(bill_lines) -%}
    attempts as (
        partition by {{ bill_lines }}.refund_order_id, {{ bill_lines }}.line_type
        order by {{ bill_lines }}.transacted_at, {{ bill_lines }}.bill_line_id
    )
{%- endmacro %}
