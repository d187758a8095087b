"""The one folder that the warehouse writes to, and the names inside it."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import duckdb

PROJECT = Path(__file__).resolve().parents[1]
"""Root of the dbt project: models, macros, seeds and expectations live below it."""


MEMORY = "ANXIN_MEMORY_LIMIT"
"""Names what DuckDB may keep in memory; beyond it, it spills beside its file."""
WRITING = "writing-{pid}-"
"""How the folder of dbt's target begins in which a process writes a manifest."""


def limits(spill: Path | None = None) -> dict[str, str | bool | int | float | list[str]]:
    """Return what DuckDB is opened with: how much it keeps in memory, and where it spills.

    Args:
        spill: A folder for what doesn't fit; by default beside the database file.
    """
    return {"memory_limit": memory_limit(), **({"temp_directory": str(spill)} if spill else {})}


def memory_limit() -> str:
    """Read what DuckDB may keep in memory.

    Raises:
        UsageError: DuckDB does not understand it.
    """
    return _understood(os.environ.get(MEMORY, "").strip() or "4GB")


@cache
def _understood(limit: str) -> str:
    try:
        duckdb.connect(config={"memory_limit": limit}).close()
    except duckdb.Error:
        raise UsageError(f"{MEMORY} is {limit!r}; it takes an amount such as 4GB") from None
    return limit


class AnxinError(Exception):
    """A failure that the user can act on; the message says what happened and what to do."""

    exit_code = 1


class UsageError(AnxinError):
    """The command or its arguments are wrong; nothing was done."""

    exit_code = 2


@dataclass(frozen=True)
class Home:
    """Paths below `ANXIN_HOME`. Nothing is written elsewhere."""

    root: Path

    @classmethod
    def from_environment(cls) -> Home:
        """Read `ANXIN_HOME`; the default is `var/` in the current folder."""
        return cls(Path(os.environ.get("ANXIN_HOME") or "var").resolve())

    def create(self) -> Home:
        """Make the folders that every command may count on, and return self.

        All but what is served may hold personal data, so other users can't enter it. What a folder
        that is there allows to its group stays.
        """
        private = (self.landing, self.evidence, self.logs, self.exports, self.dagster)
        for folder in (*private, self.dbt_target.parent):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _take(folder, 0o007)
        for folder in (self.serving, self.generations):
            if not folder.exists():
                folder.mkdir(parents=True)
                folder.chmod(0o755)
        _take(self.docs, 0o007)
        _take(self.warehouse, 0o077)
        return self

    @property
    def landing(self) -> Path:
        """Delivered files: `<source>/<feed>/dt=YYYY-MM-DD/<file>`."""
        return self.root / "landing"

    @property
    def evidence(self) -> Path:
        """Accepted content by SHA-256; survives corrections in the landing."""
        return self.root / "evidence"

    @property
    def warehouse(self) -> Path:
        """Raw, staging and intermediate tables; written by one process at a time."""
        return self.root / "warehouse.duckdb"

    @property
    def marts_next(self) -> Path:
        """The clone of the published file that a run edits."""
        return self.root / "marts-next.duckdb"

    @property
    def serving(self) -> Path:
        """What readers may open."""
        return self.root / "serving"

    @property
    def published(self) -> Path:
        """The published marts, replaced by one rename."""
        return self.serving / "marts.duckdb"

    @property
    def generations(self) -> Path:
        """Hard links to the last published files."""
        return self.serving / "generations"

    @property
    def exports(self) -> Path:
        """Workbooks and CSV files made for people."""
        return self.root / "exports"

    @property
    def dagster(self) -> Path:
        """DAGSTER_HOME: run history and event logs."""
        return self.root / "dagster"

    @property
    def dbt_target(self) -> Path:
        """Target folder of dbt: manifest, compiled SQL, run results."""
        return self.root / "dbt" / "target"

    @property
    def docs(self) -> Path:
        """Data Docs of the audits."""
        return self.root / "data_docs"

    @property
    def model_docs(self) -> Path:
        """Documentation of the models by dbt."""
        return self.root / "model_docs"

    @property
    def logs(self) -> Path:
        """Structured logs, one JSON object per line."""
        return self.root / "logs"

    @property
    def lock_file(self) -> Path:
        """Taken by every writer; holds who it is."""
        return self.root / "writer.lock"

    @property
    def status_file(self) -> Path:
        """What the current or last run does, replaced atomically."""
        return self.root / "status.json"

    @property
    def books_file(self) -> Path:
        """How the deliveries stood when the last run ended, replaced atomically."""
        return self.root / "deliveries.json"

    @property
    def unfinished_erasure(self) -> Path:
        """There while files may still hold what an erasure took out of the raw tables."""
        return self.root / "erasure-unfinished"

    @property
    def verification(self) -> Path:
        """Home of the rebuild that a verification compares with; gone when it ends."""
        return self.root / "verify"

    @property
    def customer_key_file(self) -> Path:
        """The key of the customer pseudonyms, mode 0600."""
        return self.root / "customer.key"


def _take(path: Path, rights: int) -> None:
    """Take rights from a file or folder, if it is there and belongs to who runs this."""
    with suppress(OSError):
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & rights:
            path.chmod(mode & ~rights)
