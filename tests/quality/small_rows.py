"""Good rows of every entity: SQL of their columns over the row number `i`."""

from __future__ import annotations

import datetime as dt


def _orders(day: dt.date, delivery: int) -> dict[str, str]:
    at = f"timestamp '{day} 04:00:00'"
    return {
        "order_id": f"'{delivery}-' || i",
        "merchant_id": "'m1'",
        "customer_id": "'c' || i",
        "order_status": "105",
        "currency_code": "'CNY'",
        "order_amount": "12000",
        "pay_amount": "10000 + i",
        "freight_amount": "500",
        "receiver_name": "'Secret Name ' || i",
        "receiver_phone": "'13800000000'",
        "created_at": at,
        "paid_at": f"{at} + interval 1 minute",
        "updated_at": f"{at} + interval 2 minute",
    }


def _order_lines(day: dt.date, delivery: int) -> dict[str, str]:
    return {
        "line_id": f"'{delivery}-' || i",
        "order_id": f"'{delivery}-' || i",
        "product_id": "'p1'",
        "creator_id": "'k1'",
        "session_id": "'s1'",
        "channel": "'live'",
        "item_count": "1",
        "order_amount": "12000",
        "pay_amount": "9500 + i",
        "updated_at": f"timestamp '{day} 04:02:00'",
    }


def _claims(day: dt.date, delivery: int) -> dict[str, str]:
    at = f"timestamp '{day} 04:00:00'"
    return {
        "claim_id": f"'{delivery}-' || i",
        "order_id": "'1-' || i",
        "customer_id": "'c' || i",
        "claim_type": "1",
        "claim_status": "12",
        "refund_status": "3",
        "reason": "'broken'",
        "currency_code": "'CNY'",
        "applied_amount": "9000",
        "refund_amount": "9000",
        "applied_at": at,
        "approved_at": f"{at} + interval 1 minute",
        "refunded_at": f"{at} + interval 2 minute",
        "updated_at": f"{at} + interval 3 minute",
    }


def _sessions(day: dt.date, delivery: int) -> dict[str, str]:
    at = f"timestamp '{day} 04:00:00'"
    return {
        "session_id": f"'{delivery}-' || i",
        "creator_id": "'k1'",
        "view_count": "100",
        "viewer_count": "80",
        "peak_online_count": "30",
        "product_exposure_count": "500",
        "product_click_count": "50",
        "started_at": at,
        "updated_at": f"{at} + interval 3 hour",
    }


def _products(day: dt.date, delivery: int) -> dict[str, str]:
    return {
        "product_id": "'p' || i",
        "merchant_id": "'m1'",
        "product_name": "'Tea ' || i",
        "category_id": "'food'",
        "updated_at": f"timestamp '{day} 00:00:00'",
    }


def _merchants(day: dt.date, delivery: int) -> dict[str, str]:
    return {
        "merchant_id": "'m' || i",
        "merchant_name": "'Shop ' || i",
        "merchant_type": "'brand'",
        "contact_phone": "'13900000000'",
        "opened_at": "timestamp '2020-01-01'",
        "updated_at": f"timestamp '{day} 00:00:00'",
    }


def _creators(day: dt.date, delivery: int) -> dict[str, str]:
    return {
        "creator_id": "'k' || i",
        "creator_name": "'Secret Host ' || i",
        "creator_type": "'self_run'",
        "follower_count": "1000",
        "updated_at": f"timestamp '{day} 00:00:00'",
    }


def _customers(day: dt.date, delivery: int) -> dict[str, str]:
    return {
        "customer_id": "'secret-' || i",
        "customer_name": "'Secret Name ' || i",
        "phone": "'13700000000'",
        "registered_at": "timestamp '2021-01-01'",
        "updated_at": f"timestamp '{day} 00:00:00'",
    }


def _right_enrolments(day: dt.date, delivery: int) -> dict[str, str]:
    at = f"timestamp '{day} 04:00:00'"
    return {
        "enrolment_id": f"'{delivery}-' || i",
        "merchant_id": "'m1'",
        "right_code": "'R1'",
        "enrolled_at": at,
        "ended_at": f"{at} + interval 1 minute",
        "updated_at": f"{at} + interval 2 minute",
    }


def _livestream_traffic(day: dt.date, delivery: int) -> dict[str, str]:
    at = f"timestamp '{day} 04:00:00'"
    return {
        "session_id": f"'{delivery}-' || i",
        "interval_started_at": at,
        "product_exposure_count": "500",
        "product_click_count": "50",
        "updated_at": f"{at} + interval 2 minute",
    }


def _disputes(day: dt.date, delivery: int) -> dict[str, str]:
    at = f"timestamp '{day} 04:00:00'"
    return {
        "dispute_id": f"'{delivery}-' || i",
        "claim_id": f"'{delivery}-' || i",
        "dispute_status": "255",
        "opened_at": at,
        "judged_at": f"{at} + interval 1 minute",
        "updated_at": f"{at} + interval 2 minute",
    }


def _reviews(day: dt.date, delivery: int) -> dict[str, str]:
    at = f"timestamp '{day} 04:00:00'"
    return {
        "review_id": f"'{delivery}-' || i",
        "order_id": f"'{delivery}-' || i",
        "customer_id": "'secret-' || i",
        "review_level": "'good'",
        "reviewed_at": at,
        "updated_at": f"{at} + interval 2 minute",
    }


def _shipments(day: dt.date, delivery: int) -> dict[str, str]:
    at = f"timestamp '{day} 04:00:00'"
    return {
        "shipment_id": f"'{delivery}-' || i",
        "order_id": f"'{delivery}-' || i",
        "pickup_due_at": f"{at} + interval 60 minute",
        "picked_up_at": at,
        "delivery_due_at": f"{at} + interval 90 minute",
        "delivered_at": f"{at} + interval 1 minute",
        "updated_at": f"{at} + interval 2 minute",
    }


def _service_conversations(day: dt.date, delivery: int) -> dict[str, str]:
    at = f"timestamp '{day} 04:00:00'"
    return {
        "conversation_id": f"'{delivery}-' || i",
        "merchant_id": "'m1'",
        "customer_id": "'secret-' || i",
        "started_at": at,
        "first_replied_at": at,
        "ended_at": f"{at} + interval 1 minute",
        "updated_at": f"{at} + interval 2 minute",
    }


def _complaints(day: dt.date, delivery: int) -> dict[str, str]:
    at = f"timestamp '{day} 04:00:00'"
    return {
        "complaint_id": f"'{delivery}-' || i",
        "order_id": f"'{delivery}-' || i",
        "complaint_status": "'upheld'",
        "complained_at": at,
        "closed_at": f"{at} + interval 1 minute",
        "updated_at": f"{at} + interval 2 minute",
    }


def _violations(day: dt.date, delivery: int) -> dict[str, str]:
    at = f"timestamp '{day} 04:00:00'"
    return {
        "violation_id": f"'{delivery}-' || i",
        "merchant_id": "'m1'",
        "reason": "'late'",
        "points": "2",
        "violated_at": at,
        "updated_at": f"{at} + interval 2 minute",
    }


def _ad_spend(day: dt.date, delivery: int) -> dict[str, str]:
    at = f"timestamp '{day} 04:00:00'"
    return {
        "ad_spend_id": f"'{delivery}-' || i",
        "currency_code": "'CNY'",
        "spend_amount": "100",
        "spent_at": at,
        "updated_at": f"{at} + interval 2 minute",
    }


def _refund_orders(day: dt.date, delivery: int) -> dict[str, str]:
    at = f"timestamp '{day} 04:00:00'"
    return {
        "refund_order_id": f"'{delivery}-' || i",
        "attempt_number": "1",
        "pay_channel": "'wechat'",
        "route": "'original'",
        "refund_order_status": "'succeeded'",
        "currency_code": "'CNY'",
        "refund_amount": "9000",
        "instructed_at": at,
        "due_at": f"{at} + interval 60 minute",
        "succeeded_at": f"{at} + interval 1 minute",
        "updated_at": f"{at} + interval 2 minute",
    }


def _channel_bill_lines(day: dt.date, delivery: int) -> dict[str, str]:
    at = f"timestamp '{day} 04:00:00'"
    return {
        "bill_line_id": f"'{delivery}-' || i",
        "pay_channel": "'wechat'",
        "line_type": "'refund'",
        "bill_status": "'SUCCESS'",
        "currency_code": "'CNY'",
        "amount": "9000",
        "fee_amount": "-54",
        "bill_date": f"date '{day}'",
        "transacted_at": at,
        "updated_at": f"{at} + interval 2 minute",
    }


def _fund_flows(day: dt.date, delivery: int) -> dict[str, str]:
    at = f"timestamp '{day} 04:00:00'"
    return {
        "fund_flow_id": f"'{delivery}-' || i",
        "account_holder": "'merchant'",
        "direction": "1",
        "scene": "22",
        "currency_code": "'CNY'",
        "amount": "9000",
        "flowed_at": at,
        "updated_at": f"{at} + interval 2 minute",
    }


def _insurance_policies(day: dt.date, delivery: int) -> dict[str, str]:
    at = f"timestamp '{day} 04:00:00'"
    return {
        "policy_id": f"'{delivery}-' || i",
        "order_id": f"'{delivery}-' || i",
        "policy_status": "3",
        "currency_code": "'CNY'",
        "premium_amount": "50",
        "payout_amount": "1000",
        "insured_at": at,
        "paid_out_at": f"{at} + interval 1 minute",
        "updated_at": f"{at} + interval 2 minute",
    }


def _source_parameters(day: dt.date, delivery: int) -> dict[str, str]:
    at = f"timestamp '{day} 04:00:00'"
    return {
        "parameter_name": f"'{delivery}-' || i",
        "parameter_value": "'1'",
        "updated_at": at,
    }


GOOD = {
    "orders": _orders,
    "order_lines": _order_lines,
    "claims": _claims,
    "livestream_sessions": _sessions,
    "products": _products,
    "merchants": _merchants,
    "creators": _creators,
    "customers": _customers,
    "right_enrolments": _right_enrolments,
    "livestream_traffic": _livestream_traffic,
    "disputes": _disputes,
    "reviews": _reviews,
    "shipments": _shipments,
    "service_conversations": _service_conversations,
    "complaints": _complaints,
    "violations": _violations,
    "ad_spend": _ad_spend,
    "refund_orders": _refund_orders,
    "channel_bill_lines": _channel_bill_lines,
    "fund_flows": _fund_flows,
    "insurance_policies": _insurance_policies,
    "source_parameters": _source_parameters,
}
ENTITIES = tuple(GOOD)
