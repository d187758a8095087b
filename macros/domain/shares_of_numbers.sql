{#-
  One row per line that a channel's number gives to a refund order, with its share. A line of the
  amount of some of the number's refund orders is one's of those, by its place among such lines; any
  other is shared out. Reads `unnumbered` lines, their `places` and the refund orders
  `by_channel_number`.
-#}
{% macro shares_of_numbers() -%}
    with
    named as (
        select
            unnumbered.bill_line_id, unnumbered.amount, places.line_number,
            by_channel_number.refund_order_id, by_channel_number.reconciliation_key,
            by_channel_number.refund_amount,
            count(*) over line as named_count,
            count_if(unnumbered.amount = by_channel_number.refund_amount) over line
                as fitting_count,
            row_number() over (
                partition by unnumbered.bill_line_id
                order by
                    unnumbered.amount <> by_channel_number.refund_amount,
                    unnumbered.line_type = 'return'
                    and by_channel_number.refund_order_status <> 'failed',
                    by_channel_number.instructed_at, by_channel_number.refund_order_id
            ) as place,
            row_number() over in_order as number_in_order,
            unnumbered.amount
            - sum(by_channel_number.refund_amount) over in_order
            + by_channel_number.refund_amount as left_amount,
        from unnumbered
        inner join by_channel_number
            on unnumbered.channel_refund_id = by_channel_number.channel_refund_id
        inner join places on unnumbered.bill_line_id = places.bill_line_id
        window
            line as (partition by unnumbered.bill_line_id),
            in_order as (
                partition by unnumbered.bill_line_id order by by_channel_number.refund_order_id
            )
    ),

    shared_out as (
        select
            *,
            case
                when fitting_count > 0
                    then if(place = least(line_number, fitting_count), amount, 0)
                when number_in_order = named_count then left_amount
                else least(refund_amount, left_amount)
            end as matched_amount,
        from named
    )

    select
        *,
        count(*) over (partition by bill_line_id) as refund_order_count,
        row_number() over (partition by bill_line_id order by refund_order_id desc) = 1 as is_last,
        case
            when named_count = 1 then '2 channel refund number'
            else '3 batch of a channel refund number'
        end as match_rule,
    from shared_out
    where matched_amount > 0 or named_count = 1
{%- endmacro %}
