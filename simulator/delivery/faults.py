"""Which faults a history has, in its files and in its money trail, and how many of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

from simulator.money.breaks import CLASSES

HARMLESS = "nothing: harmless by design"
"""What finds a fault that a warehouse has to live with, without a word."""
REPEATS_OWN = "audit:no row repeats a version of the same file"
REPEATS_OTHER = "audit:no row repeats a version of another file"
AHEAD = "audit:no version lies more than 2 days after the end of dt"
SAME_CONTENT = "audit:no other file of the feed has the same content"
"""What finds a fault: `audit:` and the rule that does not hold for the file."""
WHOLE_FEEDS = frozenset(
    ("products", "merchants", "creators", "customers", "right_enrolments", "source_parameters")
)
"""Feeds in which a source may send unchanged versions day by day; repeating them is no fault."""


@dataclass(frozen=True)
class Faults:
    """Rates of the faults in the delivered files, by kind; 0 switches a kind off.

    Every kind with a rate above 0 is planted at least once where the history is long enough: late
    kinds need a following day, breaks two weeks. A fault in a file never changes what a warehouse
    ends with: every right row comes too, perhaps in another file. A break is what really happened.

    Rows, as a share of the rows that are delivered day by day (and of a few past months):

    Attributes:
        contract_break: An extra, garbled copy of a row: a word for a number, a negative amount, an
            unknown code, a required value missing, an impossible date, a broken identity. Where
            a Parquet column can't hold the word, an extra small file has it as text.
        encoding: An extra copy of a row with GB18030 bytes in a UTF-8 file.
        duplicate_version: A row once more, in the same file or in one of a later day.
        orphan: An extra order line or claim of an order that never comes.
        clock_skew: An extra copy of the newest version of an order, line or claim; its version
            time runs days ahead of the file, nothing else differs.
        late: A row that comes with a later day's files instead of its own day's.
        out_of_order: A row that comes after a newer version of the same thing.

    Files, as a share of the files that are delivered day by day:

    Attributes:
        same_file_again: A file's whole content under another name.
        wrong_sidecar: A file whose sidecar states a wrong count, sum or hash; it comes again.
        truncated: A file that is cut off; it comes again.
        empty: A file without a byte; it comes again.
        corrected: A file that stood there before with wrong amounts, rows that don't exist, and
            without some that do. A past month has such a file, too.
        split: A file in two parts.
        far_future_dt: An extra file for a date in the far future.

    Breaks in the money trail, as a share of the refunded claims; simulator/money/README.md says
    what the rows of each show:

    Attributes:
        orphan_payout: The channel paid out what nobody asked for.
        duplicate_payout: One refund was paid twice.
        over_refund: More was refunded than had been paid.
        missing_payout: The channel knows nothing of a refund that counts as paid, or refused it and
            nobody tried again.
        failed_returned: A refund came back and was never paid again.
        wrong_payer: Somebody else paid than the right says.
        wrong_account: It went out through another channel than the payment had come in.
        amount_mismatch: The channel paid another amount.
        fee_diff: The channel gave back another fee than the rate says.
    """

    contract_break: float = 0.003
    encoding: float = 0.001
    duplicate_version: float = 0.003
    orphan: float = 0.001
    clock_skew: float = 0.001
    late: float = 0.005
    out_of_order: float = 0.002
    same_file_again: float = 0.02
    wrong_sidecar: float = 0.02
    truncated: float = 0.02
    empty: float = 0.01
    corrected: float = 0.04
    split: float = 0.04
    far_future_dt: float = 0.01
    orphan_payout: float = 0.0005
    duplicate_payout: float = 0.0005
    over_refund: float = 0.0005
    missing_payout: float = 0.0005
    failed_returned: float = 0.0005
    wrong_payer: float = 0.0005
    wrong_account: float = 0.0005
    amount_mismatch: float = 0.0005
    fee_diff: float = 0.0005

    def __post_init__(self) -> None:
        """Refuse what is no rate."""
        for kind in kinds():
            if not 0 <= getattr(self, kind) <= 1:
                raise ValueError(f"the rate of {kind} is {getattr(self, kind)}, not from 0 to 1")

    @classmethod
    def none(cls) -> Faults:
        """Return the faults of a clean history."""
        return cls(**dict.fromkeys(kinds(), 0.0))

    def with_rates(self, settings: Sequence[str]) -> Faults:
        """Return the same faults but for some rates.

        Args:
            settings: Each of the form KIND=RATE.

        Raises:
            ValueError: A kind is unknown, or a rate is no number from 0 to 1.
        """
        rates: dict[str, float] = {}
        for setting in settings:
            kind, _, rate = setting.partition("=")
            if kind not in kinds():
                raise ValueError(f"there is no fault {kind!r}; there are {', '.join(kinds())}")
            try:
                rates[kind] = float(rate)
            except ValueError:
                raise ValueError(f"{setting!r}: {rate!r} is no rate from 0 to 1") from None
        return replace(self, **rates)

    @property
    def breaks(self) -> dict[str, float]:
        """The rates of the breaks in the money trail, by the name of their class."""
        return {name: getattr(self, name.lower()) for name in CLASSES}

    @property
    def are_files_clean(self) -> bool:
        """Whether all kinds that concern files are switched off."""
        return not any(getattr(self, kind) for kind in file_kinds())


def kinds() -> tuple[str, ...]:
    """Return the names of all kinds."""
    return tuple(field.name for field in fields(Faults))


def file_kinds() -> tuple[str, ...]:
    """Return the names of the kinds that concern rows and files."""
    return tuple(kind for kind in kinds() if kind.upper() not in CLASSES)
