"""Makes the truth: subject by subject, the orders chunk by chunk of days."""

from __future__ import annotations

from pathlib import Path

import duckdb

from simulator.contract import SEEDS
from simulator.parameters import Parameters
from simulator.world.calibration import calibrate, calibrate_claims

HERE = Path(__file__).parent
TABLES = ("segments", "boosts", "calibrations", "cities")


def make_world(connection: duckdb.DuckDBPyConnection, parameters: Parameters) -> None:
    """Fill schema truth with the complete lives of everything but the money trail.

    Args:
        connection: Its main database takes the schemas `truth` and `plan`.
        parameters: Size, seed and span; at least 1,000 lines.
    """
    connection.execute("create schema if not exists truth; create schema if not exists plan")
    _set_variables(connection, parameters)
    _read_parameters(connection, parameters)
    for subject in ("00_tables", "01_draws", "02_calendar", "03_specials"):
        _run(connection, subject)
    calibrate(connection)
    _plan(connection)
    calibrate_claims(connection, parameters)
    _run(connection, "07_customers")
    # A join keeps the order of its left side as long as it is not turned round.
    connection.execute("set disabled_optimizers = 'join_order,build_side_probe_side'")
    for chunk in _chunks(connection):
        _draft(connection, f"chunk = {chunk}")
        for subject in (
            "10_orders",
            "11_first_claims",
            "12_claim_lives",
            "13_second_claims",
            "12_claim_lives",
            "14_service",
        ):
            _run(connection, subject)
    connection.execute("reset disabled_optimizers")
    for subject in ("15_merchants_products", "16_creators_sessions", "17_ads_rights"):
        _run(connection, subject)
    for table in ("skeleton", "draft", "claim_plan", "claim_lives", "joiners"):
        connection.execute(f"drop table if exists temp.{table}")


def _run(connection: duckdb.DuckDBPyConnection, subject: str) -> None:
    connection.execute((HERE / "sql" / f"{subject}.sql").read_text(encoding="utf-8"))


def _set_variables(connection: duckdb.DuckDBPyConnection, parameters: Parameters) -> None:
    """Set what the SQL reads with getvariable; counts scale with the size."""
    scale = parameters.scale
    span = (parameters.to_date - parameters.from_date).days + 1
    loyal_customers = max(3, round(2000 * scale))
    rooms = round(150 * scale)
    local_products = max(4, round(223_000 * scale))
    values: dict[str, object] = {
        "seed": parameters.seed,
        "lines": parameters.lines,
        "scale": scale,
        "from_date": parameters.from_date,
        "to_date": parameters.to_date,
        "span": span,
        "loyal_customers": loyal_customers,
        "customers": max(5, parameters.lines // 5 - loyal_customers - 3),
        "rooms": max(1, rooms) if parameters.lines >= 1_000_000 else rooms,
        "rooms_over_100m": round(12 * scale),
        "local_products": local_products,
        "local_fresh_products": local_products * 2 // 5,
        "merchants_2020": round(30_000 * scale),
    }
    for name, value in values.items():
        connection.execute(f"set variable {name} = $1", [value])


def _read_parameters(connection: duckdb.DuckDBPyConnection, parameters: Parameters) -> None:
    for table in TABLES:
        connection.execute(
            f"create or replace table plan.{table} as from read_csv('{HERE / table}.csv')"
        )
    connection.execute("alter table plan.segments add column segment_no bigint")
    connection.execute("update plan.segments set segment_no = rowid")
    for table, file in (("campaigns", "campaigns"), ("anchors", "calendar_anchors")):
        connection.execute(
            f"create or replace table plan.{table} as from read_csv('{SEEDS / file}.csv')"
        )
    connection.execute(
        "create or replace table truth.parameters as select $1::date as from_date,"
        " $2::date as to_date, $3::timestamp as end_at, $4::bigint as days, $5::bigint as lines,"
        " $6::double as scale, $7::bigint as seed",
        [
            parameters.from_date,
            parameters.to_date,
            parameters.end_at,
            parameters.days,
            parameters.lines,
            parameters.scale,
            parameters.seed,
        ],
    )
    connection.execute(
        "create or replace table truth.source_parameters as"
        " select parameter_name, parameter_value, $1::timestamp as updated_at"
        " from (values ('lines', $2::varchar), ('scale', $3::varchar), ('seed', $4::varchar),"
        " ('from_date', $5::varchar)) as t (parameter_name, parameter_value)",
        [
            parameters.start_at,
            str(parameters.lines),
            str(parameters.scale),
            str(parameters.seed),
            str(parameters.from_date),
        ],
    )


def _plan(connection: duckdb.DuckDBPyConnection) -> None:
    for subject in ("04_cells", "05_merchants", "06_sessions"):
        _run(connection, subject)
    connection.execute("set variable orders = (select sum(orders)::bigint from plan.cells)")


def _draft(connection: duckdb.DuckDBPyConnection, condition: str) -> None:
    """Draw up the orders of the cells that a condition chooses."""
    connection.execute(
        "create or replace temp table skeleton as"
        f" select *, unnest(range(orders)) as nth from plan.cells where {condition}"
    )
    _run(connection, "08_draft_goods")
    _run(connection, "09_draft_times")


def _chunks(connection: duckdb.DuckDBPyConnection) -> list[int]:
    rows = connection.execute("select distinct chunk from plan.cells order by chunk").fetchall()
    return [row[0] for row in rows]
