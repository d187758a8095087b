"""Payments and returns of one refund order, in every order: what stands is what is judged.

The expected values are counted line by line, as DECISIONS.md says it, without windows.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import product
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from orchestration import transform
from orchestration.home import Home

REFUND = Decimal("2.50")
AMOUNTS = (Decimal("1.00"), Decimal("1.50"), REFUND)
NOTHING = Decimal(0)
PAID = "refund"
RETURNED = "return"
FAILED = "failed"
IN_PROCESS = "in process"
DAYS_TO_BILL = 1
MODEL = "int_refund_orders_reconciled"
INPUTS = {
    "int_refund_orders_linked": f"""
        select distinct
            'r' || sequence as refund_order_id, 'o' || sequence as reconciliation_key,
            'c' || sequence as chain_id, 'c' || sequence as claim_id, 'native' as source,
            'CNY' as currency_code, 'wechat' as pay_channel, 'merchant' as payer,
            'original' as route, 'succeeded' as refund_order_status, 2 as attempt_number,
            {REFUND} as refund_amount, timestamp '2021-06-01' as instructed_at,
            timestamp '2021-06-01' as succeeded_at, timestamp '2021-06-01' as updated_at
        from lines""",
    "int_bill_lines_matched": """
        select
            'r' || sequence || ' ' || number as bill_line_id, 'o' || sequence as reconciliation_key,
            'r' || sequence as refund_order_id, 'native' as source, currency_code,
            'wechat' as pay_channel, '1 refund order number' as match_rule,
            if(kind = 'return', 'return', 'refund') as line_type,
            case kind
                when 'refund' then 'SUCCESS' when 'return' then 'CHANGE' when 'failed' then 'FAIL'
                else 'PROCESSING'
            end as bill_status,
            amount, amount as matched_amount, 0 as fee_amount, true as is_last,
            date '2021-06-01' + cast(number as int) as bill_date,
            timestamp '2021-06-01' + to_days(number) as transacted_at,
            timestamp '2021-06-02' + to_days(number) as updated_at
        from lines""",
}
FOUND = f"""
select
    cast(refund_order_id[2:] as int), is_paid,
    duplicate_amount, cast(split_part(second_line_id, ' ', 2) as int),
    date_diff('day', timestamp '2021-06-01', second_returned_at),
    mismatch_amount, cast(split_part(mismatched_line_id, ' ', 2) as int),
    date_diff('day', timestamp '2021-06-01', mismatch_healed_at),
    date_diff('day', timestamp '2021-06-01', earlier_returned_at)
from intermediate.{MODEL}
where refund_order_id similar to 'r[0-9]+'
"""


@dataclass(frozen=True)
class Line:
    """A line of a bill: money that moved, an attempt that failed, or one in process."""

    kind: str
    amount: Decimal
    currency: str = "CNY"


@dataclass(frozen=True)
class Judgement:
    """What is said of a refund order; numbers of lines count from 1."""

    is_paid: bool
    duplicate_amount: Decimal = Decimal(0)
    second_line: int | None = None
    second_returned: int | None = None
    mismatch_amount: Decimal = Decimal(0)
    mismatched_line: int | None = None
    mismatch_healed: int | None = None
    earlier_returned: int | None = None


def sequences() -> Iterator[tuple[Line, ...]]:
    """Give up to five payments and returns in one currency, and up to four lines of all kinds.

    The longest ones begin with a payment.
    """
    own = [Line(kind, amount) for kind in (PAID, RETURNED) for amount in AMOUNTS]
    for length in range(1, 6):
        for lines in product(own, repeat=length):
            if length < 5 or lines[0].kind == PAID:
                yield lines
    mixed = [Line(PAID, REFUND), Line(PAID, AMOUNTS[1]), Line(RETURNED, REFUND)]
    mixed += [Line(PAID, REFUND, "USD"), Line(RETURNED, REFUND, "USD"), Line(FAILED, REFUND)]
    mixed += [Line(IN_PROCESS, REFUND)]
    for length in range(1, 5):
        for lines in product(mixed, repeat=length):
            if not set(lines) <= {*own} and any(line.kind != FAILED for line in lines):
                yield lines


def written(lines: tuple[Line, ...]) -> str:
    """Return lines as a message shows them."""
    return ", ".join(f"{line.kind} {line.amount} {line.currency}" for line in lines)


@dataclass(frozen=True)
class State:
    """What is wrong after a line.

    It is told where the money moves the other way next, or not at all; less or more than should
    stand also where it moves only after the bill showed it. `is_more` tells which.
    """

    number: int
    amount: Decimal
    is_told: bool
    is_more: bool | None = None


def turned(before: State, after: State) -> bool:
    """Whether money that lacked is too much now, or the other way round."""
    return {before.is_more, after.is_more} == {True, False}


def told(states: list[State]) -> tuple[Decimal, int | None, int | None]:
    """Return what was told last, the line since which it was wrong, and the one that mended it."""
    all_told = [place for place, state in enumerate(states) if state.is_told and state.amount]
    if not all_told:
        return NOTHING, None, None
    last = all_told[-1]
    first = last
    while first and states[first - 1].amount and not turned(states[first - 1], states[first]):
        first -= 1
    mended = [state.number for state in states[last:] if state.amount == 0]
    return states[last].amount, states[first].number, min(mended, default=None)


class Account:
    """What stands in a currency, and what came back beyond that."""

    def __init__(self, opening: Decimal = NOTHING) -> None:
        self.standing = opening
        self.beyond = NOTHING

    def move(self, amount: Decimal) -> None:
        """Pay an amount, or give one back, which is below 0."""
        self.standing += amount
        if self.standing < 0:
            self.beyond -= self.standing
            self.standing = NOTHING


def movements(lines: tuple[Line, ...]) -> list[tuple[int, Line]]:
    """Return the lines that moved money, with their numbers.

    One in process paid if it came back next, or was not attempted again.
    """
    moved = []
    for number, line in enumerate(lines, 1):
        later = [following.kind for following in lines[number:]]
        came_back = [kind for kind in later if kind != FAILED][:1] == [RETURNED]
        if line.kind in (PAID, RETURNED):
            moved.append((number, line))
        elif line.kind == IN_PROCESS and (came_back or not later):
            moved.append((number, replace(line, kind=PAID)))
    return moved


def judged(lines: tuple[Line, ...]) -> Judgement:
    """Judge lines one after the other."""
    moved = movements(lines)
    is_opened = [(line.kind, line.currency) for _, line in moved[:1]] == [(RETURNED, "CNY")]
    own, other = Account(REFUND if is_opened else NOTHING), Account()
    second, came_back = NOTHING, None
    seconds, mismatches = [], []
    for place, (number, line) in enumerate(moved, 1):
        stood = own.standing + other.standing
        if line.currency == "CNY" and line.kind == PAID and own.standing >= REFUND:
            second += line.amount
        account = own if line.currency == "CNY" else other
        account.move(line.amount if line.kind == PAID else -line.amount)
        second = min(second, max(own.standing - REFUND, NOTHING))
        following = moved[place : place + 1]
        is_turn = all(next_line.kind != line.kind for _, next_line in following)
        is_seen = is_turn or following[0][0] > number + DAYS_TO_BILL
        wrong = own.beyond + (REFUND if other.beyond else NOTHING)
        if own.standing:
            wrong += abs(own.standing - REFUND) - second
        elif other.standing:
            wrong += REFUND
        elif stood:
            came_back = number
            mismatches.append(State(number, NOTHING, is_told=False))
        is_more = own.standing > REFUND if own.standing and own.standing != REFUND else None
        mismatches.append(State(number, wrong, is_seen, is_more))
        seconds.append(State(number, second + (other.standing if own.standing else 0), is_turn))
    is_paid = bool(own.standing or other.standing or came_back is None)
    return Judgement(is_paid, *told(seconds), *told(mismatches), came_back if is_paid else None)


@pytest.fixture(scope="module")
def found(
    built_home: Home, tmp_path_factory: pytest.TempPathFactory
) -> dict[tuple[Line, ...], Judgement]:
    """What the model says of each sequence."""
    home = Home(Path(shutil.copytree(built_home.root, tmp_path_factory.mktemp("lines") / "home")))
    cases = dict(enumerate(sequences()))
    lines = pa.Table.from_pylist(
        [
            {
                "sequence": sequence,
                "number": number,
                "kind": line.kind,
                "amount": line.amount,
                "currency_code": line.currency,
            }
            for sequence, case in cases.items()
            for number, line in enumerate(case, 1)
        ]
    )
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.register("lines", lines)
        for table, rows in INPUTS.items():
            connection.execute(f"insert into intermediate.{table} by name {rows}")
    result = transform.invoke(home, ["run", "--full-refresh", "--select", MODEL])
    assert [f"{node.name}: {node.message}" for node in result.failed] == []
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        rows = connection.execute(FOUND).fetchall()
    return {cases[sequence]: Judgement(*values) for sequence, *values in rows}


def test_every_sequence_of_lines_is_judged_by_what_stands(
    found: dict[tuple[Line, ...], Judgement],
) -> None:
    wrong = [
        f"{written(lines)}: {found[lines]}, not {judged(lines)}"
        for lines in sequences()
        if found[lines] != judged(lines)
    ]

    assert wrong[:5] == []


def test_what_is_told_is_what_stands_less_or_more(
    found: dict[tuple[Line, ...], Judgement],
) -> None:
    wrong = []
    for lines, judgement in found.items():
        stands = sum(line.amount if line.kind == PAID else -line.amount for line in lines)
        is_known = lines[0].kind == PAID and all(line.currency == "CNY" for line in lines)
        if is_known and {line.kind for line in lines} <= {PAID, RETURNED} and judgement.is_paid:
            told_now = (
                judgement.duplicate_amount if judgement.second_returned is None else NOTHING
            ) + (judgement.mismatch_amount if judgement.mismatch_healed is None else NOTHING)
            if told_now < abs(stands - REFUND):
                wrong.append(f"{written(lines)}: {judgement}")

    assert wrong[:5] == []
    assert any(judgement.duplicate_amount for judgement in found.values())
    assert any(judgement.mismatch_healed for judgement in found.values())
