{{ restate(
    by='reconciliation_key',
    affected_by={
        'int_refund_entitlements': 'reconciliation_key',
        'int_refund_orders_reconciled': 'reconciliation_key',
        'int_bill_lines_matched': 'reconciliation_key',
        'int_refund_orders_funded': 'reconciliation_key',
    },
    recompute=requested_rows('int_refund_entitlements', 'reconciliation_key', 'approved_at')
        ~ ' union all '
        ~ requested_rows('int_refund_orders_reconciled', 'reconciliation_key', 'instructed_at'),
) }}
-- One row per refund chain: a claim with all that was instructed, billed and funded for it; or a
-- refund order, a bill line or a payment out of a funding account that belongs to none.
with
entitlements as (
    select * from {{ affected_rows(ref('int_refund_entitlements'), 'reconciliation_key') }}
),

refund_orders as (
    select
        any_value(reconciliation_key) as reconciliation_key,
        chain_id,
        any_value(claim_id) as claim_id,
        any_value(order_id) as order_id,
        any_value(source) as source,
        any_value(currency_code) as currency_code,
        sum(refund_amount) filter (where refund_order_status <> 'failed') as instructed_amount,
        sum(case
            when is_paid_again then 0
            when is_paid then refund_amount - excess_amount
            when refund_order_status <> 'failed' then refund_amount
            when returned_at is not null and paid_later_at is null then refund_amount
            else 0
        end) as covered_amount,
        sum(refund_amount - excess_amount) filter (
            where is_paid and not is_paid_again and (route = 'offline' or payment_count > 0)
        ) as paid_amount,
        sum(case when is_paid_again then refund_amount else excess_amount end) as excess_amount,
        sum(billed_amount) as billed_amount,
        sum(fee_amount) as fee_amount,
        sum(funded_amount) as funded_amount,
        count(*) as refund_order_count,
        sum(bill_line_count) as bill_line_count,
        sum(fund_flow_count) as fund_flow_count,
        min(instructed_date) as instructed_date,
        min(billed_date) as billed_date,
        min(funded_date) as funded_date,
        max(succeeded_date) filter (where is_paid) as paid_date,
        max(due_at) as due_at,
        max(updated_at) as updated_at,
        min(instructed_at) as instructed_at,
        arg_max(
            {
                'refund_order_id': refund_order_id,
                'bill_line_id': bill_line_id,
                'fund_flow_id': fund_flow_id,
                'pay_channel': pay_channel,
                'payer': payer,
                'match_rule': match_rule,
                'file': evidence_file,
                'row_number': evidence_row_number,
                'sha256': evidence_sha256
            },
            (is_paid, instructed_at, refund_order_id)
        ) as latest,
    from {{ affected_rows(ref('int_refund_orders_reconciled'), 'reconciliation_key') }}
    group by chain_id
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
        coalesce(refund_orders.latest.pay_channel, entitlements.pay_channel) as pay_channel,
        coalesce(entitlements.payer, refund_orders.latest.payer) as payer,
        coalesce(refund_orders.due_at, entitlements.due_at) as due_at,
        coalesce(entitlements.updated_at, refund_orders.updated_at) as known_at,
        coalesce(entitlements.approved_at, refund_orders.instructed_at) as begun_at,
        coalesce(entitlements.due_amount, 0) as due_amount,
        coalesce(refund_orders.covered_amount, 0) as covered_amount,
        entitlements.claim_id is not null as is_entitled,
        false as is_orphan,
        entitlements.* exclude (
            reconciliation_key, claim_id, order_id, source, currency_code, pay_channel, payer,
            due_at, due_amount, approved_at, updated_at,
            evidence_file, evidence_row_number, evidence_sha256
        ),
        entitlements.evidence_file as claim_file,
        entitlements.evidence_row_number as claim_row_number,
        entitlements.evidence_sha256 as claim_sha256,
        refund_orders.* exclude (
            reconciliation_key, chain_id, claim_id, order_id, source, currency_code, due_at,
            covered_amount, updated_at, instructed_at, latest
        ),
        refund_orders.latest.refund_order_id,
        refund_orders.latest.bill_line_id,
        refund_orders.latest.fund_flow_id,
        refund_orders.latest.match_rule,
        refund_orders.latest.file as refund_order_file,
        refund_orders.latest.row_number as refund_order_row_number,
        refund_orders.latest.sha256 as refund_order_sha256,
    from entitlements
    full join refund_orders on entitlements.claim_id = refund_orders.chain_id
),

orphan_lines as (
    select
        * exclude (refund_order_id),
        'bill line ' || bill_line_id as chain_id,
        stated_refund_order_id as refund_order_id,
        case
            when line_type = 'refund' and bill_status in ('SUCCESS', 'PROCESSING') then amount else 0
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
        updated_at as known_at, funded_at as begun_at,
    from orphan_flows
)

select * from final
