{{ restate(
    by='reconciliation_key',
    affected_by={
        'int_refund_breaks_aged': 'reconciliation_key',
        'fct_ledger_postings': 'reconciliation_key',
    },
    recompute='select reconciliation_key from int_refund_breaks_aged cross join requested
        union all select reconciliation_key from fct_ledger_postings cross join requested',
) }}
-- One row per break, open or healed. A break opens when its term has passed, and one that heals
-- keeps its row. An entry that came too late for its month is a break that its posting has healed.
with
breaks as (
    select *
    from {{ affected_rows(ref('int_refund_breaks_aged'), 'reconciliation_key') }}
    where break_status <> 'in_transit'
),

postings as (
    select *
    from {{ affected_rows(ref('fct_ledger_postings'), 'reconciliation_key') }}
    where break_class = 'LATE_CORRECTION'
),

classes as (
    select *
    from {{ ref('break_classes') }}
    where break_class = 'LATE_CORRECTION'
    qualify row_number() over (order by valid_from desc) = 1
),

late as (
    select
        concat_ws(
            ' ', 'LATE_CORRECTION', postings.entry_id, postings.currency_code,
            strftime(postings.posted_date, '%Y-%m')
        ) as break_id,
        postings.reconciliation_key,
        min(postings.chain_id) as chain_id,
        min(postings.claim_id) as claim_id,
        min(postings.refund_order_id) as refund_order_id,
        min(postings.source) as source,
        postings.currency_code,
        min(postings.pay_channel) as pay_channel,
        min(postings.payer) as payer,
        'LATE_CORRECTION' as break_class,
        min(postings.event_type) as cause,
        min(classes.owner) as owner,
        cast(sum(postings.amount) filter (where postings.amount > 0) as decimal(18, 2))
            as break_amount,
        min(classes.severity) as severity,
        min(classes.sla_hours) as sla_hours,
        'healed' as break_status,
        postings.posted_date as opened_date,
        postings.posted_date as healed_date,
    from postings
    cross join classes
    group by
        postings.entry_id, postings.reconciliation_key, postings.currency_code,
        postings.posted_date
),

found as (
    select * from breaks
    union all by name
    select * from late
),

final as (
    select
        break_id,
        reconciliation_key,
        chain_id,
        claim_id,
        refund_order_id,
        bill_line_id,
        source,
        currency_code,
        pay_channel,
        payer,
        break_class,
        cause,
        owner,
        ageing_bucket,
        break_amount,
        severity,
        sla_hours,
        age_hours,
        break_status = 'open' as is_open,
        opened_date,
        case when break_status = 'healed' then healed_date end as healed_date,
        due_at,
        opens_at as break_opened_at,
        case when break_status = 'healed' then healed_at end as healed_at,
    from found
)

select * from final
