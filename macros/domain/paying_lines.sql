{#-
  Whether a bill line paid its refund order: it succeeded, or was in process when the bill was
  written, and came back next, or the refund order neither failed before it nor was attempted again.
  The type of the next line is looked up where it is not given. Clocks of platform and channel
  differ by less than a day.
-#}
{% macro is_payment(bill_lines, refund_orders, next_line_type=none) -%}
    {%- set next_line_type = next_line_type or type_of_next_line(bill_lines) -%}
    coalesce(
        {{ bill_lines }}.line_type = 'refund'
        and (
            {{ bill_lines }}.bill_status = 'SUCCESS'
            or (
                {{ bill_lines }}.bill_status = 'PROCESSING'
                and (
                    {{ refund_orders }}.refund_order_id is null
                    or {{ next_line_type }} = 'return'
                    or (
                        (
                            {{ refund_orders }}.refund_order_status <> 'failed'
                            or {{ refund_orders }}.succeeded_at + interval 24 hour
                            >= {{ bill_lines }}.transacted_at
                        )
                        and (
                            {{ refund_orders }}.attempt_number = 1
                            or {{ next_line_type }} is null
                        )
                    )
                )
            )
        ),
        false
    )
{%- endmacro %}


{#- The type of the next line of a refund order but for attempts that failed: they move nothing. -#}
{% macro type_of_next_line(bill_lines) -%}
    lead(
        case when {{ bill_lines }}.bill_status <> 'FAIL' then {{ bill_lines }}.line_type end
        ignore nulls
    ) over attempts
{%- endmacro %}


{#- The window of `type_of_next_line`: the lines of a refund order in order of time. -#}
{% macro attempts(bill_lines) -%}
    attempts as (
        partition by {{ bill_lines }}.refund_order_id
        order by
            {{ bill_lines }}.transacted_at, {{ bill_lines }}.line_type,
            {{ bill_lines }}.bill_line_id
    )
{%- endmacro %}
