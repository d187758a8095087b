"""Audits of livestream.fct_livestream_sessions."""

from __future__ import annotations

from great_expectations import ExpectationSuite

from expectations.rules import at_most, not_negative, share

TABLE = "livestream.fct_livestream_sessions"
QUERY = "select * from {rows}"
KEYS = ("session_id", "currency_code")


def suite() -> ExpectationSuite:
    """Expect amounts and ratios that are not negative, and rates between 0 and 1."""
    return ExpectationSuite(
        name=TABLE,
        expectations=[
            not_negative("gmv_amount"),
            not_negative("refunded_amount"),
            not_negative("gpm"),
            not_negative("uv_value"),
            share("viewer_to_payer_rate"),
            share("exposure_to_click_rate"),
            at_most("buyer_count", "paid_order_count"),
        ],
    )
