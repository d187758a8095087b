"""What a run did, kept as `logs/runs/<run_id>.json`, and its verdicts for the published file."""

from __future__ import annotations

import glob
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration.home import Home, UsageError
from orchestration.publishing import AuditRow
from orchestration.publishing.files import write_atomically
from orchestration.quality.results import AuditResult

if TYPE_CHECKING:
    import duckdb
    from _typeshed import DataclassInstance

    from orchestration.transform import NodeResult

IDLE = ("nothing_new", "paused")
"""Outcomes of runs that built nothing."""
FAILING_ROWS = 100
"""Failing rows of a data test that a record keeps."""


@dataclass
class RunRecord:
    """What a run did; seconds are wall time by step, `audits` those that did not hold."""

    run_id: str
    started_at: datetime
    outcome: str = "running"
    message: str = ""
    ingested: dict[str, Any] = field(default_factory=dict)
    accepted: list[int] = field(default_factory=list)
    held: dict[int, str] = field(default_factory=dict)
    nodes: list[dict[str, Any]] = field(default_factory=list)
    audits: list[dict[str, Any]] = field(default_factory=list)
    failing_rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    generation_id: int | None = None
    seconds: dict[str, float] = field(default_factory=dict)

    def add_nodes(self, nodes: Iterable[NodeResult]) -> None:
        """Note how dbt's nodes ended, without their SQL."""
        for node in nodes:
            self.nodes.append({k: v for k, v in plain(node).items() if k != "compiled_code"})

    def add_audits(self, stage: str, results: Iterable[AuditResult]) -> None:
        """Note the verdicts that did not hold."""
        self.audits += [
            {"stage": stage, **plain(result)} for result in results if not result.success
        ]

    def save(self, home: Home) -> None:
        """Write the record, replacing an earlier state of it."""
        folder = _folder(home)
        folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps(asdict(self), ensure_ascii=False, default=_as_text, indent=1)
        write_atomically(folder / f"{self.run_id}.json", text)


def read(home: Home, run_id: str | None = None) -> dict[str, Any]:
    """Read the record of a run.

    Args:
        home: Whose run.
        run_id: Its id, or how it begins; by default the last run that built something, or in
            which an audit did not hold.

    Raises:
        UsageError: There is no such run.
    """
    newest_first = sorted(
        _folder(home).glob(f"{glob.escape(run_id or '')}*.json"),
        key=lambda path: path.stat().st_mtime,
        reverse=True,
    )
    for path in newest_first:
        record = load(path)
        if record and (run_id or record["nodes"] or record["audits"]):
            return record
    which = f"run {run_id}" if run_id else "a run that has built or audited"
    raise UsageError(f"there is no record of {which} in {_folder(home)}")


def load(path: Path) -> dict[str, Any] | None:
    """Read the file of a record; None if a power cut has left none or half of it."""
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except ValueError:
        return None


def audit_rows(stage: str, results: Iterable[AuditResult]) -> Iterator[AuditRow]:
    """Verdicts as the published file shows them.

    What failed is listed one by one; what held of many deliveries is counted by rule, so that
    the table stays small.
    """
    now = datetime.now(UTC).replace(tzinfo=None)
    held: Counter[AuditRow] = Counter()
    for result in results:
        is_counted = result.success and result.delivery_id is not None
        row = AuditRow(
            stage=stage,
            delivery_id=None if is_counted else result.delivery_id,
            table_name=result.table,
            expectation=result.expectation,
            column_name=result.column,
            severity=result.severity,
            success=result.success,
            observed=None if is_counted else result.observed,
            unexpected_count=result.unexpected_count,
            checked_at=now,
        )
        if is_counted:
            held[row] += 1
        else:
            yield row
    for row, count in held.items():
        yield AuditRow(**{**asdict(row), "observed": f"held for {count} deliveries"})


def node_audit(node: NodeResult) -> AuditResult:
    """A dbt data test as an audit result, so that both kinds are listed alike."""
    return AuditResult(
        table=node.unique_id,
        expectation="dbt data test",
        rule=node.name,
        column=None,
        severity="warning" if node.status == "warn" else "critical",
        success=node.status == "pass",
        observed=node.message,
        unexpected_count=node.failures or 0,
    )


def failing_rows(connection: duckdb.DuckDBPyConnection, node: NodeResult) -> list[dict[str, Any]]:
    """The first rows that a data test finds, as text."""
    cursor = connection.execute(f"select * from ({node.compiled_code}) limit {FAILING_ROWS}")
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, map(str, row), strict=True)) for row in cursor.fetchall()]


def plain(value: DataclassInstance) -> dict[str, Any]:
    """A dataclass as JSON-able data."""
    return dict(json.loads(json.dumps(asdict(value), default=_as_text)))


def _folder(home: Home) -> Path:
    return home.logs / "runs"


def _as_text(value: object) -> str:
    return value.isoformat() if isinstance(value, (datetime, date)) else str(value)
