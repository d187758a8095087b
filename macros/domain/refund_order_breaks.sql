{#-
  What may be wrong with a refund order: class, cause, bill line, amount (what is 0 is no break),
  when it was due, since when it is known, and what healed it. `cause` tells breaks of one class
  apart. A fact that came later heals what was missing until then.
-#}
{% macro refund_order_causes() -%}
    {%- set causes = [
        ('ORPHAN_PAYOUT', 'no claim', 'bill_line_id',
            'case when is_paid and not is_entitled then refund_amount else 0 end',
            'coalesce(repaid_at, paid_at)', paid_known_at(), 'null'),
        ('DUPLICATE_PAYOUT', 'second line', 'second_line_id',
            'coalesce(duplicate_amount, 0)',
            'second_paid_at', 'second_known_at',
            'coalesce(
                second_returned_at,
                case when recovered_amount >= duplicate_amount then recovered_at end
            )'),
        ('DUPLICATE_PAYOUT', 'second way', 'null',
            'case when paid_again_at is not null then refund_amount else 0 end',
            'paid_again_at', paid_known_at(),
            'case when recovered_amount >= refund_amount then recovered_at end'),
        ('OVER_REFUND', 'goods', 'null', 'excess_amount', 'coalesce(repaid_at, paid_at)',
            paid_known_at(),
            'case when recovered_amount >= excess_amount then recovered_at end'),
        ('MISSING_PAYOUT', 'unpaid', 'null', 'late_amount',
            'coalesce(due_at, instructed_at)', 'instructed_at',
            'case when is_paid then paid_at end'),
        ('MISSING_PAYOUT', 'unbilled', 'null',
            "case when is_paid and route <> 'offline' and is_entitled
                and (
                    payment_count = 0 or is_return_billed
                    or billed_at > paid_at + interval 24 hour
                )
                then refund_amount else 0 end",
            'paid_at', 'paid_at', 'case when not is_return_billed then billed_at end'),
        ('FAILED_RETURNED', 'returned', 'null',
            "case when not is_entitled or coalesce(returned_at, earlier_returned_at) is null then 0
                when paid_later_at is null and returned_at is not null then covered_amount
                else refund_amount end",
            'coalesce(returned_at, earlier_returned_at)',
            'coalesce(returned_at, earlier_returned_at)',
            "case when returned_at is null then repaid_at
                when is_return_billed or payment_count = 0 then paid_later_at end"),
        ('WRONG_PAYER', 'bearer', 'null',
            "case when is_wrong_payer
                and (refund_order_status <> 'failed' or paid_at is not null)
                then refund_amount else 0 end",
            'instructed_at', 'instructed_at', 'null'),
        ('WRONG_PAYER', 'funding', 'null',
            'case when not is_wrong_payer and ' ~ recorded_as_paid('at') ~ ' is not null
                then misfunded_amount else 0 end',
            'funding_due_at', 'funding_due_at', 'funded_late_at'),
        ('WRONG_ACCOUNT', 'account', 'wrong_account_line_id',
            "case when wrong_account_amount > 0 then wrong_account_amount
                when route = 'original' and is_other_channel
                    and (refund_order_status <> 'failed' or paid_at is not null)
                    then refund_amount
                else 0 end",
            'instructed_at', 'coalesce(wrong_account_known_at, billed_at, instructed_at)',
            'wrong_account_healed_at'),
        ('AMOUNT_MISMATCH', 'bill', 'mismatched_line_id', 'coalesce(mismatch_amount, 0)',
            'mismatched_at', 'mismatched_known_at', 'mismatch_healed_at'),
        ('AMOUNT_MISMATCH', 'status', 'bill_line_id',
            "case when is_paid and refund_order_status <> 'succeeded' and is_entitled
                and paid_again_at is null then refund_amount else 0 end",
            "case refund_order_status when 'failed' then paid_at
                else greatest(paid_at, coalesce(due_at, instructed_at)) end",
            'greatest(billed_at, repaid_known_at)', 'null'),
        ('FEE_DIFF', 'fee', 'fee_line_id', 'coalesce(fee_difference_amount, 0)',
            'instructed_at', 'fee_known_at', 'null'),
    ] -%}
    {%- do return(causes) -%}
{%- endmacro %}


{#- Whether anything is wrong with a refund order, or was. -#}
{% macro is_any_break() -%}
    greatest(
        {%- for cause in refund_order_causes() %}
        {{ cause[3] }}{{ ',' if not loop.last }}
        {%- endfor %}
    ) > 0
{%- endmacro %}


{#- What is wrong with a refund order, or was, as a list of structs. -#}
{% macro refund_order_breaks() -%}
    list_filter(
        [
            {%- for break_class, cause, bill_line_id, amount, due_at, known_at, healed_at
                in refund_order_causes() %}
            {
                'break_class': '{{ break_class }}',
                'cause': '{{ cause }}',
                'bill_line_id': cast({{ bill_line_id }} as varchar),
                'break_amount': cast({{ amount }} as decimal(18, 2)),
                'due_at': {{ due_at }},
                'known_at': {{ known_at }},
                'healed_at': cast({{ healed_at }} as timestamp)
            }{{ ',' if not loop.last }}
            {%- endfor %}
        ],
        lambda cause: cause.break_amount > 0
    )
{%- endmacro %}
