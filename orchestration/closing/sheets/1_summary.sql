-- One row per figure of the month and currency, after what the report is about.
with

chains as (
    select *
    from marts.finance.fct_refund_reconciliation
    where coalesce(approved_date, instructed_date, billed_date, funded_date) between getvariable('first_date') and getvariable('last_date')
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

figures as (
    select 1 as position, 'report' as section, 'month' as item, getvariable('period') as note,
        null::varchar as currency_code, null::bigint as row_count, null::decimal(38, 2) as amount
    union all by name
    select 2 as position, 'report' as section, 'state' as item,
        case when getvariable('close_seq') is null then 'open' else 'closed' end as note
    union all by name
    select 3 as position, 'report' as section, 'change number' as item,
        coalesce(getvariable('close_seq'), (select max(change_seq) from raw.change_events))::varchar
            as note
    union all by name
    select 4 as position, 'report' as section, 'closed by' as item,
        getvariable('closed_by') as note
    where getvariable('close_seq') is not null
    union all by name
    select 5 as position, 'report' as section,
        case when getvariable('is_forced') then 'forced because' else 'reason' end as item,
        getvariable('close_reason') as note
    where getvariable('close_reason') is not null
    union all by name
    select 6 as position, 'refunds' as section, chain_status as item, currency_code,
        count(*) as row_count, sum(approved_amount) as amount
    from chains group by all
    union all by name
    select 7 as position, 'refunds' as section, 'all approved' as item, currency_code,
        count(*) as row_count, sum(approved_amount) as amount
    from chains group by all
    union all by name
    select 8 as position, 'of these' as section, 'paid' as item, currency_code,
        count(*) filter (where paid_amount <> 0) as row_count, sum(paid_amount) as amount
    from chains group by all
    union all by name
    select 8 as position, 'of these' as section, 'in transit' as item, currency_code,
        count(*) filter (where in_transit_amount <> 0) as row_count,
        sum(in_transit_amount) as amount
    from chains group by all
    union all by name
    select 8 as position, 'of these' as section, 'unpaid' as item, currency_code,
        count(*) filter (where unpaid_amount <> 0) as row_count, sum(unpaid_amount) as amount
    from chains group by all
    union all by name
    select 9 as position, 'breaks' as section, break_class as item,
        case when is_open then 'open' else 'healed' end as note, currency_code,
        count(*) as row_count, sum(break_amount) as amount
    from breaks group by all
    union all by name
    select 10 as position, 'ledger' as section, 'debits' as item, currency_code,
        count(*) filter (where amount > 0) as row_count,
        sum(amount) filter (where amount > 0) as amount
    from postings group by currency_code
    union all by name
    select 11 as position, 'ledger' as section, 'credits' as item, currency_code,
        count(*) filter (where amount < 0) as row_count,
        sum(amount) filter (where amount < 0) as amount
    from postings group by currency_code
)

select
    section,
    item,
    note,
    currency_code,
    row_count,
    amount
from figures
order by position, item, note, currency_code
