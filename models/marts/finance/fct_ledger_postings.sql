{{ restate(
    by='entry_id',
    images=['reconciliation_key', 'posted_date'],
    affected_by={
        'int_ledger_lines': 'entry_id',
        'int_postings_frozen': 'entry_id',
        'int_period_closes':
            'select entry_id from changes
            inner join int_ledger_lines
                on int_ledger_lines.event_date < changes.month_start_date + interval 1 month
            union all
            select entry_id from changes cross join int_postings_frozen',
    },
    recompute=requested_rows('int_ledger_lines', 'entry_id', 'event_date') ~ ' union all '
        ~ requested_rows('int_postings_frozen', 'entry_id', 'event_date'),
) }}
-- One row per posting: an account of an entry. Closed months hold what was frozen. Where today's
-- facts differ from that, the difference is posted in the first open month, with its original date
-- and the newest posting of what stands frozen. An entry that only stands under another order or
-- chain today is as it was.
with
frozen as (
    select * from {{ affected_rows(ref('int_postings_frozen'), 'entry_id') }}
),

closed as (
    select max(next_open_date) as next_open_date from {{ ref('int_period_closes') }}
),

lines as (
    select
        *,
        event_date >= coalesce((select closed.next_open_date from closed), event_date)
        and entry_id not in (select frozen.entry_id from frozen) as is_untouched,
    from {{ affected_rows(ref('int_ledger_lines'), 'entry_id') }}
),

differing as (
    select
        * exclude (reconciliation_key, chain_id, amount, is_booked),
        sum(amount) as amount,
        bool_or(is_booked) as is_booked,
        min((reconciliation_key, chain_id)) filter (where is_booked) as todays_place,
        min((reconciliation_key, chain_id)) as any_place,
    from (
        select * exclude (is_untouched), true as is_booked from lines
        where not is_untouched
        union all by name
        select
            * exclude (posting_id, corrects_posting_id, break_class, period, posted_date)
            replace (-amount as amount),
            false as is_booked,
        from frozen
    ) as both_sides
    group by all
    having sum(amount) <> 0
),

corrected as (
    select
        entry_id, account, arg_max(newest[2], (balance <> 0, newest)) as corrects_posting_id,
    from (
        select
            entry_id, account, sum(amount) as balance, max((posted_date, posting_id)) as newest,
        from frozen
        where entry_id in (select differing.entry_id from differing)
        group by
            entry_id, account, event_date, payer, pay_channel, currency_code, source, claim_id,
            refund_order_id
    ) as balances
    group by entry_id, account
),

late as (
    select
        differing.* exclude (differing.is_booked, differing.todays_place, differing.any_place),
        coalesce(
            min(differing.todays_place) over (partition by differing.entry_id),
            min(differing.any_place) over (partition by differing.entry_id)
        ) as place,
        place[1] as reconciliation_key,
        place[2] as chain_id,
        corrected.corrects_posting_id,
        greatest(differing.event_date, closed.next_open_date) as posted_date,
        if(posted_date > differing.event_date, 'LATE_CORRECTION', null) as break_class,
        differing.entry_id || ' ' || differing.account
        || if(differing.is_booked, '', ' reversed')
        || strftime(posted_date, ' in %Y-%m') as posting_id,
    from differing
    cross join closed
    left join corrected
        on differing.entry_id = corrected.entry_id and differing.account = corrected.account
),

postings as (
    select
        * exclude (is_untouched),
        entry_id || ' ' || account as posting_id,
        event_date as posted_date,
    from lines
    where is_untouched
    union all by name
    select * from late
    union all by name
    select * exclude (period) from frozen
),

final as (
    select
        posting_id, entry_id, corrects_posting_id, reconciliation_key, chain_id,
        claim_id, refund_order_id, source, currency_code,
        event_type, account, payer, pay_channel, break_class,
        strftime(posted_date, '%Y-%m') as period,
        cast(amount as decimal(18, 2)) as amount,
        event_date, posted_date,
    from postings
)

select * from final
