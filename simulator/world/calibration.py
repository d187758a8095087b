"""Bends the plan so that published ratios come out, whatever the size and seed."""

from __future__ import annotations

import duckdb

from simulator.parameters import Parameters

JANUARY_RATIO = 20.1
"""Paid GMV of January 2021 over that of January 2020."""
CLAIMS_SERVED = 188_000 * 1.02
"""Refunded claims under the two category rights at full size: a little more than published."""
RETURNS = {"shelf": 0.10, "video": 0.18, "live": 0.30}
"""Orders sent back and refunded per paid order, by channel."""
PAID_SHARE = 0.92
RETURN_SUCCESS = {"shelf": 0.862, "video": 0.84, "live": 0.785}
"""Share of orders drawn for a return that end in it; others are undone before or refused."""
RIGHT_SUCCESS = 0.815
"""Share of goods eligible for a category right and applied for that end in a refund."""


def calibrate(connection: duckdb.DuckDBPyConnection) -> None:
    """Scale segments' weights in windows until each published ratio of lines holds.

    A ratio whose windows do not both lie in the span is left alone.
    """
    rows = connection.execute(
        "select draw_group, base_from, base_to, from_date, to_date, ratio from plan.calibrations"
        " where least(base_from, from_date) >= getvariable('from_date')"
        " and greatest(base_to, to_date) <= getvariable('to_date')"
    ).fetchall()
    for group, base_from, base_to, from_date, to_date, ratio in rows:
        connection.execute(
            "update plan.weights set weight = weight * $6 * ("
            " select sum(weight) filter (where day between $2 and $3)"
            " / sum(weight) filter (where day between $4 and $5)"
            " from plan.weights where draw_group = $1)"
            " where draw_group = $1 and day between $4 and $5",
            [group, base_from, base_to, from_date, to_date, ratio],
        )
    _calibrate_january(connection)


def _calibrate_january(connection: duckdb.DuckDBPyConnection) -> None:
    """Scale the ordinary trade of January 2020 by expected amounts, special cells included."""
    row = connection.execute(
        """
        with ordinary as (
            select
                date_trunc('month', weights.day) as month,
                sum(weights.weight * segments.price * spreads.mean) as amount,
            from plan.weights as weights
            inner join plan.segments as segments using (segment_no)
            inner join (
                select
                    spread,
                    avg(exp(spread * ln((30.5 + 0.94 * nth) / (969.5 - 0.94 * nth)))) as mean,
                from (select distinct spread from plan.segments), range(1000) as t (nth)
                group by spread
            ) as spreads using (spread)
            group by all
        ),
        lines as (
            select
                (getvariable('lines') - (select coalesce(sum(lines), 0) from plan.specials))
                / (select sum(weight) from plan.weights) as per_weight,
        ),
        special as (
            select date_trunc('month', day) as month, sum(lines * price) / 1.06 as amount
            from plan.specials
            group by all
        )
        select
            max(ordinary.amount * per_weight) filter (where month = date '2020-01-01'),
            max(ordinary.amount * per_weight) filter (where month = date '2021-01-01'),
            coalesce(max(special.amount) filter (where month = date '2020-01-01'), 0),
            coalesce(max(special.amount) filter (where month = date '2021-01-01'), 0),
        from ordinary
        cross join lines
        left join special using (month)
        where getvariable('from_date') <= date '2020-01-01'
            and getvariable('to_date') >= date '2021-01-31'
        """
    ).fetchone()
    if row is None or row[0] is None or row[1] is None:
        return
    early, late, special_early, special_late = row
    factor = ((late + special_late) / JANUARY_RATIO - special_early) / early
    connection.execute(
        "update plan.weights set weight = weight * $1 where day < date '2020-02-01'"
        " and day >= date '2020-01-01'",
        [max(0.2, factor)],
    )


def calibrate_claims(connection: duckdb.DuckDBPyConnection, parameters: Parameters) -> None:
    """Set the variables returns_<channel> and category_right_share from what the plan sells."""
    shares = {"live": "live", "video": "video", "shelf": "(1 - live - video)"}
    for channel, share in shares.items():
        row = connection.execute(
            f"select sum(orders * {share} * return_factor_of(category_id))"
            f" / sum(orders * {share}) from plan.cells where kind in ('normal', 'local')"
        ).fetchone()
        factor = row[0] if row and row[0] else 1.0
        connection.execute(
            f"set variable returns_{channel} = $1",
            [RETURNS[channel] / RETURN_SUCCESS[channel] / factor],
        )
    row = connection.execute(
        "select sum(orders) from plan.cells where kind in ('normal', 'local', 'dounan')"
        " and category_id in ('fresh', 'flowers', 'beauty')"
    ).fetchone()
    eligible = float(row[0]) if row and row[0] else 1.0
    wanted = CLAIMS_SERVED * parameters.scale / (eligible * PAID_SHARE * RIGHT_SUCCESS * 0.9)
    connection.execute("set variable category_right_share = $1", [min(0.2, wanted)])
