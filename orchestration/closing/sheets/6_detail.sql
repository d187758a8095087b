-- One row per refund chain that began in the month.
select
    chain_id,
    claim_id,
    refund_order_id,
    bill_line_id,
    fund_flow_id,
    payer,
    pay_channel,
    chain_status,
    break_class,
    owner,
    ageing_bucket,
    match_rule,
    currency_code,
    approved_amount,
    instructed_amount,
    billed_amount,
    funded_amount,
    paid_amount,
    in_transit_amount,
    unpaid_amount,
    break_amount,
    age_hours,
    approved_date,
    instructed_date,
    billed_date,
    funded_date,
    due_at as due_at_utc
from marts.finance.fct_refund_reconciliation
where
    coalesce(approved_date, instructed_date, billed_date, funded_date)
    between getvariable('first_date') and getvariable('last_date')
order by chain_id
