-- One row per refund chain that began in the month: the file, row and hash of each side.
select
    chain_id,
    claim_file,
    claim_row_number,
    claim_sha256,
    refund_order_file,
    refund_order_row_number,
    refund_order_sha256,
    bill_line_file,
    bill_line_row_number,
    bill_line_sha256,
    fund_flow_file,
    fund_flow_row_number,
    fund_flow_sha256
from marts.finance.fct_refund_reconciliation
where
    coalesce(approved_date, instructed_date, billed_date, funded_date)
    between getvariable('first_date') and getvariable('last_date')
order by chain_id
