-- Breaks that the money trail holds on purpose.
-- Grain: one row per break.
-- For: finance.fct_reconciliation_breaks. Classes are those of the refund reconciliation.
select
    break_class,
    refund_order_id,
    claim_id,
    bill_line_id,
    yuan(break_amount) as break_amount,
    currency_code,
from money.planted_breaks
order by break_class, refund_order_id, claim_id, bill_line_id
