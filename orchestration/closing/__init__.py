"""Months of the refund ledger: reported, closed, and explained when they differ afterwards."""

from orchestration.closing.closing import CloseRefusedError, Who, books, close, reopen
from orchestration.closing.months import Decision, Month, decisions, newest_close
from orchestration.closing.reconciling import Reconciled, reconcile

__all__ = [
    "CloseRefusedError",
    "Decision",
    "Month",
    "Reconciled",
    "Who",
    "books",
    "close",
    "decisions",
    "newest_close",
    "reconcile",
    "reopen",
]
