{{ restate(
    by='reconciliation_key',
    images=['source'],
    affected_by={
        'int_refund_entitlements': 'reconciliation_key',
        'int_refund_orders_linked': 'reconciliation_key',
        'int_refund_orders_reconciled': 'reconciliation_key',
        'int_bill_lines_matched': 'reconciliation_key',
        'int_fund_flows_matched': 'reconciliation_key',
    },
    recompute=requested_keys({
        'int_refund_entitlements': 'approved_at',
        'int_refund_orders_linked': 'instructed_at',
        'int_bill_lines_matched': 'transacted_at',
        'int_fund_flows_matched': 'flowed_at',
    }),
) }}
-- One row per thing that is missing or wrong, or was: a break from `opens_at` on, until
-- `healed_at`. Before, it is on its way. When the terms pass and what heals it are known from the
-- facts alone, so the history of a break is the same in every rebuild.
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

terms as (
    select * from {{ dated_rows(ref('break_classes'), 'break_class') }}
),

refund_orders as (
    {{ reconciled_refund_orders() }}
),

chains as (
    {{ refund_chains() }}
),

of_refund_orders as (
    select
        reconciliation_key, chain_id, claim_id, refund_order_id, source, currency_code,
        pay_channel, payer, is_entitled,
        unnest({{ refund_order_breaks() }}, recursive := true),
    from refund_orders
    where {{ is_any_break() }}
),

of_chains as (
    select
        reconciliation_key, chain_id, claim_id, refund_order_id, source, currency_code,
        pay_channel, payer, bill_line_id, is_entitled, due_at, known_at,
        case
            when claim_id is null then 'ORPHAN_PAYOUT'
            when beyond_amount > 0 then 'AMOUNT_MISMATCH'
            when refund_status = 4 or due_at is null then 'IN_TRANSIT'
            else 'MISSING_PAYOUT'
        end as break_class,
        case when claim_id is null then 'no refund order' else 'claim' end as cause,
        case
            when claim_id is null then orphan_amount
            else greatest(due_amount - covered_amount, beyond_amount)
        end as break_amount,
        cast(null as timestamp) as healed_at,
    from chains
    where
        (is_orphan and claim_id is null)
        or covered_amount < due_amount
        or beyond_amount > 0
),

causes as (
    from of_refund_orders
    union all by name
    from of_chains
),

final as (
    select
        causes.break_class || ' ' || causes.chain_id
        || coalesce(' ' || causes.refund_order_id, '') || ' ' || causes.cause as break_id,
        causes.* exclude (causes.known_at) replace (
            cast(causes.break_amount as decimal(18, 2)) as break_amount
        ),
        terms.precedence,
        causes.break_class in ('MISSING_PAYOUT', 'FAILED_RETURNED', 'IN_TRANSIT')
        and causes.is_entitled as is_shortfall,
        case
            when terms.term_hours is not null
                then greatest(causes.due_at + to_hours(terms.term_hours), causes.known_at)
        end as opens_at,
    from causes
    inner join terms
        on causes.break_class = terms.break_class
        and cast(coalesce(causes.due_at, causes.known_at) as date) >= terms.valid_from
        and cast(coalesce(causes.due_at, causes.known_at) as date) < terms.valid_to
    where
        causes.break_amount > coalesce(terms.tolerance_amount, 0)
        and (
            causes.healed_at is null
            or causes.healed_at > causes.due_at + to_hours(terms.term_hours)
        )
)

select * from final
