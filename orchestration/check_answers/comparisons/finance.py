"""Answers that the marts of finance must show."""

from __future__ import annotations

from orchestration.check_answers.comparisons.comparison import Comparison, names

_MOVEMENTS = names("approved_amount paid_amount payout_returned_amount adjusted_amount")

BREAKS = Comparison(
    "refund_breaks",
    "finance.fct_reconciliation_breaks",
    names("break_class refund_order_id claim_id bill_line_id currency_code"),
    names("break_amount"),
    found="from marts.finance.fct_reconciliation_breaks where is_open",
)

COMPARISONS = (
    BREAKS,
    Comparison(
        "refund_chains",
        "finance.fct_refund_reconciliation",
        names("claim_id"),
        names(
            "currency_code payer approved_amount instructed_amount billed_amount fee_amount"
            " funded_amount refund_order_count bill_line_count fund_flow_count approved_date"
        ),
        found="from marts.finance.fct_refund_reconciliation where is_entitled",
    ),
    Comparison(
        "ledger_events",
        "finance.fct_ledger_postings",
        names("business_date event_type account payer currency_code"),
        names("amount posting_count"),
        found="select posted_date as business_date, event_type, account, payer, currency_code,"
        " sum(amount)::decimal(18, 2) as amount, count(*) as posting_count"
        " from marts.finance.fct_ledger_postings group by all",
    ),
    Comparison(
        "trial_balance",
        "finance.agg_trial_balance",
        names("business_date account currency_code"),
        names("debit_amount credit_amount balance_amount posting_count"),
    ),
    Comparison(
        "payable_movements",
        "finance.agg_payable_movements_daily",
        names("business_date payer currency_code"),
        (*_MOVEMENTS, "payable_change_amount"),
    ),
    Comparison(
        "payable_rollforward",
        "finance.agg_payable_rollforward",
        names("period payer currency_code"),
        ("opening_amount", *_MOVEMENTS, "closing_amount"),
    ),
)
