{#-
  The lines of refund orders that have several, judged by what stands after each: what was paid less
  what came back. `own` stands in the refund order's currency, `other` in another one. Less than the
  refund is a mismatch, and so is what exceeds it, unless it was paid when the refund stood in full
  already: that is a second payment, and so is another currency beside the right one. Alone, another
  currency differs by the whole refund. What came back beyond what stood is a mismatch for good. The
  refund came back once nothing stands. A channel that shows a return first has paid it in a bill
  that is not there. What came back next was paid for certain. A turn is a line after which the
  money moves the other way, or not at all; what a line leaves is seen also if the money moves only
  after the bill showed it. A span is what lies between two lines after which nothing is wrong, or
  less instead of more. Reads `crowded`, `refund_orders`, `bill_lines` and `channel_accounts`.
-#}
{% macro standing_lines() -%}
    with
    moved as (
        select
            refund_orders.refund_order_id, refund_orders.refund_amount,
            refund_orders.refund_order_status,
            {{ judged_line() }},
            {{ is_payment('bill_lines', 'refund_orders') }} as is_payment,
            {{ is_settled() }}
            or is_payment and {{ came_back_next('bill_lines') }} as is_settled,
            case when is_payment then 1 when {{ is_return() }} then -1 end as direction,
            if(is_other_currency, 0, direction * matched_amount) as own_movement,
            if(is_other_currency, direction * matched_amount, 0) as other_movement,
        from crowded
        inner join refund_orders on crowded.refund_order_id = refund_orders.refund_order_id
        inner join bill_lines on crowded.refund_order_id = bill_lines.refund_order_id
        left join channel_accounts
            on bill_lines.pay_channel = channel_accounts.pay_channel
            and bill_lines.bill_date >= channel_accounts.valid_from
            and bill_lines.bill_date < channel_accounts.valid_to
        window {{ attempts('bill_lines') }}
    ),

    summed as (
        select
            *,
            if(
                first_value(
                    case when direction is not null then own_movement end ignore nulls
                ) over refund_order < 0,
                refund_amount,
                0
            ) as opening,
            opening + coalesce(sum(own_movement) over so_far, 0) as own_sum,
            coalesce(sum(other_movement) over so_far, 0) as other_sum,
            coalesce(
                sum(if(is_wrong_account, own_movement + other_movement, 0)) over so_far, 0
            ) as wrong_account_sum,
        from moved
        window
            {{ so_far() }},
            refund_order as (
                partition by refund_order_id order by {{ in_order_of_time() }}
                rows between unbounded preceding and unbounded following
            )
    ),

    standing as (
        select
            *,
            greatest(0, -min(own_sum) over so_far) as own_over,
            greatest(0, -min(other_sum) over so_far) as other_over,
            own_sum + own_over as own,
            other_sum + other_over as other,
            wrong_account_sum - least(0, min(wrong_account_sum) over so_far) as wrong_account,
        from summed
        window {{ so_far() }}
    ),

    beside_before as (
        select
            *,
            coalesce(lag(own) over so_far, opening) as own_before,
            own_before + coalesce(lag(other) over so_far, 0) as both_before,
            is_payment and if(is_other_currency, own_before = 0, own_before < refund_amount)
                as is_first,
            is_first and is_settled and lag(direction ignore nulls) over so_far is not null
                as is_later_part,
            direction = -1 and both_before > 0 and own + other = 0 as is_whole_return,
            coalesce(
                direction <> lead(direction ignore nulls) over so_far, direction is not null
            ) as is_turn,
            is_turn
            or lead(case when direction is not null then transacted_at end ignore nulls) over so_far
            > ready_at as is_seen,
            count_if(own <= refund_amount) over so_far as excess_id,
        from standing
        window {{ so_far() }}
    ),

    judged as (
        select
            *,
            least(
                greatest(own - refund_amount, 0),
                coalesce(
                    sum(matched_amount) filter (
                        where is_payment and not (is_first or is_other_currency)
                    ) over excess,
                    0
                )
            ) as own_second,
            own_second + if(own > 0, other, 0) as second,
            case
                when direction is null then null
                when own > 0 then abs(own - refund_amount) - own_second
                when other > 0 then refund_amount
                else 0
            end
            + own_over + if(other_over > 0, refund_amount, 0) as mismatch,
            if(own > 0, greatest(0, refund_amount - own), 0) as lacking_amount,
        from beside_before
        window
            excess as (
                partition by refund_order_id, excess_id order by {{ in_order_of_time() }}
                rows between unbounded preceding and current row
            )
    ),

    spans as (
        select
            *,
            count_if(second = 0) over so_far as second_span,
            count_if(
                mismatch = 0
                or is_whole_return
                or (own_before > 0 and own_before < refund_amount and own > refund_amount)
                or (own_before > refund_amount and own > 0 and own < refund_amount)
            ) over so_far as mismatch_span,
            count_if(wrong_account = 0) over so_far as wrong_account_span,
            sum(if(is_whole_return, 1, 0)) over so_far as return_count,
        from judged
        window {{ so_far() }}
    )

    select
        *,
        max(second_span) filter (where is_turn and second > 0) over refund_order
            as last_second_span,
        max(mismatch_span) filter (where is_seen and mismatch > 0) over refund_order
            as last_mismatch_span,
        max(wrong_account_span) filter (where is_turn and wrong_account > 0) over refund_order
            as last_wrong_account_span,
        max(return_count) filter (where is_settled) over refund_order as last_return_count,
    from spans
    window refund_order as (partition by refund_order_id)
{%- endmacro %}


{#- The window over the lines of a refund order up to a line. -#}
{% macro so_far() -%}
    so_far as (
        partition by refund_order_id order by {{ in_order_of_time() }}
        rows between unbounded preceding and current row
    )
{%- endmacro %}


{#- Nothing comes back before it is paid, at one time. -#}
{% macro in_order_of_time() -%}
    transacted_at, line_type, bill_line_id
{%- endmacro %}
