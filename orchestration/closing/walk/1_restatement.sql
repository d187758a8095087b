-- One row per posting about the month that came after its close: what it corrects, what stood in
-- the closed report, and the files that say so now. What was closed and what it comes to is that of
-- postings with the same attributes: what another payer is booked for anew was closed at zero. What
-- is reversed, which leaves zero, comes before what is booked in its place.
with

corrections as (
    select *
    from marts.finance.fct_ledger_postings
    where
        break_class = 'LATE_CORRECTION'
        and event_date between getvariable('first_date') and getvariable('last_date')
        and period > getvariable('period')
),

postings as (
    select
        * exclude (change_seq),
        false as is_late
    from raw.frozen_postings
    where
        change_seq = getvariable('close_seq')
        and event_date between getvariable('first_date') and getvariable('last_date')
        and entry_id in (select corrections.entry_id from corrections)
    union all by name
    select
        *,
        true as is_late
    from corrections
),

late as (
    select
        *,
        coalesce(sum(amount) filter (where not is_late) over alike, 0) as closed_amount,
        sum(amount) over (alike order by is_late, posted_date, posting_id) as restated_amount
    from postings
    window
        alike as (
            partition by
                entry_id, account, event_date, payer, pay_channel, currency_code, source,
                claim_id, refund_order_id
        )
    qualify is_late
)

select
    late.posting_id,
    late.corrects_posting_id,
    late.event_type,
    late.account,
    late.payer,
    late.pay_channel,
    late.claim_id,
    late.refund_order_id,
    late.event_date,
    late.posted_date,
    late.currency_code,
    cast(late.closed_amount as decimal(38, 2)) as closed_amount,
    late.amount as difference_amount,
    cast(late.restated_amount as decimal(38, 2)) as restated_amount,
    chains.claim_file,
    chains.refund_order_file,
    chains.bill_line_file,
    chains.fund_flow_file
from late
left join marts.finance.fct_refund_reconciliation as chains on late.chain_id = chains.chain_id
order by
    late.posted_date, late.entry_id, late.account, late.restated_amount <> 0, late.posting_id
