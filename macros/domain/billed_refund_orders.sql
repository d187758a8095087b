{#-
  Every refund order with what the channels' bills say of it: what was paid, and what is wrong with
  its lines. The fee is given back in proportion, half a cent rounded up. Reads `refund_orders`,
  `bill_lines` and `channel_accounts`; most refund orders have one line, and are judged without
  windows and groups, as standing_lines() would.
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
            {{ is_payment('bill_lines', 'refund_orders', alone=true) }} as is_payment,
            {{ is_settled() }} as is_settled,
            is_payment as is_first,
            {{ is_return() }} and not is_other_currency and matched_amount >= refund_amount
                as is_whole_return,
            case
                when is_other_currency or is_whole_return then 0
                when {{ is_return() }} then matched_amount
                when is_payment then greatest(0, refund_amount - matched_amount)
                else 0
            end as lacking_amount,
            case
                when not coalesce(is_payment or {{ is_return() }}, false) then 0
                when is_other_currency then refund_amount
                when lacking_amount > 0 then lacking_amount
                else abs(matched_amount - refund_amount)
            end as mismatch,
        from refund_orders
        left join bill_lines on refund_orders.refund_order_id = bill_lines.refund_order_id
        left join channel_accounts
            on bill_lines.pay_channel = channel_accounts.pay_channel
            and bill_lines.bill_date >= channel_accounts.valid_from
            and bill_lines.bill_date < channel_accounts.valid_to
        where refund_orders.refund_order_id not in (select crowded.refund_order_id from crowded)
    ),

    several_lines as (
        {{ standing_lines() }}
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
            bill_date, transacted_at, ready_at, is_other_currency, is_wrong_account, fee_difference,
            is_payment, is_settled, is_first, is_whole_return, lacking_amount, mismatch
        ),
        {{ facts_of_bill(alone=true) }}
    from one_line
    union all by name
    select
        refund_orders.*,
        facts_of_several.* exclude (refund_order_id),
    from refund_orders
    inner join facts_of_several
        on refund_orders.refund_order_id = facts_of_several.refund_order_id
{%- endmacro %}


{#- A channel's accounts and their fees, one row for each span in which they are the same. -#}
{% macro accounts_by_channel(seed) -%}
    (
        select
            pay_channel, valid_from, valid_to,
            list(account_id order by account_id, fee_per_10000) as account_ids,
            list(fee_per_10000 order by account_id, fee_per_10000) as fees_per_10000,
        from {{ dated_rows(seed, 'pay_channel') }}
        group by pay_channel, valid_from, valid_to
    )
{%- endmacro %}


{#-
  A bill line beside its refund order and the channel's accounts of its day, each with a fee of its
  own; on a wrong account the fee is judged if it is the same on all.
-#}
{% macro judged_line() -%}
    bill_lines.bill_line_id, bill_lines.line_type, bill_lines.bill_status, bill_lines.match_rule,
    bill_lines.matched_amount, bill_lines.fee_amount, bill_lines.is_last, bill_lines.bill_date,
    bill_lines.transacted_at, bill_lines.updated_at as ready_at,
    coalesce(bill_lines.currency_code <> refund_orders.currency_code, false) as is_other_currency,
    refund_orders.route = 'original'
    and (
        bill_lines.pay_channel <> refund_orders.pay_channel
        or not list_contains(channel_accounts.account_ids, coalesce(bill_lines.account_id, ''))
    ) as is_wrong_account,
    case
        when bill_lines.bill_status = 'FAIL' or not bill_lines.is_last then 0
        when bill_lines.bill_status = 'CHANGE' and bill_lines.line_type = 'refund' then 0
        when bill_lines.fee_amount is null and bill_lines.line_type = 'return' then 0
        when
            not list_contains(channel_accounts.account_ids, coalesce(bill_lines.account_id, ''))
            and list_min(channel_accounts.fees_per_10000)
            < list_max(channel_accounts.fees_per_10000)
            then 0
        else
            coalesce(bill_lines.fee_amount, 0)
            + case when bill_lines.line_type = 'refund' then 1 else -1 end
            * cast(
                cast(
                    (
                        cast(bill_lines.amount * 100 as bigint)
                        * channel_accounts.fees_per_10000[greatest(
                            list_position(channel_accounts.account_ids, bill_lines.account_id), 1
                        )]
                        + 5000
                    ) // 10000 as decimal(18, 0)
                ) * 0.01 as decimal(18, 2)
            )
    end as fee_difference
{%- endmacro %}


{#- Whether a payment is one for certain: the bill or the record says that it succeeded. -#}
{% macro is_settled() -%}
    is_payment and (bill_status = 'SUCCESS' or refund_order_status = 'succeeded')
{%- endmacro %}


{#- What the lines of a refund order say together. -#}
{% macro facts_of_bill(alone) -%}
    {%- set line = '(' ~ in_order_of_time() ~ ')' -%}
    {%- set is_newest = 'is_settled' ~ ('' if alone else ' and return_count = last_return_count')
        -%}
    {%- set largest_fee = '(abs(fee_difference), bill_line_id)' -%}
    cast({{ together(alone, 'count', 'bill_line_id') }} as bigint) as bill_line_count,
    cast({{ together(alone, 'count', 'bill_line_id', 'is_payment') }} as bigint) as payment_count,
    {{ amounts_together(alone, 'matched_amount', 'is_payment') }} as billed_amount,
    {{ amounts_together(alone, 'fee_amount', 'is_last') }} as fee_amount,
    {{ together(alone, 'max', 'match_rule') }} as match_rule,
    coalesce(
        {{ together(alone, 'min', 'bill_line_id', 'is_first') }},
        {{ together(alone, 'min', 'bill_line_id') }}
    ) as bill_line_id,
    {%- if alone %}
    cast(0 as decimal(18, 2)) as duplicate_amount,
    cast(null as varchar) as second_line_id,
    {%- for time in ['second_paid_at', 'second_known_at', 'second_returned_at',
        'mismatch_healed_at', 'wrong_account_healed_at', 'bill_repaid_at', 'rebilled_at'] %}
    cast(null as timestamp) as {{ time }},
    {%- endfor %}
    cast(null as struct(paid_at timestamp, stood decimal(18, 2))[]) as later_parts,
    cast(mismatch as decimal(18, 2)) as mismatch_amount,
    case when mismatch > 0 then bill_line_id end as mismatched_line_id,
    case when mismatch > 0 then transacted_at end as mismatched_at,
    case when mismatch > 0 then ready_at end as mismatched_known_at,
    cast(lacking_amount as decimal(18, 2)) as lacking_amount,
    {%- set is_misdirected = 'is_wrong_account and is_payment' %}
    {{ amounts_together(alone, 'matched_amount', is_misdirected) }} as wrong_account_amount,
    case when {{ is_misdirected }} then bill_line_id end as wrong_account_line_id,
    case when {{ is_misdirected }} then ready_at end as wrong_account_known_at,
    {%- else %}
    {%- for fact, amount, line_id, since, known_at, healed_at in [
        ('second', 'duplicate_amount', 'second_line_id', 'second_paid_at', 'second_known_at',
            'second_returned_at'),
        ('mismatch', 'mismatch_amount', 'mismatched_line_id', 'mismatched_at',
            'mismatched_known_at', 'mismatch_healed_at'),
        ('wrong_account', 'wrong_account_amount', 'wrong_account_line_id', none,
            'wrong_account_known_at', 'wrong_account_healed_at')
    ] %}
    {%- set span = fact ~ '_span' -%}
    {%- set is_told = 'is_seen' if fact == 'mismatch' else 'is_turn' -%}
    {%- set is_last_span = fact ~ ' > 0 and ' ~ span ~ ' = last_' ~ span %}
    cast(
        coalesce(arg_max({{ fact }}, {{ line }}) filter (where {{ is_told }} and {{ fact }} > 0), 0)
        as decimal(18, 2)
    ) as {{ amount }},
    arg_min(bill_line_id, {{ line }}) filter (where {{ is_last_span }}) as {{ line_id }},
    {%- if since %}
    min(transacted_at) filter (where {{ is_last_span }}) as {{ since }},
    {%- endif %}
    arg_min(ready_at, {{ line }}) filter (where {{ is_last_span }}) as {{ known_at }},
    min(transacted_at) filter (where {{ fact }} = 0 and {{ span }} > last_{{ span }})
        as {{ healed_at }},
    {%- endfor %}
    cast(arg_max(lacking_amount, {{ line }}) as decimal(18, 2)) as lacking_amount,
    list({'paid_at': transacted_at, 'stood': cast(own_before as decimal(18, 2))})
        filter (where is_later_part) as later_parts,
    {%- endif %}
    cast(coalesce({{ together(alone, 'max', 'abs(fee_difference)') }}, 0) as decimal(18, 2))
        as fee_difference_amount,
    {{ together(alone, 'arg_max', 'bill_line_id', 'fee_difference <> 0', by=largest_fee) }}
        as fee_line_id,
    {{ together(alone, 'arg_max', 'ready_at', 'fee_difference <> 0', by=largest_fee) }}
        as fee_known_at,
    {{ together(alone, 'min', 'bill_date', 'is_payment') }} as billed_date,
    {{ together(alone, 'min', 'ready_at', 'is_payment') }} as billed_at,
    {{ together(alone, 'min', 'transacted_at', is_newest) }} as channel_paid_at,
    {{ together(alone, 'min', 'transacted_at', 'is_payment') }} as first_paid_at,
    {{ together(alone, 'max', 'transacted_at', 'is_settled') }} as last_paid_at,
    {{ together(alone, 'max', 'transacted_at', 'is_whole_return') }} as bill_returned_at,
    {%- if not alone %}
    case
        when max(return_count) > 0 and max(return_count) = max(last_return_count)
            then channel_paid_at
    end as bill_repaid_at,
    case
        when bill_repaid_at is not null
            then min(ready_at) filter (where {{ is_newest }})
    end as rebilled_at,
    {%- endif %}
{%- endmacro %}
