"""What is dear to make is made once per session, whichever worker asks first."""

from __future__ import annotations

import fcntl
import pickle
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

Made = TypeVar("Made")


@dataclass(frozen=True)
class Once:
    """Makes things once per session, whichever worker asks first; the others wait for it."""

    folder: Path

    def __call__(self, name: str, make: Callable[[Path], Made]) -> Made:
        """Return what `make` returns, given a new folder; nobody may write to what is there."""
        with (self.folder / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            kept = self.folder / f"{name}.pickle"
            if not kept.exists():
                shutil.rmtree(self.folder / name, ignore_errors=True)
                (self.folder / name).mkdir()
                kept.write_bytes(pickle.dumps(make(self.folder / name)))
            made: Made = pickle.loads(kept.read_bytes())  # noqa: S301 (written above)
            return made
