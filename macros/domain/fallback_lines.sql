{#-
  One row per bill line that falls back, within its order, to a refund order of the channel and
  amount that nothing else pays, failed ones last; then to all of the rest together. A line pays
  nothing that was instructed after it, by more than clocks may differ. Reads `bill_lines` and
  `refund_orders`.
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
        select
            *,
            row_number() over (
                partition by reconciliation_key, pay_channel, currency_code, refund_amount
                order by refund_order_status = 'failed', instructed_at, refund_order_id
            ) as place,
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

    first_orders as (
        select
            reconciliation_key, pay_channel, currency_code, refund_amount,
            min(instructed_at) as instructed_at,
        from unpaid_orders
        group by all
    ),

    placed_lines as (
        select
            free_lines.*,
            row_number() over (
                partition by
                    free_lines.reconciliation_key, free_lines.pay_channel,
                    free_lines.currency_code, free_lines.amount
                order by free_lines.transacted_at, free_lines.bill_line_id
            ) as place,
        from free_lines
        inner join first_orders
            on free_lines.reconciliation_key = first_orders.reconciliation_key
            and free_lines.pay_channel = first_orders.pay_channel
            and free_lines.currency_code = first_orders.currency_code
            and free_lines.amount = first_orders.refund_amount
            and free_lines.latest_instructed_at >= first_orders.instructed_at
    ),

    by_amount as (
        select
            placed_lines.bill_line_id, unpaid_orders.refund_order_id,
            placed_lines.amount as matched_amount,
            '4 order, channel and amount' as match_rule, 1 as refund_order_count, true as is_last,
        from placed_lines
        inner join unpaid_orders using (reconciliation_key, pay_channel, currency_code, place)
        where
            placed_lines.amount = unpaid_orders.refund_amount
            and placed_lines.latest_instructed_at >= unpaid_orders.instructed_at
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
