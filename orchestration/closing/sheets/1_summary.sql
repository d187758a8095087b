-- One row per figure of the month and currency, after what the report is about.
with

chains as (
    select *
    from marts.finance.fct_refund_reconciliation
    where
        coalesce(approved_date, instructed_date, billed_date, funded_date)
        between getvariable('first_date') and getvariable('last_date')
),

breaks as (
    select *
    from marts.finance.fct_reconciliation_breaks
    where opened_date between getvariable('first_date') and getvariable('last_date')
),

postings as (
    select *
    from marts.finance.fct_ledger_postings
    where period = getvariable('period')
),

about as (
    select unnest([
        {'ordinal': 1, 'item': 'month', 'note': getvariable('period')},
        {'ordinal': 2, 'item': 'state', 'note': getvariable('state')},
        {
            'ordinal': 3,
            'item': 'change number',
            'note': cast(
                coalesce(
                    getvariable('close_seq'), (select max(change_seq) from raw.change_events)
                ) as varchar
            )
        },
        {'ordinal': 4, 'item': 'closed by', 'note': cast(getvariable('closed_by') as varchar)},
        {
            'ordinal': 5,
            'item': case when getvariable('is_forced') then 'forced because' else 'reason' end,
            'note': cast(getvariable('close_reason') as varchar)
        }
    ]) as fact
),

measures as (
    select
        currency_code,
        unnest([
            {'ordinal': 7, 'item': 'all approved', 'amount': approved_amount},
            {'ordinal': 8, 'item': 'of these paid', 'amount': paid_amount},
            {'ordinal': 9, 'item': 'of these in transit', 'amount': in_transit_amount},
            {'ordinal': 10, 'item': 'of these unpaid', 'amount': unpaid_amount}
        ]) as measure
    from chains
    where is_entitled
),

figures as (
    select
        fact.ordinal,
        'report' as section,
        fact.item,
        fact.note,
        cast(null as varchar) as currency_code,
        cast(null as bigint) as row_count,
        cast(null as decimal(38, 2)) as amount
    from about
    where fact.note is not null
    union all
    select
        5 as ordinal,
        'report' as section,
        'overridden' as item,
        objection as note,
        null as currency_code,
        null as row_count,
        null as amount
    from raw.overridden_objections
    where change_seq = getvariable('decision_seq')
    union all
    select
        6 as ordinal,
        'refunds' as section,
        chain_status as item,
        null as note,
        currency_code,
        count(*) as row_count,
        sum(approved_amount) as amount
    from chains
    group by chain_status, currency_code
    union all
    select
        measure.ordinal,
        'refunds' as section,
        measure.item,
        null as note,
        currency_code,
        count(*) filter (where measure.amount <> 0) as row_count,
        sum(measure.amount) as amount
    from measures
    group by measure.ordinal, measure.item, currency_code
    union all
    select
        11 as ordinal,
        'breaks opened' as section,
        break_class as item,
        case when is_open then 'open' else 'healed' end as note,
        currency_code,
        count(*) as row_count,
        sum(break_amount) as amount
    from breaks
    group by break_class, is_open, currency_code
    union all
    select
        12 as ordinal,
        'ledger' as section,
        case when amount > 0 then 'debits' else 'credits' end as item,
        null as note,
        currency_code,
        count(*) as row_count,
        sum(amount) as amount
    from postings
    group by amount > 0, currency_code
    union all
    select
        13 as ordinal,
        'fund flows that are not booked' as section,
        concat('scene ', flows.scene, case flows.direction when 0 then ' in' else ' out' end)
            as item,
        null as note,
        flows.currency_code,
        count(*) as row_count,
        sum(flows.amount) as amount
    from intermediate.int_fund_flows_current as flows
    anti join seeds.fund_scenes as scenes
        on flows.scene = scenes.scene and flows.direction = scenes.direction
    where flows.flowed_date between getvariable('first_date') and getvariable('last_date')
    group by flows.scene, flows.direction, flows.currency_code
)

select
    section,
    item,
    note,
    currency_code,
    row_count,
    amount
from figures
order by ordinal, item, note, currency_code
