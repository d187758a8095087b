{{ restate(
    by='reconciliation_key',
    affected_by={
        'int_refund_entitlements': 'reconciliation_key',
        'int_refund_chains_instructed': 'reconciliation_key',
        'int_bill_lines_matched': 'reconciliation_key',
        'int_refund_orders_funded': 'reconciliation_key',
    },
    recompute=requested_keys({
        'int_refund_entitlements': 'approved_at',
        'int_refund_chains_instructed': 'instructed_at',
        'int_bill_lines_matched': 'transacted_at',
        'int_refund_orders_funded': 'funded_at',
    }),
) }}
-- One row per refund chain: a claim with all that was instructed, billed and funded for it; or a
-- refund order, a bill line or a payment out of a funding account that belongs to none.
with
entitlements as (
    select * from {{ affected_rows(ref('int_refund_entitlements'), 'reconciliation_key') }}
),

refund_orders as (
    select * from {{ affected_rows(ref('int_refund_chains_instructed'), 'reconciliation_key') }}
),

claim_chains as (
    select
        coalesce(entitlements.reconciliation_key, refund_orders.reconciliation_key)
            as reconciliation_key,
        coalesce(entitlements.claim_id, refund_orders.chain_id) as chain_id,
        coalesce(entitlements.claim_id, refund_orders.claim_id) as claim_id,
        coalesce(entitlements.order_id, refund_orders.order_id) as order_id,
        coalesce(entitlements.source, refund_orders.source) as source,
        coalesce(entitlements.currency_code, refund_orders.currency_code) as currency_code,
        coalesce(refund_orders.pay_channel, entitlements.pay_channel) as pay_channel,
        coalesce(entitlements.payer, refund_orders.payer) as payer,
        coalesce(refund_orders.due_at, entitlements.due_at) as due_at,
        entitlements.known_at,
        coalesce(entitlements.approved_at, refund_orders.instructed_at) as begun_at,
        coalesce(entitlements.due_amount, 0) as due_amount,
        coalesce(refund_orders.covered_amount, 0) as covered_amount,
        entitlements.claim_id is not null as is_entitled,
        false as is_orphan,
        entitlements.line_id,
        entitlements.merchant_id,
        entitlements.right_code,
        entitlements.refund_status,
        entitlements.approved_date,
        refund_orders.instructed_amount,
        refund_orders.paid_amount,
        refund_orders.excess_amount,
        refund_orders.billed_amount,
        refund_orders.fee_amount,
        refund_orders.funded_amount,
        refund_orders.refund_order_count,
        refund_orders.bill_line_count,
        refund_orders.fund_flow_count,
        refund_orders.instructed_date,
        refund_orders.billed_date,
        refund_orders.funded_date,
        refund_orders.paid_date,
        refund_orders.refund_order_id,
        refund_orders.bill_line_id,
        refund_orders.fund_flow_id,
        refund_orders.match_rule,
    from entitlements
    full join refund_orders on entitlements.claim_id = refund_orders.chain_id
),

orphan_lines as (
    select
        * exclude (refund_order_id),
        'bill line ' || bill_line_id as chain_id,
        stated_refund_order_id as refund_order_id,
        case
            when
                line_type = 'refund' and bill_status in ('SUCCESS', 'PROCESSING')
                then amount
            else 0
        end as billed_amount,
    from {{ affected_rows(ref('int_bill_lines_matched'), 'reconciliation_key') }}
    where refund_order_id is null
),

orphan_flows as (
    select
        * exclude (refund_order_id),
        funding_id as chain_id,
    from {{ affected_rows(ref('int_refund_orders_funded'), 'reconciliation_key') }}
    where refund_order_id is null
),

final as (
    select * from claim_chains
    union all by name
    select
        reconciliation_key, chain_id, refund_order_id, bill_line_id, source, currency_code,
        pay_channel, billed_amount, 0 as due_amount, 0 as covered_amount, 1 as bill_line_count,
        false as is_entitled, true as is_orphan, bill_date as billed_date,
        transacted_at as due_at, updated_at as known_at, transacted_at as begun_at,
    from orphan_lines
    union all by name
    select
        reconciliation_key, chain_id, fund_flow_id, source, currency_code, funded_by as payer,
        funded_amount, 0 as due_amount, 0 as covered_amount, 1 as fund_flow_count,
        false as is_entitled, true as is_orphan, funded_date, funded_at as due_at,
        funded_at as known_at, funded_at as begun_at,
    from orphan_flows
)

select * from final
