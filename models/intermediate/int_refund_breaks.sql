{{ restate(
    by='reconciliation_key',
    slices=3,
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
-- facts alone, so the history of a break is the same in every rebuild. What is instructed after its
-- claim has become a break does not begin a term of its own.
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
        pay_channel, payer, is_entitled, instructed_at, claim_due_at, claim_known_at,
        unnest({{ refund_order_breaks() }}, recursive := true),
    from refund_orders
    where {{ is_any_break() }}
),

of_chains as (
    {{ breaks_of_chains() }}
),

causes as (
    from of_refund_orders
    union all by name
    from of_chains
),

dated as (
    select
        causes.* exclude (
            causes.due_at, causes.known_at, causes.instructed_at, causes.claim_due_at,
            causes.claim_known_at
        ) replace (cast(causes.break_amount as decimal(18, 2)) as break_amount),
        terms.precedence,
        terms.tolerance_amount,
        causes.cause = 'unpaid'
        and greatest(causes.claim_due_at + to_hours(terms.term_hours), causes.claim_known_at)
        < causes.instructed_at as is_claim_overdue,
        if(is_claim_overdue, causes.claim_due_at, causes.due_at) as due_at,
        case
            when terms.term_hours is not null
                then greatest(
                    if(is_claim_overdue, causes.claim_due_at, causes.due_at)
                    + to_hours(terms.term_hours),
                    if(is_claim_overdue, causes.claim_known_at, causes.known_at)
                )
        end as opens_at,
    from causes
    inner join terms
        on causes.break_class = terms.break_class
        and cast(coalesce(causes.due_at, causes.known_at) as date) >= terms.valid_from
        and cast(coalesce(causes.due_at, causes.known_at) as date) < terms.valid_to
),

final as (
    select
        break_class || ' ' || chain_id
        || coalesce(case when cause <> 'claim' then ' ' || refund_order_id end, '') || ' ' || cause
            as break_id,
        * exclude (tolerance_amount, is_claim_overdue),
        break_class in ('MISSING_PAYOUT', 'FAILED_RETURNED', 'IN_TRANSIT')
        and is_entitled as is_shortfall,
    from dated
    where
        break_amount > coalesce(tolerance_amount, 0)
        and (healed_at is null or healed_at > opens_at)
)

select * from final
