"""An interruption waits for what must end first."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from orchestration.interrupts import HeldBack


class Interruption(BaseException):
    """What a handler raises that is not Python's own."""


@pytest.fixture(autouse=True)
def _handler() -> Iterator[None]:
    def interrupt(_sign: int, _frame: object) -> None:
        raise Interruption

    before = signal.signal(signal.SIGINT, interrupt)
    yield
    signal.signal(signal.SIGINT, before)


def test_the_first_interruption_is_told_at_once_and_the_earlier_handler_learns_of_it_last() -> None:
    ended: list[str] = []
    with pytest.raises(Interruption), HeldBack() as interruptions:
        try:
            with interruptions.told_at_once():
                try:
                    signal.raise_signal(signal.SIGINT)
                except KeyboardInterrupt:
                    signal.raise_signal(signal.SIGINT)
                    ended.append("threads")
                    raise
        finally:
            ended.append("databases")
    assert ended == ["threads", "databases"]


def test_an_interruption_of_the_end_comes_after_it() -> None:
    ended = False
    with pytest.raises(Interruption), HeldBack():
        signal.raise_signal(signal.SIGINT)
        ended = True
    assert ended


def test_without_an_interruption_nothing_happens() -> None:
    handler = signal.getsignal(signal.SIGINT)
    with HeldBack() as interruptions, interruptions.told_at_once():
        assert signal.getsignal(signal.SIGINT) != handler
    assert signal.getsignal(signal.SIGINT) == handler
