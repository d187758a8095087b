{{ restate(
    by='reconciliation_key',
    slices=2,
    images=['approved_date'],
    affected_by={
        'int_refund_entitlements': 'reconciliation_key',
        'int_refund_orders_linked': 'reconciliation_key',
        'int_refund_orders_reconciled': 'reconciliation_key',
        'int_bill_lines_matched': 'reconciliation_key',
        'int_fund_flows_matched': 'reconciliation_key',
        'int_claims_current':
            keys_of('int_refund_entitlements', 'claim_id')
            ~ ' union all ' ~ keys_of('int_refund_orders_linked', 'claim_id'),
        'int_refund_orders_current': keys_of('int_refund_orders_linked', 'refund_order_id'),
        'int_channel_bill_lines_current': keys_of('int_bill_lines_matched', 'bill_line_id'),
        'int_fund_flows_current':
            keys_of('int_refund_orders_reconciled', 'fund_flow_id')
            ~ ' union all ' ~ keys_of('int_fund_flows_matched', 'fund_flow_id'),
        'int_refund_breaks_aged': 'reconciliation_key',
    },
    recompute=requested_keys({
        'int_refund_entitlements': 'approved_at',
        'int_refund_orders_linked': 'instructed_at',
        'int_bill_lines_matched': 'transacted_at',
        'int_fund_flows_matched': 'flowed_at',
    }),
) }}
-- One row per refund chain: a claim with all that was instructed, billed and funded for it, or what
-- belongs to none. What is due is paid, on its way, or a break.
with
entitlements as (
    select * from {{ affected_rows(ref('int_refund_entitlements'), 'reconciliation_key') }}
),

linked as (
    select * from {{ affected_rows(ref('int_refund_orders_linked'), 'reconciliation_key') }}
),

reconciled as (
    select * from {{ affected_rows(ref('int_refund_orders_reconciled'), 'reconciliation_key') }}
),

bill_lines as (
    select * from {{ affected_rows(ref('int_bill_lines_matched'), 'reconciliation_key') }}
),

free_flows as (
    select * from {{ affected_rows(ref('int_fund_flows_matched'), 'reconciliation_key') }}
),

refund_orders as (
    {{ reconciled_refund_orders() }}
),

chains as (
    select
        *,
        least(coalesce(paid_amount, 0), case when is_entitled then due_amount end)
            as settled_amount,
    from ({{ refund_chains_and_their_lines() }}) as refund_chains
),

claims as {{ not_kept() }} (
    select * from {{ rows_named_by(ref('int_claims_current'), 'claim_id', 'chains') }}
),

current_orders as {{ not_kept() }} (
    select *
    from {{ rows_named_by(ref('int_refund_orders_current'), 'refund_order_id', 'chains') }}
),

current_lines as {{ not_kept() }} (
    select *
    from {{ rows_named_by(ref('int_channel_bill_lines_current'), 'bill_line_id', 'chains') }}
),

current_flows as {{ not_kept() }} (
    select * from {{ rows_named_by(ref('int_fund_flows_current'), 'fund_flow_id', 'chains') }}
),

breaks as (
    select
        chain_id,
        coalesce(sum(break_amount) filter (where break_status = 'open'), 0) as break_amount,
        coalesce(sum(break_amount) filter (where break_status = 'open' and is_shortfall), 0)
            as unpaid_amount,
        coalesce(sum(break_amount) filter (where break_status = 'in_transit' and is_shortfall), 0)
            as in_transit_amount,
        arg_min(
            {
                'status': break_status, 'break_class': break_class, 'owner': owner,
                'bucket': ageing_bucket, 'severity': severity, 'age_hours': age_hours
            },
            (break_status = 'in_transit', precedence, break_id)
        ) as first_break,
    from {{ affected_rows(ref('int_refund_breaks_aged'), 'reconciliation_key') }}
    where break_status <> 'healed'
    group by chain_id
),

with_evidence as (
    {{ chains_with_evidence() }}
),

final as (
    select
        chains.chain_id, chains.reconciliation_key, chains.claim_id, chains.order_id,
        chains.merchant_id, chains.refund_order_id, chains.bill_line_id, chains.fund_flow_id,
        chains.source, chains.currency_code,
        coalesce(chains.pay_channel, 'unknown') as pay_channel,
        coalesce(chains.payer, 'unknown') as payer,
        chains.right_code,
        case
            when breaks.first_break['status'] = 'open' then 'break'
            when breaks.first_break['status'] is not null then 'in_transit'
            when chains.due_amount = 0 and chains.instructed_amount is null then 'lapsed'
            else 'matched'
        end as chain_status,
        case
            when breaks.first_break['status'] = 'open' then breaks.first_break['break_class']
            when breaks.first_break['status'] is not null then 'IN_TRANSIT'
            else 'MATCHED'
        end as break_class,
        breaks.first_break['owner'] as owner,
        breaks.first_break['bucket'] as ageing_bucket,
        chains.match_rule,
        chains.claim_file, chains.claim_sha256,
        chains.refund_order_file, chains.refund_order_sha256,
        chains.bill_line_file, chains.bill_line_sha256,
        chains.fund_flow_file, chains.fund_flow_sha256,
        chains.due_amount as approved_amount,
        cast(coalesce(chains.instructed_amount, 0) as decimal(18, 2)) as instructed_amount,
        cast(coalesce(chains.billed_amount, 0) as decimal(18, 2)) as billed_amount,
        cast(coalesce(chains.funded_amount, 0) as decimal(18, 2)) as funded_amount,
        cast(coalesce(chains.fee_amount, 0) as decimal(18, 2)) as fee_amount,
        cast(chains.settled_amount as decimal(18, 2)) as paid_amount,
        cast(
            least(
                coalesce(breaks.in_transit_amount, 0),
                greatest(
                    chains.due_amount - chains.settled_amount - coalesce(breaks.unpaid_amount, 0), 0
                )
            ) as decimal(18, 2)
        ) as in_transit_amount,
        cast(
            least(
                coalesce(breaks.unpaid_amount, 0),
                greatest(chains.due_amount - chains.settled_amount, 0)
            ) as decimal(18, 2)
        ) as unpaid_amount,
        cast(coalesce(breaks.break_amount, 0) as decimal(18, 2)) as break_amount,
        cast(coalesce(chains.refund_order_count, 0) as bigint) as refund_order_count,
        cast(coalesce(chains.bill_line_count, 0) as bigint) as bill_line_count,
        cast(coalesce(chains.fund_flow_count, 0) as bigint) as fund_flow_count,
        coalesce(breaks.first_break['severity'], 0) as severity,
        breaks.first_break['age_hours'] as age_hours,
        chains.claim_row_number, chains.refund_order_row_number,
        chains.bill_line_row_number, chains.fund_flow_row_number,
        chains.is_entitled,
        chains.approved_date, chains.instructed_date, chains.billed_date, chains.funded_date,
        chains.paid_date as refunded_date,
        chains.due_at,
    from with_evidence as chains
    left join breaks on chains.chain_id = breaks.chain_id
)

select * from final
