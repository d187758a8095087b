{#-
  Every refund order with what the channels' bills say of it: what was paid, and what is wrong with
  its lines. A line in process is a payment unless its refund order failed or was attempted again.
  A payment is a second one unless the money came back in between; what comes back is judged by the
  payment that it gives back. `payment_number` is how many payments stand after a line, what came
  back in part and was paid again among them; a further part is never a second one. Lines that stand
  together for no more than the refund order are one payment in parts, and so is what was paid
  after a part came back, by which they are judged from then on. Of payments one after the other,
  which came back in between, the newest one's amount is judged.
  The fee is given back in proportion, half a cent rounded up. Reads `refund_orders`, `bill_lines`
  and `channel_accounts`; most refund orders have one line, and need neither windows nor groups.
-#}
{% macro billed_refund_orders() -%}
    with
    crowded as (
        select refund_order_id
        from bill_lines
        where refund_order_id is not null
        group by refund_order_id
        having count(*) > 1
    ),

    one_line as (
        select
            refund_orders.*,
            {{ judged_line() }},
            {{ is_payment('bill_lines', 'refund_orders', next_line='null') }} as is_payment,
            1 as payment_number,
        from refund_orders
        left join bill_lines on refund_orders.refund_order_id = bill_lines.refund_order_id
        left join channel_accounts
            on bill_lines.pay_channel = channel_accounts.pay_channel
            and bill_lines.bill_date >= channel_accounts.valid_from
            and bill_lines.bill_date < channel_accounts.valid_to
        where refund_orders.refund_order_id not in (select crowded.refund_order_id from crowded)
    ),

    attempted as (
        select
            refund_orders.refund_order_id, refund_orders.refund_amount,
            {{ judged_line() }},
            {{ is_payment('bill_lines', 'refund_orders') }} as is_payment,
        from crowded
        inner join refund_orders on crowded.refund_order_id = refund_orders.refund_order_id
        inner join bill_lines on crowded.refund_order_id = bill_lines.refund_order_id
        left join channel_accounts
            on bill_lines.pay_channel = channel_accounts.pay_channel
            and bill_lines.bill_date >= channel_accounts.valid_from
            and bill_lines.bill_date < channel_accounts.valid_to
        window {{ attempts('bill_lines') }}
    ),

    in_parts as (
        select
            *,
            case
                when not is_other_currency and (is_payment or line_type = 'return') then line_type
            end as moved_type,
            sum(
                case moved_type
                    when 'refund' then matched_amount
                    when 'return' then -matched_amount
                end
            ) over so_far as standing_amount,
            is_payment
            and not is_other_currency
            and standing_amount > matched_amount
            and standing_amount - matched_amount < refund_amount as is_further,
            is_further and lag(moved_type ignore nulls) over so_far = 'return' as is_part_again,
            is_part_again or (is_further and standing_amount <= refund_amount) as is_part,
        from attempted
        window {{ so_far() }}
    ),

    identified_payments as (
        select
            *,
            count_if(is_payment and not (is_part or is_other_currency)) over so_far
                as payment_id,
        from in_parts
        window {{ so_far() }}
    ),

    parts_together as (
        select
            *,
            coalesce(
                (transacted_at, bill_line_id)
                < max((transacted_at, bill_line_id)) filter (where is_part_again) over payment,
                false
            ) as is_paid_again,
            arg_max(standing_amount, (transacted_at, bill_line_id)) filter (
                where moved_type = 'refund'
            ) over payment
            - min(standing_amount - matched_amount) filter (
                where moved_type = 'refund' and not is_part
            ) over payment as paid_together,
        from identified_payments
        window payment as (partition by refund_order_id, payment_id)
    ),

    numbered_payments as (
        select
            *,
            if(
                is_part,
                1,
                count_if(is_payment and not is_part) over so_far
                - count_if(line_type = 'return' and not is_paid_again) over so_far
            ) as payment_number,
        from parts_together
        window {{ so_far() }}
    ),

    several_lines as (
        select
            * replace (
                case
                    when is_other_currency then amount_difference
                    when is_paid_again or (is_part and not is_part_again) then 0
                    when is_payment then abs(paid_together - refund_amount)
                    when line_type = 'return'
                        then coalesce(abs(paid_together - matched_amount), amount_difference)
                    else amount_difference
                end as amount_difference
            ),
            payment_id = max(payment_id) filter (where is_payment and payment_number <= 1) over (
                partition by refund_order_id
            ) as is_newest,
        from numbered_payments
    ),

    facts_of_several as (
        select
            refund_order_id,
            {{ facts_of_bill(alone=false) }}
        from several_lines
        group by refund_order_id
    )

    select
        * exclude (
            bill_line_id, line_type, bill_status, match_rule, matched_amount, fee_amount, is_last,
            bill_date, transacted_at, ready_at, is_other_currency, amount_difference,
            is_wrong_account, fee_difference, is_payment, payment_number
        ),
        {{ facts_of_bill(alone=true) }}
    from one_line
    union all by name
    select
        refund_orders.*,
        facts_of_several.* exclude (
            refund_order_id, is_repaid, is_mended, differing_amount, largest_difference
        ),
    from refund_orders
    inner join facts_of_several
        on refund_orders.refund_order_id = facts_of_several.refund_order_id
{%- endmacro %}


{#- The window over the lines of a refund order up to a line. -#}
{% macro so_far() -%}
    so_far as (
        partition by refund_order_id order by transacted_at, bill_line_id
        rows between unbounded preceding and current row
    )
{%- endmacro %}


{#- A bill line beside its refund order and the channel's account. -#}
{% macro judged_line() -%}
    bill_lines.bill_line_id, bill_lines.line_type, bill_lines.bill_status, bill_lines.match_rule,
    bill_lines.matched_amount, bill_lines.fee_amount, bill_lines.is_last, bill_lines.bill_date,
    bill_lines.transacted_at, bill_lines.updated_at as ready_at,
    coalesce(bill_lines.currency_code <> refund_orders.currency_code, false) as is_other_currency,
    case
        when is_other_currency then refund_orders.refund_amount
        else abs(bill_lines.matched_amount - refund_orders.refund_amount)
    end as amount_difference,
    bill_lines.line_type = 'refund'
    and bill_lines.bill_status <> 'FAIL'
    and refund_orders.route = 'original'
    and (
        bill_lines.pay_channel <> refund_orders.pay_channel
        or coalesce(bill_lines.account_id, '') <> channel_accounts.account_id
    ) as is_wrong_account,
    case
        when bill_lines.bill_status = 'FAIL' or not bill_lines.is_last then 0
        when bill_lines.bill_status = 'CHANGE' and bill_lines.line_type = 'refund' then 0
        else
            coalesce(bill_lines.fee_amount, 0)
            + case when bill_lines.line_type = 'refund' then 1 else -1 end
            * cast(
                cast(
                    (
                        cast(bill_lines.amount * 100 as bigint) * channel_accounts.fee_per_10000
                        + 5000
                    ) // 10000 as decimal(18, 0)
                ) * 0.01 as decimal(18, 2)
            )
    end as fee_difference
{%- endmacro %}


{#- What the lines of a refund order say together. -#}
{% macro facts_of_bill(alone) -%}
    {%- set is_first = 'is_payment and payment_number <= 1' -%}
    {%- set is_return = "line_type = 'return'"
        ~ ('' if alone else ' and (is_paid_again or payment_number <= 0)') -%}
    {%- set is_newest = is_first ~ ('' if alone else ' and is_newest') -%}
    {%- set is_judged = '(' ~ is_newest ~ " or line_type = 'return')" -%}
    {%- set is_mismatched = is_judged ~ ' and amount_difference > 0' -%}
    {%- set is_replaced = is_first ~ ' and not is_newest and amount_difference > 0' -%}
    {%- set largest_fee = '(abs(fee_difference), bill_line_id)' -%}
    cast({{ together(alone, 'count', 'bill_line_id') }} as bigint) as bill_line_count,
    cast({{ together(alone, 'count', 'bill_line_id', 'is_payment') }} as bigint) as payment_count,
    {{ amounts_together(alone, 'matched_amount', 'is_payment') }} as billed_amount,
    {{ amounts_together(alone, 'fee_amount', 'is_last') }} as fee_amount,
    {{ together(alone, 'max', 'match_rule') }} as match_rule,
    coalesce(
        {{ together(alone, 'min', 'bill_line_id', is_first) }},
        {{ together(alone, 'min', 'bill_line_id') }}
    ) as bill_line_id,
    {{ together(alone, 'max', 'bill_line_id', 'is_payment and payment_number = 2') }}
        as second_line_id,
    {{ amounts_together(alone, 'matched_amount', 'is_payment and payment_number > 1') }}
        as duplicate_amount,
    {%- if alone %}
    {{ amounts_together(alone, 'amount_difference', is_judged) }} as mismatch_amount,
    {{ together(alone, 'max', 'bill_line_id', is_mismatched) }} as mismatched_line_id,
    {{ together(alone, 'min', 'ready_at', is_mismatched) }} as mismatched_known_at,
    cast(null as timestamp) as mismatch_healed_at,
    {%- else %}
    bool_or({{ is_replaced }}) and not coalesce(bool_or({{ is_mismatched }}), false) as is_mended,
    {%- for function, value, name in [
        ('sum', 'amount_difference', 'differing_amount'),
        ('max', 'amount_difference', 'largest_difference'),
        ('max', 'bill_line_id', 'mismatched_line_id'),
        ('min', 'ready_at', 'mismatched_known_at')
    ] %}
    if(
        is_mended,
        {{ function }}({{ value }}) filter (where {{ is_replaced }}),
        {{ function }}({{ value }}) filter (where {{ is_mismatched }})
    ) as {{ name }},
    {%- endfor %}
    cast(
        least(coalesce(differing_amount, 0), greatest(max(refund_amount), largest_difference))
        as decimal(18, 2)
    ) as mismatch_amount,
    case when is_mended then max(transacted_at) filter (where {{ is_first }}) end
        as mismatch_healed_at,
    {%- endif %}
    cast(
        coalesce(
            {{ together(alone, 'sum', 'matched_amount', 'is_wrong_account and is_payment') }},
            {{ together(alone, 'max', 'matched_amount', 'is_wrong_account') }},
            0
        ) as decimal(18, 2)
    ) as wrong_account_amount,
    {{ together(alone, 'max', 'bill_line_id', 'is_wrong_account') }} as wrong_account_line_id,
    {{ together(alone, 'min', 'ready_at', 'is_wrong_account') }} as wrong_account_known_at,
    cast(coalesce({{ together(alone, 'max', 'abs(fee_difference)') }}, 0) as decimal(18, 2))
        as fee_difference_amount,
    {{ together(alone, 'arg_max', 'bill_line_id', 'fee_difference <> 0', by=largest_fee) }}
        as fee_line_id,
    {{ together(alone, 'arg_max', 'ready_at', 'fee_difference <> 0', by=largest_fee) }}
        as fee_known_at,
    {{ together(alone, 'min', 'bill_date', 'is_payment') }} as billed_date,
    {{ together(alone, 'min', 'ready_at', 'is_payment') }} as billed_at,
    {{ together(alone, 'min', 'transacted_at', 'is_payment and payment_number = 2') }}
        as second_paid_at,
    {{ together(alone, 'min', 'ready_at', 'is_payment and payment_number = 2') }}
        as second_known_at,
    {{ together(alone, 'max', 'transacted_at', is_first ~ " and bill_status = 'SUCCESS'") }}
        as channel_paid_at,
    {{ together(alone, 'max', 'transacted_at', is_return) }} as bill_returned_at,
    {%- if alone %}
    cast(null as timestamp) as bill_repaid_at,
    cast(null as timestamp) as rebilled_at,
    {%- else %}
    max({'at': transacted_at, 'line': bill_line_id}) filter (where {{ is_first }})
    > max({'at': transacted_at, 'line': bill_line_id}) filter (where {{ is_return }})
        as is_repaid,
    case when is_repaid then max(transacted_at) filter (where {{ is_first }}) end
        as bill_repaid_at,
    case when is_repaid then max(ready_at) filter (where {{ is_first }}) end as rebilled_at,
    {%- endif %}
{%- endmacro %}
