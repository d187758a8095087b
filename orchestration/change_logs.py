"""What of the models' change logs no table needs any more, neither served nor kept."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import duckdb

from orchestration.home import Home
from orchestration.publishing.generations import link_path, linked_ids, quoted

logger = logging.getLogger(__name__)


def prune(home: Home) -> None:
    """Shorten the logs of the warehouse and of the clone, before the clone is published.

    What is kept can be rolled back to, so its marks count as well. A kept file that can't be read,
    or is older than these logs, can't be gone on from: nothing is pruned beside it.
    """
    paths = [link_path(home, number) for number in linked_ids(home)]
    if home.published.exists() and not any(home.published.samefile(path) for path in paths):
        paths.append(home.published)
    kept = [f"kept_{number}" for number in range(len(paths))]
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"attach '{quoted(home.warehouse)}' as warehouse")
        connection.execute(f"attach '{quoted(home.marts_next)}' as marts")
        try:
            for name, path in zip(kept, paths, strict=True):
                connection.execute(f"attach '{quoted(path)}' as {name} (read_only)")
                connection.execute(_MARTS.format(marts=name))
        except duckdb.Error as error:
            logger.warning("no change log was pruned", extra={"note": str(error)})
            return
        prune_logs(connection, kept)


def prune_logs(connection: duckdb.DuckDBPyConnection, kept: Sequence[str]) -> None:
    """Drop the entries that every reader has read and every audit has seen.

    A log that begins later is one that was reset there: a reader that would lack an entry is built
    anew. The logs of a marts file have their readers in that file.

    Args:
        connection: `warehouse` and `marts` are attached.
        kept: Names under which further generations of the marts are attached.
    """
    marts = " union all ".join(_MARTS.format(marts=name) for name in ("marts", *kept))
    readers = {
        "warehouse": f"{_MARKS.format(database='warehouse')} union all {marts}",
        "marts": _MARTS.format(marts="marts"),
    }
    for database, read in readers.items():
        needless = connection.execute(_NEEDLESS.format(database=database, read=read)).fetchall()
        for model, seq in needless:
            connection.execute(
                f"update {database}.changes.heads set reset_seq = $2 where model = $1",
                [model, seq],
            )
            connection.execute(f"delete from {database}.changes.{model} where seq <= $1", [seq])


_MARKS = "select input as model, seq from {database}.changes.marks"
_MARTS = (
    "select input as model, seq from {marts}.changes.marks"
    " union all select model, seq from {marts}.changes.audited"
)
_NEEDLESS = """
select heads.model, least(min(known.seq), any_value(heads.seq)) as last_seq
from {database}.changes.heads as heads
inner join ({read}) as known on heads.model = known.model
group by heads.model
having last_seq > any_value(heads.reset_seq)
order by heads.model
"""
