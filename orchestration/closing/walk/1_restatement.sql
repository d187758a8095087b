-- One row per posting about the month that came after its close: what it corrects, what stood in
-- the closed report, and the files that say so now.
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
    cast(coalesce(kept.amount, 0) as decimal(38, 2)) as closed_amount,
    late.amount as difference_amount,
    cast((
        coalesce(kept.amount, 0)
        + sum(late.amount) over (
            partition by coalesce(late.corrects_posting_id, late.posting_id)
            order by late.posted_date, late.posting_id
        )
    ) as decimal(38, 2)) as restated_amount,
    chains.claim_file,
    chains.refund_order_file,
    chains.bill_line_file,
    chains.fund_flow_file
from marts.finance.fct_ledger_postings as late
left join raw.frozen_postings as kept
    on
    late.corrects_posting_id = kept.posting_id
    and kept.change_seq = getvariable('close_seq')
left join marts.finance.fct_refund_reconciliation as chains on late.chain_id = chains.chain_id
where
    late.break_class = 'LATE_CORRECTION'
    and late.event_date between getvariable('first_date') and getvariable('last_date')
    and late.period > getvariable('period')
order by late.posted_date, late.posting_id
