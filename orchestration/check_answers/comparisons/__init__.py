"""Which mart must show which answer: a further mart is a further entry, and nothing else."""

from orchestration.check_answers.comparisons import (
    claims,
    core,
    customers,
    finance,
    growth,
    livestream,
    merchants,
    sales,
)
from orchestration.check_answers.comparisons.comparison import Comparison

__all__ = ["COMPARISONS", "Comparison"]

COMPARISONS = (
    *core.COMPARISONS,
    *sales.COMPARISONS,
    *livestream.COMPARISONS,
    *claims.COMPARISONS,
    *merchants.COMPARISONS,
    *customers.COMPARISONS,
    *growth.COMPARISONS,
    *finance.COMPARISONS,
)
"""An answer that no entry names has no mart yet, and is listed as such."""
