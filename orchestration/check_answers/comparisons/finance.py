"""Answers that the marts of finance must show."""

from __future__ import annotations

from orchestration.check_answers.comparisons.comparison import Comparison, names

COMPARISONS = (
    Comparison(
        "refund_breaks",
        "finance.fct_reconciliation_breaks",
        names("break_class refund_order_id claim_id bill_line_id currency_code"),
        names("break_amount"),
        found="from marts.finance.fct_reconciliation_breaks where is_open",
    ),
)
