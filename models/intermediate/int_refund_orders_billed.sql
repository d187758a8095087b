{{ restate(
    by='reconciliation_key',
    affected_by={
        'int_bill_lines_matched': 'reconciliation_key',
        'int_refund_orders_linked': 'reconciliation_key',
    },
    recompute=requested_keys({
        'int_bill_lines_matched': 'transacted_at',
        'int_refund_orders_linked': 'instructed_at',
    }),
) }}
-- One row per refund order that a channel's bill knows: what was paid, and what is wrong with its
-- lines. A line in process is a payment unless its refund order failed or was attempted again. The
-- fee is given back in proportion, half a cent rounded up.
with
refund_orders as (
    select * from {{ affected_rows(ref('int_refund_orders_linked'), 'reconciliation_key') }}
),

bill_lines as (
    select *
    from {{ affected_rows(ref('int_bill_lines_matched'), 'reconciliation_key') }}
    where refund_order_id is not null
),

channel_accounts as (
    select
        *,
        coalesce(
            lead(valid_from) over (partition by pay_channel order by valid_from),
            date '9999-12-31'
        ) as valid_to,
    from {{ ref('channel_accounts') }}
),

judged as (
    select
        bill_lines.*,
        refund_orders.refund_amount,
        {{ is_payment('bill_lines', 'refund_orders') }} as is_payment,
        bill_lines.line_type = 'refund'
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
        end as fee_difference,
    from bill_lines
    inner join refund_orders on bill_lines.refund_order_id = refund_orders.refund_order_id
    left join channel_accounts
        on bill_lines.pay_channel = channel_accounts.pay_channel
        and bill_lines.bill_date >= channel_accounts.valid_from
        and bill_lines.bill_date < channel_accounts.valid_to
    window {{ attempts('bill_lines') }}
),

numbered as (
    select
        *,
        row_number() over (
            partition by refund_order_id, is_payment order by transacted_at, bill_line_id
        ) as payment_number,
        is_payment or line_type = 'return' as is_judged,
        abs(matched_amount - refund_amount) as amount_difference,
    from judged
),

final as (
    select
        refund_order_id,
        any_value(reconciliation_key) as reconciliation_key,
        count(*) as bill_line_count,
        count(*) filter (where is_payment) as payment_count,
        cast(coalesce(sum(matched_amount) filter (where is_payment), 0) as decimal(18, 2))
            as billed_amount,
        cast(coalesce(sum(fee_amount) filter (where is_last), 0) as decimal(18, 2)) as fee_amount,
        max(match_rule) as match_rule,
        coalesce(
            min(bill_line_id) filter (where is_payment and payment_number = 1), min(bill_line_id)
        ) as bill_line_id,
        max(bill_line_id) filter (where is_payment and payment_number = 2) as second_line_id,
        cast(
            coalesce(sum(matched_amount) filter (where is_payment and payment_number > 1), 0)
            as decimal(18, 2)
        ) as duplicate_amount,
        cast(coalesce(sum(amount_difference) filter (where is_judged), 0) as decimal(18, 2))
            as mismatch_amount,
        max(bill_line_id) filter (where is_judged and amount_difference > 0) as mismatched_line_id,
        cast(
            coalesce(
                sum(matched_amount) filter (where is_wrong_account and is_payment),
                max(matched_amount) filter (where is_wrong_account),
                0
            ) as decimal(18, 2)
        ) as wrong_account_amount,
        max(bill_line_id) filter (where is_wrong_account) as wrong_account_line_id,
        coalesce(max(abs(fee_difference)), 0) as fee_difference_amount,
        arg_max(bill_line_id, abs(fee_difference)) filter (where fee_difference <> 0)
            as fee_line_id,
        min(bill_date) filter (where is_payment) as billed_date,
        min(updated_at) filter (where is_payment) as billed_at,
        min(transacted_at) filter (where is_payment and payment_number = 2) as second_paid_at,
        max(transacted_at) filter (where line_type = 'refund' and bill_status = 'SUCCESS')
            as channel_paid_at,
        max(transacted_at) filter (where line_type = 'return') as bill_returned_at,
    from numbered
    group by refund_order_id
)

select * from final
