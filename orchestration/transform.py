"""Run dbt inside this process: build the models in the warehouse and in the clone of the marts."""

from __future__ import annotations

import gc
import hashlib
import json
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, cast

import duckdb

from orchestration.home import MEMORY, PROJECT, WRITING, AnxinError, Home, memory_limit
from orchestration.idle import Books, RawHeads, idle_left_alone
from orchestration.interrupts import HeldBack

if TYPE_CHECKING:
    from dbt.cli.main import dbtRunnerResult
    from dbt.contracts.graph.manifest import Manifest
    from dbt_common.events.base_types import EventMsg

logger = logging.getLogger(__name__)

MARTS = "marts"
"""Name of the database of the published tables."""
CHANGES = "changes"
"""Schema of the change logs, beside which these tables stand in it."""
BOOKS = ("marks", "heads", "loaded", "built", "audited")
DBT_LEFTOVER = "__dbt_"
"""What follows a model's name in those of the tables that dbt builds it beside."""
CODE_FOLDERS = ("models", "macros", "seeds", "tests/dbt")
MANIFEST = "manifest.json"
MANIFEST_CODE = "manifest.code"
"""File that holds the fingerprint of the code which the manifest beside it is of."""


class TransformError(AnxinError):
    """A model or a data test failed; the marts are not published."""


@dataclass(frozen=True)
class NodeResult:
    """How one dbt node ended.

    `seconds` is wall time, `failures` counts the failing rows of a test, and `compiled_code` is
    the SQL that lists them.
    """

    unique_id: str
    name: str
    resource_type: str
    status: str
    message: str
    seconds: float
    failures: int | None
    compiled_code: str | None

    @property
    def succeeded(self) -> bool:
        """Whether the node passed, only warned, or was idle."""
        return self.status in ("success", "pass", "warn", "no-op")

    @property
    def is_current(self) -> bool:
        """Whether a model's table is right now: it was built, or there was nothing to build."""
        return self.status in ("success", "no-op")

    @property
    def ran(self) -> bool:
        """Whether anything was done: the node was neither skipped nor idle."""
        return self.status not in ("skipped", "no-op")


@dataclass(frozen=True)
class TransformResult:
    """All nodes of one dbt command, in order of completion."""

    nodes: list[NodeResult] = field(default_factory=list)

    @property
    def failed(self) -> list[NodeResult]:
        """Nodes that failed or errored; those skipped because of them are not among them."""
        return [node for node in self.nodes if not node.succeeded and node.status != "skipped"]


def code_fingerprint() -> str:
    """SHA-256 over everything that decides what dbt builds: models, macros, seeds, tests."""
    digest = hashlib.sha256()
    files = [PROJECT / "dbt_project.yml", PROJECT / "profiles.yml"]
    for folder in CODE_FOLDERS:
        files += sorted(path for path in (PROJECT / folder).rglob("*") if path.is_file())
    for path in files:
        digest.update(f"{path.relative_to(PROJECT).as_posix()}\0{path.stat().st_size}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def fingerprint(warehouse: duckdb.DuckDBPyConnection) -> str:
    """Hash of all that decides what is built from the same raw rows.

    Besides the code: which warehouse it is, the sources' time zones and currencies, and the key of
    the pseudonyms.
    """
    settings = warehouse.execute(_SETTINGS).fetchall()
    return hashlib.sha256(f"{code_fingerprint()} {settings}".encode()).hexdigest()


def build(
    home: Home,
    *,
    select: str | None = None,
    full_refresh: bool = False,
    only_changes: bool = False,
    on_node: Callable[[NodeResult], None] | None = None,
) -> TransformResult:
    """Build models and run their data tests; both databases are closed when it returns.

    `only_changes` leaves out what nothing but new code can change, seeds and views, and leaves
    models without anything new to read alone.
    """
    arguments = ["build", "--no-write-json", "--exclude-resource-type", "unit_test"]
    if only_changes:
        arguments += ["--exclude-resource-type", "seed", "--exclude", "config.materialized:view"]
    if select:
        arguments += ["--select", *select.split()]
    if full_refresh:
        arguments += ["--full-refresh"]
    return invoke(home, arguments, on_node=on_node, leave_idle=only_changes)


def selected(home: Home, select: str) -> list[str]:
    """Return the unique ids of the models and seeds that a dbt selection names.

    Raises:
        TransformError: dbt does not understand the selection, or the project doesn't parse.
    """
    from dbt.cli.main import dbtRunner

    kinds = ("--resource-type", "model", "--resource-type", "seed")
    arguments = ["ls", "--select", *select.split(), *kinds, "--output", "json"]
    with _environment(home):
        try:
            outcome = dbtRunner(_parse(home)).invoke(
                [
                    *(*arguments, "--output-keys", "unique_id", "--log-level", "none"),
                    *_global_arguments(home),
                ]
            )
        finally:
            _close_databases(home)
    if not outcome.success:
        raise TransformError(f"the selection {select!r} could not be read: {outcome.exception}")
    lines = outcome.result if isinstance(outcome.result, list) else []
    return [json.loads(line)["unique_id"] for line in lines]


def invoke(
    home: Home,
    arguments: list[str],
    *,
    on_node: Callable[[NodeResult], None] | None = None,
    leave_idle: bool = False,
) -> TransformResult:
    """Run one dbt command in this process; `leave_idle` as in `idle.idle_left_alone`.

    An interruption is raised when dbt's threads have ended and both databases are closed.

    Raises:
        TransformError: dbt could not start, or the project doesn't parse.
    """
    from dbt.cli.main import dbtRunner

    nodes: list[NodeResult] = []

    def record(event: EventMsg) -> None:
        if event.info.name != "NodeFinished":
            return
        nodes.append(_from_event(event))
        if on_node:
            on_node(nodes[-1])

    idle = idle_left_alone() if leave_idle else nullcontext()
    with _environment(home), idle, HeldBack() as interruptions:
        try:
            with interruptions.told_at_once():
                outcome = dbtRunner(_parse(home), callbacks=[record]).invoke(
                    [*arguments, *_global_arguments(home)],
                )
        finally:
            _close_databases(home)
    _require_ended(outcome)
    return TransformResult(_with_details(outcome, nodes))


def manifest(home: Home) -> dict[str, Any]:
    """Read the manifest of today's code, parsing the project if there is none."""
    if not has_manifest(home):
        with _environment(home):
            _parse(home)
    return kept_manifest(home)


def has_manifest(home: Home) -> bool:
    """Whether the manifest of today's code is kept."""
    return _keeps(home, code_fingerprint())


def kept_manifest(home: Home) -> dict[str, Any]:
    """Read the manifest of the code that ran last; another may have been deployed since."""
    return dict(json.loads((home.dbt_target / MANIFEST).read_text()))


def _keeps(home: Home, code: str) -> bool:
    try:
        is_of_code = (home.dbt_target / MANIFEST_CODE).read_text() == code
    except FileNotFoundError:
        return False
    return is_of_code and (home.dbt_target / MANIFEST).exists()


def _parse(home: Home) -> Manifest:
    """Parse the project, once per process and state of the code; the home keeps the manifest.

    Raises:
        TransformError: The project doesn't parse.
    """
    from dbt.cli.main import dbtRunner

    code = code_fingerprint()
    if code in _PARSED:
        _PARSED[code].build_flat_graph()  # what `graph` is in macros, which note things in it
    else:
        outcome = dbtRunner().invoke(["parse", "--no-write-json", *_global_arguments(home)])
        _require_ended(outcome)
        _PARSED.clear()
        _PARSED[code] = cast("Manifest", outcome.result)
    _keep_manifest(home, _PARSED[code], code)
    return _PARSED[code]


_PARSED: dict[str, Manifest] = {}


def _keep_manifest(home: Home, parsed: Manifest, code: str) -> None:
    """Write the manifest unless that of this code stands there; dbt would in every build."""
    from dbt.parser.manifest import write_manifest

    if _keeps(home, code):
        return
    of_code = home.dbt_target / MANIFEST_CODE
    home.dbt_target.mkdir(parents=True, exist_ok=True)
    of_code.unlink(missing_ok=True)
    with TemporaryDirectory(prefix=WRITING.format(pid=os.getpid()), dir=home.dbt_target) as folder:
        write_manifest(parsed, folder)
        for path in Path(folder).iterdir():
            path.replace(home.dbt_target / path.name)  # at once, for whoever just reads it
    of_code.write_text(code)


def restating_models(home: Home) -> dict[str, dict[str, Any]]:
    """Name, database and inputs of every model that refreshes through the change log.

    Each input comes with the unique ids of what it reads itself.
    """
    return _restating(manifest(home)["nodes"])


def _restating(nodes: dict[str, Any]) -> dict[str, dict[str, Any]]:
    ids = {node["name"]: id_ for id_, node in nodes.items() if node["resource_type"] == "model"}
    return {
        name: {
            "database": nodes[id_]["database"],
            "inputs": {
                input_: nodes[ids[input_]]["depends_on"]["nodes"]
                for input_ in nodes[id_]["config"]["meta"]["restate"]["affected_by"]
            },
        }
        for name, id_ in ids.items()
        if "restate" in nodes[id_]["config"]["meta"]
    }


def drop_orphans(home: Home) -> list[str]:
    """Drop what models and seeds left behind that the project no longer has; return the names.

    What the books do not know is somebody else's, and stays.
    """
    nodes = [
        node
        for node in kept_manifest(home)["nodes"].values()
        if node["resource_type"] in ("model", "seed")
    ]
    dropped = []
    for database, path in ((home.warehouse.stem, home.warehouse), (MARTS, home.marts_next)):
        mine = [node for node in nodes if node["database"] == database]
        expected = {(node["schema"], node["alias"]) for node in mine}
        expected |= {(CHANGES, name) for name in (*BOOKS, *(node["name"] for node in mine))}
        with duckdb.connect(str(path)) as connection:
            dropped += [f"{database}.{name}" for name in _drop_all_but(connection, expected)]
    for name in dropped:
        logger.warning("dropped what the project no longer has", extra={"note": name})
    return dropped


def _drop_all_but(
    connection: duckdb.DuckDBPyConnection, expected: set[tuple[str, str]]
) -> list[str]:
    """Drop the relations of a database that its books know and nobody expects, and their entries.

    `heads` knows all models but the views on raw, which `loaded` knows like the seeds; it stands in
    the warehouse alone.
    """
    books = {"heads": "model", "loaded": "name", "marks": "model"}
    relations = connection.execute(_RELATIONS).fetchall()
    books = {book: key for book, key in books.items() if (CHANGES, book, "table") in relations}
    made = " union ".join(f"select {key} from {CHANGES}.{book}" for book, key in books.items())
    known = {name for (name,) in connection.execute(made).fetchall()}
    orphans = [
        row
        for row in relations
        if row[:2] not in expected and row[1].partition(DBT_LEFTOVER)[0] in known
    ]
    connection.execute("begin")
    for schema, name, kind in orphans:
        connection.execute(f'drop {kind} "{schema}"."{name}"')
    for name in {name for _, name, _ in orphans} - {name for _, name in expected}:
        for book, key in books.items():
            connection.execute(f"delete from {CHANGES}.{book} where {key} = $1", [name])
    connection.execute("commit")
    return [f"{schema}.{name}" for schema, name, _ in orphans]


def stale_models(home: Home, marts: Path) -> list[str]:
    """Models that have not seen every change of an input, as `model <- input`.

    Only a graph without any may be published.
    """
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"attach {_quoted(home.warehouse)} as warehouse (read_only)")
        connection.execute(f"attach {_quoted(marts)} as marts (read_only)")

        def rows(query: str) -> list[tuple[Any, ...]]:
            return connection.execute(query).fetchall()

        raw = RawHeads.read(rows, "warehouse")
        books = Books.read(rows, "warehouse", "marts")
    return sorted(
        f"{model} <- {name}"
        for model, about in _restating(kept_manifest(home)["nodes"]).items()
        for name in books.unread(raw, model, about["inputs"])
    )


def note_audited(home: Home) -> None:
    """Note in the clone how far every model's log had come when its audits held.

    The data tests of a later run read what changed since; see macros/restate/unaudited.sql.
    """
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"attach {_quoted(home.warehouse)} as warehouse (read_only)")
        connection.execute(f"attach {_quoted(home.marts_next)} as marts")
        connection.execute(NOTE_AUDITED.format(warehouse="warehouse", marts="marts"))


NOTE_AUDITED = """
create or replace table {marts}.changes.audited as
select model, seq from {warehouse}.changes.heads
union all
select model, seq from {marts}.changes.heads
"""

_SETTINGS = """
select source, time_zone, currency_code from raw.sources
union all
select 'warehouse', max(warehouse_id), null from raw.warehouse
union all
select 'customer key', max(key_id), null from raw.customer_pseudonyms
order by all
"""

_RELATIONS = """
select table_schema, table_name, case table_type when 'VIEW' then 'view' else 'table' end
from information_schema.tables
where table_catalog = current_database() and table_schema not in ('raw', 'meta')
"""


def _global_arguments(home: Home) -> list[str]:
    return [
        *("--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)),
        *("--target-path", str(home.dbt_target), "--log-path", str(home.logs)),
        *("--log-level", "none", "--log-level-file", "info", "--no-print"),
    ]


@contextmanager
def _environment(home: Home) -> Iterator[None]:
    """Point dbt's profile at this home and keep its telemetry off."""
    wanted = {
        "ANXIN_HOME": str(home.root),
        "ANXIN_TARGET": "local",
        MEMORY: memory_limit(),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DO_NOT_TRACK": "1",
    }
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _close_databases(home: Home) -> None:
    """Close what dbt leaves open, so that both files are whole and have no WAL."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.adapters.factory import reset_adapters

    environment = DuckDBConnectionManager._ENV
    if environment is not None:
        environment.close()
    DuckDBConnectionManager.close_all_connections()
    reset_adapters()
    gc.collect()
    for database in (home.warehouse, home.marts_next):
        wal = database.with_name(database.name + ".wal")
        if wal.exists():
            # Opening and closing replays and checkpoints what an aborted statement left.
            duckdb.connect(str(database)).close()
        if wal.exists():
            raise TransformError(f"{wal} is still there after dbt has closed the database")


def _from_event(event: EventMsg) -> NodeResult:
    data = event.data
    return NodeResult(
        unique_id=data.node_info.unique_id,
        name=data.node_info.node_name,
        resource_type=data.node_info.resource_type,
        status=data.run_result.status,
        message=data.run_result.message,
        seconds=data.run_result.execution_time,
        failures=data.run_result.num_failures or None,
        compiled_code=None,
    )


def _require_ended(outcome: dbtRunnerResult) -> None:
    """Raise what stopped dbt before it came to its end: what it did until then is not all."""
    if isinstance(outcome.exception, Exception):
        raise TransformError(f"dbt could not run: {outcome.exception}") from outcome.exception
    if outcome.exception is not None:
        raise outcome.exception  # Ctrl-C, which dbt hands back as a result


def _with_details(outcome: dbtRunnerResult, nodes: list[NodeResult]) -> list[NodeResult]:
    """Prefer dbt's own results: they also hold the compiled SQL, and nodes that were skipped."""
    results = getattr(outcome.result, "results", None)
    if results is None:
        return nodes
    return [
        NodeResult(
            unique_id=result.node.unique_id,
            name=result.node.name,
            resource_type=str(result.node.resource_type),
            status=str(result.status),
            message=result.message or "",
            seconds=result.execution_time,
            failures=result.failures,
            compiled_code=getattr(result.node, "compiled_code", None),
        )
        for result in results
    ]


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
