"""What the demo shows: questions to the published file and the warehouse, and their answers."""

from __future__ import annotations

import os
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
from rich import box
from rich.table import Table

from orchestration.home import Home

if TYPE_CHECKING:
    from rich.console import Console

    from orchestration.demo import Demo

Rows = list[dict[str, Any]]

QUERIES = {
    "statuses": "select status, count(*) as files from marts.meta.deliveries group by all order by 2 desc",
    "not_accepted": """
        select status, path, status_reason as reason
        from marts.meta.deliveries where status <> 'accepted' order by status, path""",
    "quarantine": """
        select path, row_number, column_name, reason
        from warehouse.raw.quarantine order by path, row_number""",
    "gmv": """
        select
            case when business_date < '2021-08-01' then 'July' else business_date::varchar end as day,
            sum(paid_order_count)::bigint as orders, sum(gmv_amount) as gmv,
            sum(refunded_amount) as refunded, sum(net_cash_amount) as net
        from marts.sales.agg_sales_daily group by all order by min(business_date)""",
    "categories": """
        select category_id as category, strftime(business_date, '%m-%d') as day,
            sum(gmv_amount) as gmv
        from marts.sales.agg_gmv_daily where business_date >= '2021-08-01'
        group by all order by all""",
    "sessions": """
        select session_title as session, china(started_at) as started, paid_order_count as orders,
            view_count as views, gmv_amount as gmv, refunded_amount as refunded, gpm
        from marts.livestream.fct_livestream_sessions order by started_at""",
    "rights": """
        select coalesce(right_code, 'none') as code,
            coalesce(max(name_en), 'plain after-sale') as name, count(*) as claims,
            count(*) filter (where is_served) as served,
            count(*) filter (where is_refunded) as refunds, sum(refund_amount) as refunded
        from marts.core.fct_claims left join marts.core.dim_rights using (right_code)
        group by right_code order by right_code""",
    "windows": """
        select claim_id as claim, right_code as code, refund_amount as refunded,
            china(applied_at) as applied, is_inside_window as inside,
            apply_to_approve_seconds as approve, apply_to_refund_seconds as refund
        from marts.core.fct_claims where right_code in ('R6', 'R7') order by applied_at""",
    "cases": """
        select claims.claim_id as claim, claims.right_code as code, dim_rights.name_en as name,
            products.product_name as goods, lines.pay_amount as paid, claims.refund_amount as refunded,
            china(lines.received_at) as received, china(claims.applied_at) as applied,
            china(claims.window_ends_at) as window_ends, claims.is_eligible as eligible,
            date_sub('second', lines.received_at, claims.applied_at) as after_receipt,
            claims.apply_to_approve_seconds as approve, claims.apply_to_refund_seconds as refund,
            claims.return_to_refund_seconds as return_to_refund
        from marts.core.fct_claims as claims
        inner join marts.core.fct_order_lines as lines using (line_id)
        inner join marts.core.dim_products as products
            on claims.product_id = products.product_id and products.is_current
        inner join marts.core.dim_rights
            on claims.right_code = dim_rights.right_code and dim_rights.valid_to is null
        where (claims.right_code, claims.refund_amount) in (('R6', 368.00), ('R7', 1490.00))
        order by 2""",
    "audits": """
        select stage, count(*) filter (where success) as held,
            count(*) filter (where not success and severity = 'warning') as warnings,
            count(*) filter (where not success and severity = 'critical') as critical
        from marts.meta.audits group by all order by all""",
    "waiting": """
        select
            (select count(*) from warehouse.intermediate.int_claims_current
                anti join marts.core.fct_claims using (claim_id)) as claims,
            (select count(*) from warehouse.intermediate.int_order_lines_current
                anti join marts.core.fct_order_lines using (line_id)) as order_lines""",
}  # fmt: skip
"""Questions by name; `china()` turns UTC into Shanghai time."""

_CHINA = (
    "create temp macro china(moment) as timezone('Asia/Shanghai', timezone('UTC', moment))"
)


def collect(home: Home) -> dict[str, Rows]:
    """Ask the published file and the warehouse, both read-only."""
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        for path, alias in ((home.published, "marts"), (home.warehouse, "warehouse")):
            quoted = str(path).replace("'", "''")
            connection.execute(f"attach '{quoted}' as {alias} (read_only)")
        connection.execute(_CHINA)
        return {name: _rows(connection, query) for name, query in QUERIES.items()}


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> Rows:
    cursor = connection.execute(query)
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def show(home: Home, demo: Demo, out: Console) -> None:
    """Print everything; all tables fit 80 columns."""
    facts = demo.facts
    counts = ", ".join(f"{row['files']} {row['status']}" for row in facts["statuses"])
    out.print(f"\n[bold]Deliveries[/bold]: {counts}", highlight=False)
    out.print(_table(_shorter(facts["not_accepted"]), {"status": None, "path": None}))
    out.print("[bold]Quarantined rows[/bold]; the other rows of the file count")
    out.print(_table(_shorter(facts["quarantine"]), {"path": None}))
    _show_gmv(demo, out)
    out.print("[bold]GMV by category and day of August[/bold], CNY")
    out.print(_table(_pivot(facts["categories"])))
    out.print("[bold]Livestream sessions[/bold], started in Shanghai time; GPM = GMV per 1,000 views")
    out.print(_table(facts["sessions"], {"session": None}))
    out.print("[bold]Claims by right[/bold], CNY")
    out.print(_table(facts["rights"], {"name": None}))
    _show_claims(facts, out)
    _show_audits(demo, out)
    waiting, waited = facts["waiting"][0], demo.before["waiting"][0]
    out.print(
        f"Waiting for their order: {waiting['claims']} claims (before the corrections"
        f" {waited['claims']}), {waiting['order_lines']} order lines.\n"
    )
    _show_ways_on(home, out)


def _show_gmv(demo: Demo, out: Console) -> None:
    before = {row["day"]: row["gmv"] for row in demo.before["gmv"]}
    rows = [
        {
            "day": row["day"],
            "orders": row["orders"],
            "before": before.get(row["day"]),
            "GMV": row["gmv"],
            "refunded": row["refunded"],
            "net": row["net"],
        }
        for row in demo.facts["gmv"]
    ]
    out.print("[bold]Paid GMV by day[/bold], CNY; `before` is what stood before the corrections")
    out.print(_table(rows))


def _show_claims(facts: dict[str, Rows], out: Console) -> None:
    out.print("[bold]Claims for bad fruit (R6) and allergies (R7)[/bold], times since application")
    rows = [
        {**row, "approve": _span(row["approve"]), "refund": _span(row["refund"])}
        for row in facts["windows"]
    ]
    out.print(_table(rows))
    out.print("[bold]The two cases[/bold]")
    table = Table(box=box.SIMPLE_HEAD, show_header=False, pad_edge=False)
    for title, values in _case_lines(facts["cases"]):
        table.add_row(title, *values)
    out.print(table)


def _case_lines(cases: Rows) -> list[tuple[str, list[str]]]:
    spans = {"after_receipt", "approve", "refund", "return_to_refund"}
    titles = {
        "claim": "claim", "goods": "goods", "name": "right", "received": "received",
        "applied": "applied", "after_receipt": "after receipt", "window_ends": "window ends",
        "eligible": "eligible", "approve": "approved after", "refund": "refunded after",
        "return_to_refund": "return to refund", "paid": "paid", "refunded": "refunded",
    }  # fmt: skip
    return [
        (title, [_span(case[key]) if key in spans else _cell(case[key]) for case in cases])
        for key, title in titles.items()
    ]


def _show_audits(demo: Demo, out: Console) -> None:
    out.print("[bold]Audits[/bold]")
    out.print(_table(demo.audits, {"stage": None}))
    for number, record in enumerate(demo.runs, 1):
        for audit in record.audits:
            said = f"run {number}, {audit['severity']}: {audit['table']}: {audit['rule']}"
            out.print(f"{said} ({audit['observed']})", markup=False, highlight=False)
    out.print()


def _show_ways_on(home: Home, out: Console) -> None:
    published = _relative(home.published)
    ways = (
        ("The published file, open to any reader at any time:", published),
        ("With the DuckDB CLI:", f"duckdb -readonly {published} 'from sales.agg_gmv_daily'"),
        (
            "With Python:",
            "python -c \"import duckdb; duckdb.connect('"
            f"{published}', read_only=True).sql('from core.fct_claims').show()\"",
        ),
        ("Dagster at http://127.0.0.1:3000:", "anxin ui"),
        ("What waits for a decision, and how to decide:", "anxin status; anxin release --help"),
    )
    for title, command in ways:
        out.print(title, style="bold", highlight=False)
        out.print(f"  {command}", soft_wrap=True, markup=False, highlight=False)


def _relative(path: Path) -> str:
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("..") else relative


def _shorter(rows: Rows) -> Rows:
    """Leave the source out of paths: there is only one."""
    return [{**row, "path": row["path"].removeprefix("native/")} for row in rows]


def _pivot(rows: Rows) -> Rows:
    """Turn days into columns, with a sum for each category."""
    days = sorted({row["day"] for row in rows})
    table: dict[str, dict[str, Any]] = {}
    for row in rows:
        line = table.setdefault(row["category"], {"category": row["category"], **dict.fromkeys(days)})
        line[row["day"]] = row["gmv"]
    for line in table.values():
        line["sum"] = sum(line[day] or 0 for day in days)
    return list(table.values())


def _table(rows: Rows, wrapped: dict[str, None] | None = None) -> Table:
    """Lay rows out; the columns of `wrapped` and the last text column may take several lines."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in rows[0] if rows else ():
        numeric = any(isinstance(row[name], (int, float, Decimal)) for row in rows)
        folds = name in (wrapped or {}) or name == "reason"
        table.add_column(
            name.replace("_", " "),
            justify="right" if numeric else "left",
            overflow="fold",
            no_wrap=not folds,
        )
    for row in rows:
        table.add_row(*(_cell(value) for value in row.values()))
    return table


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (float, Decimal)):
        return f"{value:,.2f}"
    if isinstance(value, datetime):
        return f"{value:%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    return f"{value:,}" if isinstance(value, int) else str(value)


def _span(seconds: int | None) -> str:
    """Write a time span by its two largest units."""
    if seconds is None:
        return ""
    sizes = (("d", 86400), ("h", 3600), ("min", 60), ("s", 1))
    parts = []
    for unit, size in sizes:
        count, seconds = divmod(seconds, size)
        if count or parts:
            parts.append(f"{count} {unit}")
    return " ".join(parts[:2]) or "0 s"
