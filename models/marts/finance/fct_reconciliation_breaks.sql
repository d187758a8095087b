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
-- keeps its row. An entry that came too late for its month is a break that its posting has healed:
-- with what holds of it today, and the larger of what was reversed and what was booked.
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

sides as (
    select
        entry_id, reconciliation_key, currency_code, posted_date,
        starts_with(posting_id, concat_ws(' ', entry_id, account, 'reversed in')) as is_reversal,
        min(chain_id) as chain_id,
        min(claim_id) as claim_id,
        min(refund_order_id) as refund_order_id,
        min(source) as source,
        min(pay_channel) as pay_channel,
        min(payer) as payer,
        min(event_type) as cause,
        greatest(sum(greatest(amount, 0)), -sum(least(amount, 0))) as side_amount,
    from postings
    group by entry_id, reconciliation_key, currency_code, posted_date, is_reversal
),

late as (
    select
        sides.* exclude (sides.entry_id, sides.posted_date, sides.is_reversal, sides.side_amount),
        concat_ws(
            ' ', 'LATE_CORRECTION', sides.entry_id, sides.currency_code,
            strftime(sides.posted_date, '%Y-%m')
        ) as break_id,
        'LATE_CORRECTION' as break_class,
        classes.owner,
        cast(max(sides.side_amount) over both_sides as decimal(18, 2)) as break_amount,
        classes.severity,
        classes.sla_hours,
        'healed' as break_status,
        sides.posted_date as opened_date,
        sides.posted_date as healed_date,
    from sides
    cross join classes
    window
        both_sides as (
            partition by
                sides.entry_id, sides.reconciliation_key, sides.currency_code, sides.posted_date
        )
    qualify not sides.is_reversal or count(*) over both_sides = 1
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
