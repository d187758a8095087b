{{ restate(
    by='reconciliation_key',
    slices=3,
    affected_by={
        'int_refund_orders_linked': 'reconciliation_key',
        'int_refund_entitlements': 'reconciliation_key',
        'int_bill_lines_matched': 'reconciliation_key',
        'int_fund_flows_linked': 'reconciliation_key',
        'int_fund_flows_matched': 'reconciliation_key',
    },
    recompute=requested_rows('int_refund_orders_linked', 'reconciliation_key', 'instructed_at'),
) }}
-- One row per refund order: what its claim, the bills and the funding accounts say of it, and what
-- it is beside the others of its claim and goods. What it says itself is int_refund_orders_linked.
-- Covered is what is paid or on its way, and what came back and was not paid later, without what
-- exceeds both claim and goods. Paid is what of it a bill shows, or takes no channel.
with
refund_orders as (
    select * from {{ affected_rows(ref('int_refund_orders_linked'), 'reconciliation_key') }}
),

entitlements as (
    select * from {{ affected_rows(ref('int_refund_entitlements'), 'reconciliation_key') }}
),

bill_lines as (
    select * from {{ affected_rows(ref('int_bill_lines_matched'), 'reconciliation_key') }}
),

linked_flows as (
    select * from {{ affected_rows(ref('int_fund_flows_linked'), 'reconciliation_key') }}
),

matched_flows as (
    select * from {{ affected_rows(ref('int_fund_flows_matched'), 'reconciliation_key') }}
),

channel_accounts as (
    select * from {{ accounts_by_channel(ref('channel_accounts')) }}
),

terms as (
    select min(term_hours) as shortest_hours
    from {{ ref('break_classes') }}
    where break_class = 'MISSING_PAYOUT'
),

billed as (
    {{ billed_refund_orders() }}
),

funded as (
    {{ funded_refund_orders() }}
),

payouts as (
    {{ payouts() }}
),

beside as (
    {{ beside_each_other() }}
),

final as (
    select
        payouts.refund_order_id, payouts.reconciliation_key,
        payouts.bill_line_id, payouts.second_line_id, payouts.mismatched_line_id,
        payouts.wrong_account_line_id, payouts.fee_line_id, payouts.fund_flow_id,
        payouts.match_rule,
        cast(case
            when not payouts.is_paid then 0
            when beside.refund_order_id is not null then beside.shared_excess_amount
            else greatest(0, payouts.refund_amount - payouts.goods_amount)
        end as decimal(18, 2)) as excess_amount,
        cast(case
            when beside.refund_order_id is not null then beside.shared_covered_amount
            when payouts.is_paid
                then
                    payouts.refund_amount
                    - least(excess_amount, greatest(0, payouts.refund_amount - payouts.due_amount))
            when payouts.refund_order_status = 'failed' and payouts.paid_at is null then 0
            when payouts.returned_at is not null then payouts.due_part_amount
            else payouts.refund_amount
        end as decimal(18, 2)) as covered_amount,
        cast(case
            when payouts.is_paid and payouts.is_shown and beside.paid_again_at is null
                then covered_amount
        end as decimal(18, 2)) as paid_amount,
        cast(case
            when payouts.is_late is not true then 0
            when beside.refund_order_id is not null then beside.still_due_amount
            else payouts.due_part_amount
        end as decimal(18, 2)) as late_amount,
        payouts.billed_amount, payouts.all_funded_amount as funded_amount,
        payouts.misfunded_amount,
        coalesce(payouts.recovered_amount, 0) as recovered_amount, payouts.fee_amount,
        payouts.duplicate_amount, payouts.mismatch_amount, payouts.wrong_account_amount,
        payouts.fee_difference_amount, payouts.payment_count, payouts.bill_line_count,
        coalesce(payouts.fund_flow_count, 0) as fund_flow_count,
        payouts.is_entitled, payouts.is_wrong_payer, payouts.is_other_channel, payouts.is_paid,
        payouts.is_return_billed, coalesce(beside.is_latest, true) as is_latest,
        beside.refund_order_id is null as is_alone,
        payouts.billed_date, payouts.funded_date, payouts.billed_at, payouts.second_known_at,
        payouts.mismatched_at, payouts.mismatched_known_at, payouts.mismatch_healed_at,
        payouts.wrong_account_known_at, payouts.wrong_account_healed_at, payouts.fee_known_at,
        case
            when beside.refund_order_id is not null then beside.beyond_known_at
            when covered_amount > payouts.due_amount and payouts.is_paid
                then {{ paid_known_at('payouts.') }}
            when covered_amount > payouts.due_amount then payouts.instructed_at
        end as beyond_known_at,
        payouts.paid_at, payouts.second_paid_at, payouts.second_returned_at, payouts.returned_at,
        payouts.earlier_returned_at, payouts.repaid_at, payouts.repaid_known_at,
        payouts.funding_due_at, payouts.funded_late_at, payouts.recovered_at,
        beside.paid_again_at, beside.paid_later_at, payouts.claim_due_at, payouts.claim_known_at,
    from payouts
    left join beside on payouts.refund_order_id = beside.refund_order_id
)

select * from final
