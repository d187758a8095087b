"""What recomputing a range of dates would touch: read, never changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import duckdb

from orchestration import records, transform
from orchestration.home import Home, UsageError
from orchestration.publishing.generations import quoted

FIXED_STEPS = ("clone", "audit marts", "docs", "publish")
"""Steps of a run whose time hardly depends on how much is recomputed."""


@dataclass(frozen=True)
class PlannedModel:
    """What would be recomputed of one model.

    Attributes:
        model: Its name.
        unit: The column that it is rebuilt by.
        units: How many units the range maps to.
        rows: Its present rows in these units.
        table_rows: All its present rows.
        seconds: Estimated time; None while no run has recorded any.
    """

    model: str
    unit: str
    units: int
    rows: int
    table_rows: int
    seconds: float | None


@dataclass(frozen=True)
class Plan:
    """What a backfill would do. Rows that come out as they are now spread no further.

    Attributes:
        from_date: First business date.
        to_date: Last business date.
        dates: Those of the range with sales or refunds.
        models: In the order in which they are built.
        seconds: Estimated time of the whole run; None while no run has recorded any.
        closed_periods: Closed months that the range touches.
    """

    from_date: date
    to_date: date
    dates: list[date]
    models: list[PlannedModel]
    seconds: float | None
    closed_periods: list[str] = field(default_factory=list)


def require_models(home: Home, selection: str | None) -> None:
    """Refuse a selection that names something else than models which dates can be recomputed in.

    Raises:
        UsageError: It does, or names nothing.
    """
    if selection is None:
        return
    names = set(selection.split())
    if not names:
        raise UsageError("the selection names no model; without one, all are recomputed")
    if unknown := names - set(transform.restating_models(home)):
        raise UsageError(f"there is no model {', '.join(sorted(unknown))} to recompute")


def plan(home: Home, first: date, last: date, selection: str | None = None) -> Plan:
    """Count what a backfill of a range would recompute.

    Args:
        home: Whose marts; the caller holds the writer lock, or knows that nobody writes.
        first: First business date.
        last: Last business date, included.
        selection: Names of the models, parted by spaces; None for all.

    Raises:
        UsageError: The range is empty, a name is no restating model's, nothing is published, or
            what is published was built by other code.
    """
    if last < first:
        raise UsageError(f"the range from {first} to {last} holds no date")
    require_models(home, selection)
    nodes, names = _restating_nodes(home), (selection or "").split()
    if not home.published.exists():
        raise UsageError(f"nothing is published in {home.root} yet: `anxin run` does it")
    timings = list(_timings(home))
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"attach '{quoted(home.published)}' as marts (read_only)")
        relations = {
            node["name"]: f'"{node["database"]}"."{node["schema"]}"."{node["alias"]}"'
            for node in nodes
        }
        try:
            models = [
                _planned(connection, node, relations, first, last, timings)
                for node in nodes
                if (not names or node["name"] in names) and _inputs(node)
            ]
        except (duckdb.CatalogException, duckdb.BinderException) as error:
            raise UsageError(
                "what is published was built by other code, so that the cost of a backfill by this"
                " one is not known: `anxin run` first, or after a rollback `anxin publish`."
                f" {str(error).partition(chr(10))[0]}"
            ) from error
        dates = connection.execute(_DATES, [first, last]).fetchall()
        closed = _closed_periods(connection, first, last)
    known = [model.seconds for model in models if model.seconds is not None]
    fixed = [sum(run["seconds"].get(step, 0) for step in FIXED_STEPS) for run in timings[:1]]
    return Plan(
        from_date=first,
        to_date=last,
        dates=[row[0] for row in dates],
        models=models,
        seconds=round(sum(known) + fixed[0], 1) if known else None,
        closed_periods=closed,
    )


_DATES = """
select distinct business_date
from marts.sales.agg_sales_daily
where business_date between $1 and $2
order by business_date
"""


_CLOSED = """
select period
from raw.period_closes
where period between strftime($1::date, '%Y-%m') and strftime($2::date, '%Y-%m')
group by period
having arg_max(event, change_seq) = 'closed'
order by period
"""


def _closed_periods(connection: duckdb.DuckDBPyConnection, first: date, last: date) -> list[str]:
    """Months (`YYYY-MM`) of the range whose newest event in `raw.period_closes` closed them.

    A warehouse without that table has closed nothing.
    """
    exists = connection.execute(
        "from duckdb_tables() where database_name = current_database()"
        " and schema_name = 'raw' and table_name = 'period_closes'"
    ).fetchall()
    if not exists:
        return []
    return [period for (period,) in connection.execute(_CLOSED, [first, last]).fetchall()]


def _restating_nodes(home: Home) -> list[dict[str, Any]]:
    """Models in graph order."""
    nodes = {
        id_: node
        for id_, node in transform.manifest(home)["nodes"].items()
        if node["resource_type"] == "model" and "restate" in node["config"]["meta"]
    }
    placed: dict[str, dict[str, Any]] = {}
    while len(placed) < len(nodes):
        for id_, node in nodes.items():
            inputs = [on for on in node["depends_on"]["nodes"] if on in nodes]
            if id_ not in placed and all(on in placed for on in inputs):
                placed[id_] = node
    return list(placed.values())


def _inputs(node: dict[str, Any]) -> list[str]:
    """What a model reads; one that only reads seeds has nothing to recompute."""
    return list(node["config"]["meta"]["restate"]["affected_by"])


def _planned(
    connection: duckdb.DuckDBPyConnection,
    node: dict[str, Any],
    relations: dict[str, str],
    first: date,
    last: date,
    timings: list[dict[str, Any]],
) -> PlannedModel:
    unit, relation = node["config"]["meta"]["restate"]["by"], relations[node["name"]]
    row = connection.execute(
        f"""
        with {_requested(node, relations)}
        select
            (select count(*) from units),
            (select count(*) from {relation} semi join units on {unit} = units.unit),
            (select count(*) from {relation})""",
        [first, last],
    ).fetchone()
    units, rows, table_rows = row or (0, 0, 0)
    seconds = _seconds(node["name"], rows / table_rows if table_rows else 1.0, timings)
    return PlannedModel(node["name"], unit, units, rows, table_rows, seconds)


def _requested(node: dict[str, Any], relations: dict[str, str]) -> str:
    """CTEs up to `units(unit)`: what the model's own mapping makes of the range."""
    restate = node["config"]["meta"]["restate"]
    mapping = restate["recompute"]
    inputs = [name for name in _inputs(node) if mapping and name in mapping]
    if mapping is None:
        mapping = (
            "select unnest(generate_series(from_date, to_date, interval 1 day))::date"
            " from requested"
        )
    views = "".join(
        f", {name} as (from {relations.get(name, f'staging.{name}')})" for name in inputs
    )
    return (
        f"requested as (select $1::date as from_date, $2::date as to_date){views},"
        f" units as (select distinct unit from ({mapping}) as found (unit) where unit is not null)"
    )


def _timings(home: Home) -> Iterator[dict[str, Any]]:
    """Records of the kept runs that built models, the newest first."""
    paths = (home.logs / "runs").glob("*.json")
    for path in sorted(paths, key=lambda path: path.stat().st_mtime, reverse=True):
        record = records.load(path)
        if record and record["nodes"] and record["outcome"] not in (*records.IDLE, "failed"):
            yield record


def _seconds(model: str, share: float, timings: list[dict[str, Any]]) -> float | None:
    """Estimate a recompute: its quickest recorded build, plus its share of the slowest one."""
    spent = [
        float(node["seconds"])
        for run in timings
        for node in run["nodes"]
        if node["name"] == model and node["status"] == "success"
    ]
    if not spent:
        return None
    return round(min(spent) + share * (max(spent) - min(spent)), 2)
