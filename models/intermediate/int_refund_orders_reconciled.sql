{{ restate(
    by='reconciliation_key',
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
    select * from {{ dated_rows(ref('channel_accounts'), 'pay_channel') }}
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
    select
        billed.* exclude (
            billed.bill_returned_at, billed.bill_repaid_at, billed.rebilled_at,
            billed.channel_paid_at
        ) replace (
            case
                when billed.succeeded_at > billed.bill_returned_at then billed.rebilled_at
                else billed.billed_at
            end as billed_at
        ),
        entitlements.claim_id is not null as is_entitled,
        entitlements.line_id, entitlements.goods_amount, entitlements.order_pay_amount,
        entitlements.due_amount,
        billed.payer <> entitlements.payer as is_wrong_payer,
        billed.pay_channel <> entitlements.pay_channel as is_other_channel,
        funded.* exclude (
            funded.refund_order_id, funded.funded_amount, funded.payer_funded_amount,
            funded.funded_at
        ),
        billed.bill_returned_at is not null and billed.bill_repaid_at is null
            as is_return_billed,
        {{ paid_at('billed') }} as paid_at,
        {{ returned_at('billed') }} as returned_at,
        paid_at is not null and returned_at is null as is_paid,
        case
            when billed.instructed_at > entitlements.due_at + to_hours(terms.shortest_hours)
                then entitlements.due_at
        end as claim_due_at,
        case when claim_due_at is not null then entitlements.known_at end as claim_known_at,
        (is_paid and (paid_at > billed.due_at or claim_due_at is not null))
        or (paid_at is null and billed.refund_order_status in ('created', 'processing'))
            as is_late,
        case when is_paid then billed.bill_returned_at end as earlier_returned_at,
        greatest(
            0,
            funded.funded_amount
            + if(is_paid, 0, least(funded.given_back_amount, billed.refund_amount))
        ) as all_funded_amount,
        greatest(
            0,
            coalesce(
                funded.payer_funded_amount
                + if(is_paid, 0, least(funded.payer_given_back_amount, billed.refund_amount)),
                case when funded.funded_by = billed.payer then funded.funded_amount end
            )
        ) as own_funded_amount,
        case
            when
                is_paid
                and all_funded_amount = billed.refund_amount
                and own_funded_amount = billed.refund_amount
                and funded.funded_at > billed.succeeded_at + interval 24 hour
                then funded.funded_at
        end as funded_late_at,
        case
            when is_paid and billed.bill_returned_at is not null
                then coalesce(billed.bill_repaid_at, paid_at)
        end as repaid_at,
    from billed
    left join entitlements on billed.claim_id = entitlements.claim_id
    left join funded on billed.refund_order_id = funded.refund_order_id
    cross join terms
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
            when payouts.returned_at is not null
                then least(payouts.refund_amount, payouts.due_amount)
            else payouts.refund_amount
        end as decimal(18, 2)) as covered_amount,
        cast(case
            when
                payouts.is_paid and beside.paid_again_at is null
                and (
                    payouts.route = 'offline'
                    or (payouts.payment_count > 0 and not payouts.is_return_billed)
                )
                then covered_amount
        end as decimal(18, 2)) as paid_amount,
        cast(case
            when not coalesce(payouts.is_late, false) then 0
            when beside.refund_order_id is not null and not payouts.is_paid
                then beside.still_due_amount
            else least(payouts.refund_amount, payouts.due_amount)
        end as decimal(18, 2)) as late_amount,
        payouts.billed_amount,
        cast(payouts.all_funded_amount as decimal(18, 2)) as funded_amount,
        cast(payouts.own_funded_amount as decimal(18, 2)) as payer_funded_amount,
        cast(case when payouts.funded_late_at is null then 0 else payouts.last_funded_amount end
            as decimal(18, 2)) as funded_late_amount,
        coalesce(payouts.recovered_amount, 0) as recovered_amount,
        payouts.fee_amount, payouts.duplicate_amount,
        cast(coalesce(payouts.mismatch_amount, 0) as decimal(18, 2)) as mismatch_amount,
        payouts.wrong_account_amount, payouts.fee_difference_amount,
        payouts.payment_count, payouts.bill_line_count,
        coalesce(payouts.fund_flow_count, 0) as fund_flow_count,
        payouts.is_entitled, payouts.is_wrong_payer, payouts.is_other_channel, payouts.is_paid,
        payouts.is_return_billed, coalesce(beside.is_latest, true) as is_latest,
        beside.refund_order_id is null as is_alone,
        payouts.billed_date, payouts.funded_date, payouts.billed_at, payouts.second_known_at,
        payouts.mismatched_known_at, payouts.mismatch_healed_at, payouts.wrong_account_known_at,
        payouts.fee_known_at,
        case
            when beside.refund_order_id is not null then beside.beyond_known_at
            when
                payouts.refund_amount - excess_amount > payouts.due_amount
                and payouts.returned_at is null
                and (payouts.is_paid or payouts.refund_order_status <> 'failed')
                then coalesce(payouts.succeeded_at, payouts.billed_at, payouts.instructed_at)
        end as beyond_known_at,
        payouts.paid_at, payouts.second_paid_at, payouts.returned_at, payouts.earlier_returned_at,
        payouts.repaid_at, payouts.funded_late_at, payouts.recovered_at,
        beside.paid_again_at, beside.paid_later_at, payouts.claim_due_at, payouts.claim_known_at,
    from payouts
    left join beside on payouts.refund_order_id = beside.refund_order_id
)

select * from final
