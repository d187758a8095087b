-- One row per break that was open in the month or still is.
select
    break_id,
    break_class,
    owner,
    severity,
    payer,
    pay_channel,
    claim_id,
    refund_order_id,
    bill_line_id,
    currency_code,
    break_amount,
    is_open,
    ageing_bucket,
    opened_date,
    healed_date,
    due_at as due_at_utc
from marts.finance.fct_reconciliation_breaks
where
    opened_date <= getvariable('last_date')
    and (is_open or healed_date >= getvariable('first_date'))
order by severity desc, break_class asc, break_id asc
