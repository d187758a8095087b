"""The kinds of after-sale claims in the demo."""

from __future__ import annotations

from dataclasses import dataclass

Span = tuple[float, float]


@dataclass(frozen=True)
class Kind:
    """A kind of claim; spans are hours, shares per cent of what was paid.

    Attributes:
        claim_type: The code of the raw contract.
        after: `receipt` or `payment`: what `apply` counts from.
        back: From approval to receipt of the returned goods.
        categories: Only goods of these; of all when empty.
        end: `refunded`, `refused`, `failed`, `pending` or `replaced`.
        late: Delivered in a late file only, in its last state.
    """

    name: str
    count: int
    right: str | None
    claim_type: int
    reason: str
    apply: Span
    approve: Span = (1, 20)
    back: Span | None = None
    refund: Span = (1, 12)
    after: str = "receipt"
    share: tuple[int, int] = (100, 100)
    categories: tuple[str, ...] = ()
    end: str = "refunded"
    late: bool = False


AT_ONCE, SOON = (0.001, 0.004), (0.002, 0.016)
BACK = (20, 44)
FRESH, BEAUTY, WORN = ("fresh", "flowers"), ("beauty",), ("apparel", "sports")
KINDS = (
    Kind("impulse", 6, "R3", 2, "不想要了", (0.1, 1.8), AT_ONCE, None, SOON, "payment"),
    Kind("not shipped", 3, "R3", 2, "拍错/多拍", (3, 11), AT_ONCE, None, SOON, "payment"),
    Kind(
        "rotten", 6, "R6", 1, "坏果/腐烂", (1, 20), (0.2, 8), None, (0.1, 1),
        share=(30, 100), categories=FRESH,
    ),
    Kind(
        "rotten, too late", 1, "R6", 1, "坏果/腐烂", (30, 40), (1, 9),
        categories=FRESH, end="refused",
    ),
    Kind(
        "allergy", 2, "R7", 0, "使用后过敏", (20, 90), (0.1, 5), BACK, (0.2, 5),
        categories=BEAUTY,
    ),
    Kind("no reason", 11, "R2", 0, "七天无理由", (4, 130), back=BACK),
    Kind("fake, open", 1, "R1", 0, "怀疑假货", (10, 90), end="pending"),
    Kind(
        "exchange", 1, None, 3, "尺码不合适", (8, 90), (0.2, 6), BACK,
        categories=WORN, end="replaced",
    ),
    Kind("resend", 1, None, 7, "少件/漏发", (2, 40), end="replaced"),
    Kind("price", 3, None, 6, "价格保护", (12, 60), SOON, None, SOON, "payment", (4, 12)),
    Kind("quality", 5, None, 0, "质量问题", (6, 120), back=BACK),
    Kind("missing", 4, None, 1, "少件/漏发", (1, 60), share=(20, 60)),
    Kind("refund fails", 1, None, 1, "物流破损", (1, 40), (0.2, 5), end="failed"),
    Kind(
        "missing, late", 6, None, 1, "少件/漏发", (1, 60), (0.2, 5), None, (0.2, 4),
        share=(20, 60), late=True,
    ),
    Kind(
        "return freight, late", 3, "R4", 1, "退货运费补偿", (1, 60), (0.2, 5), None, (0.2, 4),
        share=(8, 12), late=True,
    ),
)  # fmt: skip
