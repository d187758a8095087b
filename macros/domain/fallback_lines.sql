{#-
  One row per bill line that falls back, within its order, to a refund order of the channel and
  amount that nothing else pays; then to all of the rest together. In order of time, a line takes
  the first refund order that is free, a failed one only if no other is. A line pays nothing that
  was instructed after it, by more than clocks may differ. Reads `bill_lines` and `refund_orders`.
-#}
{% macro fallback_lines() -%}
    with
    free_lines as (
        select
            *,
            transacted_at + interval 1 day as latest_instructed_at,
        from bill_lines
        where
            refund_order_id is null
            and line_type = 'refund'
            and bill_status in ('SUCCESS', 'PROCESSING')
    ),

    unpaid_orders as (
        select *
        from refund_orders
        where
            route <> 'offline'
            and reconciliation_key in (select free_lines.reconciliation_key from free_lines)
            and refund_order_id not in (
                select bill_lines.refund_order_id
                from bill_lines
                where
                    bill_lines.refund_order_id is not null
                    and bill_lines.line_type = 'refund'
                    and bill_lines.bill_status in ('SUCCESS', 'PROCESSING')
                    and bill_lines.reconciliation_key in (
                        select free_lines.reconciliation_key from free_lines
                    )
            )
    ),

    by_amount_first as (
        {{ lines_by_amount("refund_order_status <> 'failed'") }}
    ),

    by_amount_last as (
        {{ lines_by_amount("refund_order_status = 'failed'", without='by_amount_first') }}
    ),

    by_amount as (
        select *, '4 order, channel and amount' as match_rule, 1 as refund_order_count,
            true as is_last,
        from (
            from by_amount_first
            union all
            from by_amount_last
        )
    ),

    rest_of_lines as (
        select *
        from free_lines
        where bill_line_id not in (select by_amount.bill_line_id from by_amount)
    ),

    rest_of_orders as (
        select
            *,
            sum(refund_amount) over (
                partition by reconciliation_key, pay_channel, currency_code
            ) as rest_amount,
            max(instructed_at) over (
                partition by reconciliation_key, pay_channel, currency_code
            ) as last_instructed_at,
            count(*) over (
                partition by reconciliation_key, pay_channel, currency_code
            ) as refund_order_count,
            row_number() over (
                partition by reconciliation_key, pay_channel, currency_code
                order by refund_order_id desc
            ) = 1 as is_last,
        from unpaid_orders
        where
            refund_order_status <> 'failed'
            and refund_order_id not in (select by_amount.refund_order_id from by_amount)
    )

    from by_amount
    union all
    select
        rest_of_lines.bill_line_id, rest_of_orders.refund_order_id,
        rest_of_orders.refund_amount as matched_amount,
        '5 order and sum of a batch' as match_rule,
        rest_of_orders.refund_order_count, rest_of_orders.is_last,
    from rest_of_lines
    inner join rest_of_orders using (reconciliation_key, pay_channel, currency_code)
    where
        rest_of_lines.amount = rest_of_orders.rest_amount
        and rest_of_lines.latest_instructed_at >= rest_of_orders.last_instructed_at
    qualify row_number() over (
        partition by rest_of_orders.refund_order_id
        order by rest_of_lines.transacted_at, rest_of_lines.bill_line_id
    ) = 1
{%- endmacro %}


{#-
  The `free_lines`, those `without` excepted, each with the first of some `unpaid_orders` that is
  free. Of the lines before it, as many found none as lines were ever ahead of the refund orders
  that had been instructed by then, at most; the others took one each.
-#}
{% macro lines_by_amount(condition, without=none) -%}
    {%- set kind = 'reconciliation_key, pay_channel, currency_code, amount' -%}
    with
    in_order as (
        select
            reconciliation_key, pay_channel, currency_code, amount, bill_line_id,
            null as refund_order_id, latest_instructed_at as ordered_at,
        from free_lines
        {% if without %}
        where bill_line_id not in (select {{ without }}.bill_line_id from {{ without }})
        {% endif %}
        union all
        select
            reconciliation_key, pay_channel, currency_code, refund_amount as amount,
            null as bill_line_id, refund_order_id, instructed_at as ordered_at,
        from unpaid_orders
        where {{ condition }}
    ),

    numbered as (
        select
            *,
            count(bill_line_id) over so_far as line_number,
            count(refund_order_id) over so_far as order_number,
        from in_order
        window
            so_far as (
                partition by {{ kind }}
                order by ordered_at, bill_line_id is not null, bill_line_id, refund_order_id
                rows between unbounded preceding and current row
            )
    ),

    placed_lines as (
        select
            *,
            line_number - greatest(
                0,
                max(line_number - order_number) over (
                    partition by {{ kind }} order by line_number
                    rows between unbounded preceding and 1 preceding
                )
            ) as place,
        from numbered
        where bill_line_id is not null
    )

    select
        placed_lines.bill_line_id, numbered.refund_order_id, placed_lines.amount as matched_amount,
    from placed_lines
    inner join numbered using ({{ kind }})
    where
        numbered.refund_order_id is not null
        and numbered.order_number = placed_lines.place
        and placed_lines.order_number >= placed_lines.place
{%- endmacro %}
