"""Audits by Great Expectations: deliveries before they count, marts before they are published."""

from orchestration.quality.deliveries import audit_deliveries
from orchestration.quality.docs import build_data_docs
from orchestration.quality.marts import audit_marts
from orchestration.quality.results import AuditResult, blocking

__all__ = ["AuditResult", "audit_deliveries", "audit_marts", "blocking", "build_data_docs"]
