{#-
  Whether a bill line paid its refund order: it succeeded, or was in process when the bill was
  written, and came back next, or the refund order neither failed before it nor was attempted again.
  A line that is `alone` has no others to look up. Clocks of platform and channel differ by less
  than a day.
-#}
{% macro is_payment(bill_lines, refund_orders, alone=false) -%}
    coalesce(
        {{ bill_lines }}.line_type = 'refund'
        and (
            {{ bill_lines }}.bill_status = 'SUCCESS'
            or (
                {{ bill_lines }}.bill_status = 'PROCESSING'
                and (
                    {{ refund_orders }}.refund_order_id is null
                    {% if not alone -%}
                    or {{ came_back_next(bill_lines) }}
                    {% endif -%}
                    or (
                        (
                            {{ refund_orders }}.refund_order_status <> 'failed'
                            or {{ refund_orders }}.succeeded_at + interval 24 hour
                            >= {{ bill_lines }}.transacted_at
                        )
                        {% if not alone -%}
                        and (
                            {{ refund_orders }}.attempt_number = 1
                            or lead({{ bill_lines }}.bill_line_id) over attempts is null
                        )
                        {% endif -%}
                    )
                )
            )
        ),
        false
    )
{%- endmacro %}


{#- Whether a bill line gives money back; a return that failed moves nothing. -#}
{% macro is_return() -%}
    (line_type = 'return' and bill_status <> 'FAIL')
{%- endmacro %}


{#- Whether what a line paid came back next: attempts that failed in between move nothing. -#}
{% macro came_back_next(bill_lines) -%}
    coalesce(
        lead(
            case when {{ bill_lines }}.bill_status <> 'FAIL' then {{ bill_lines }}.line_type end
            ignore nulls
        ) over attempts = 'return',
        false
    )
{%- endmacro %}


{#- The window in which a line's next ones are looked up: a refund order's, in order of time. -#}
{% macro attempts(bill_lines) -%}
    attempts as (
        partition by {{ bill_lines }}.refund_order_id
        order by
            {{ bill_lines }}.transacted_at, {{ bill_lines }}.line_type,
            {{ bill_lines }}.bill_line_id
    )
{%- endmacro %}
