"""Interruptions while dbt is at work, which has threads of its own."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Self


class HeldBack:
    """Holds SIGINT and SIGTERM back until the block ends; then the handlers of before learn of it.

    dbt cancels and joins its threads at a KeyboardInterrupt alone. At any other exception, such as
    the one that Dagster raises, they would go on beside whoever writes next. A signal that ends the
    process at once still does. In another thread than the main one, no signal arrives.
    """

    def __init__(self) -> None:
        self._before: dict[int, Callable[[int, FrameType | None], object]] = {}
        self._received: int | None = None
        self._is_told = False
        if threading.current_thread() is threading.main_thread():
            for sign in (signal.SIGINT, signal.SIGTERM):
                if callable(handler := signal.getsignal(sign)):
                    self._before[sign] = handler

    def __enter__(self) -> Self:
        """Take the place of the handlers."""
        for sign in self._before:
            signal.signal(sign, self._receive)
        return self

    @contextmanager
    def told_at_once(self) -> Iterator[None]:
        """Raise the first interruption as KeyboardInterrupt; later ones don't disturb the end."""
        self._is_told = True
        try:
            yield
        finally:
            self._is_told = False

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Put the handlers back, and let that of an interruption do what it does."""
        for sign, handler in self._before.items():
            signal.signal(sign, handler)
        if self._received is not None:
            self._before[self._received](self._received, None)

    def _receive(self, sign: int, _frame: FrameType | None) -> None:
        is_first, self._received = self._received is None, sign
        if is_first and self._is_told:
            raise KeyboardInterrupt
