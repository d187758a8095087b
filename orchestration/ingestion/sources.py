"""Sources and their feeds: folders of SQL under `orchestration/sources/`.

`<source>/source.yml` declares time zone and currency, and with `ids_of: native` that its files name
things by the numbers of that source, as a payment channel names our refund orders. With
`whole: {<feed>: [<entity>]}` a file of the feed is held if it, or another one, brings other rows
under the same keys: a mapping that counts lines within a file gives two files' lines the same ids.
`<source>/<feed>/<entity>.sql` is one select that maps a delivered file to an entity. It may read

- `delivered`: the columns of the file and `_row_number`, 1 for the first data row;
- `prepared`: what the feed's optional `_prepared.sql` makes of `delivered`;
- `parse_local(text)`: the timestamp that a bill writes, as `2021-07-05 13:02:09` or
  `2021/7/5 13:02`; null for all else;
- `to_utc(timestamp)`: UTC for a time in the source's time zone, `getvariable('time_zone')`.

The `_row_number` that it yields is the row of the file to quarantine when the result breaks the
contract. Entities with more rows are judged first, so a bad value is laid to the row it stands
in, not to the first of a group.

Optional are also `_quarantine.sql` (columns `_row_number`, `column_name`, `reason`: rows that
the feed itself refuses), `_totals.sql` (one row; each column is a control total of the feed),
`_bill.yml` (the file is a bill of a payment channel; see `bills.py`) and `_shared.yml`: the SQL of
`<source>/<folder>/`, whose name begins with `_`, holds for this feed as well, where `{<name>}`
stands for what the feed calls it:

    folder: _refunds
    names: {time: 交易时间}
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml

from orchestration.home import PROJECT, AnxinError
from orchestration.ingestion.bills import BillFormat, load_format
from orchestration.ingestion.contract import Entity

SOURCES_FOLDER = PROJECT / "orchestration" / "sources"
NATIVE = "native"
SHARED_FILE = "_shared.yml"
BILL_LINES = "channel_bill_lines"
INTRADAY = {"livestream_sessions", "livestream_traffic"}
"""What lands during the day; `stg_manifest__deliveries` leaves it out of the models' data clock."""
IDENTITY = "select * from delivered"
MACROS = """
create or replace temp macro parse_local(written) as case
    when regexp_full_match(written, '[0-9]{4}([-/][0-9]{1,2}){2}([ T]+[0-9:.]+)?')
        then try_cast(written as timestamp)
end;
create or replace temp macro to_utc(local_moment) as
    timezone('UTC', timezone(getvariable('time_zone'), local_moment));
"""
"""What mappings may call besides DuckDB's own functions."""
BY_NUMBER = (BILL_LINES, "fund_flows", "refund_orders")
_NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class Feed:
    """A kind of file that a source delivers, and the SQL that maps it to entities.

    Attributes:
        whole: Entities of which each thing stands in one file only: the lines of a bill, or what
            `source.yml` says of the feed. It decides nothing of how a file is read.
    """

    source: str
    name: str
    mappings: tuple[tuple[str, str], ...]
    prepared: str | None = None
    quarantine: str | None = None
    totals: str | None = None
    bill: BillFormat | None = None
    whole: tuple[str, ...] = field(default=(), repr=False)

    @property
    def entities(self) -> set[str]:
        """What its files hold."""
        return {entity for entity, _ in self.mappings}

    @property
    def is_intraday(self) -> bool:
        """Whether its files land during the day, so that the newest of them ends no day."""
        return self.entities <= INTRADAY

    @property
    def is_identity(self) -> bool:
        """Whether the file's rows are the entity's rows, one to one."""
        return (
            len(self.mappings) == 1
            and " ".join(self.mappings[0][1].split()).lower() == IDENTITY
            and self.prepared is None
            and self.quarantine is None
            and self.totals is None
            and self.bill is None
        )


@dataclass(frozen=True)
class Source:
    """Who delivers: its business time zone, its currency and its feeds.

    Attributes:
        ids_of: The source whose numbers its files use; by default its own.
    """

    name: str
    time_zone: str
    currency_code: str
    feeds: dict[str, Feed]
    ids_of: str | None = None

    @property
    def id_prefix(self) -> str:
        """What stands before every id that its files name; nothing for the native ones."""
        owner = self.ids_of or self.name
        return "" if owner == NATIVE else f"{owner}:"


def load_sources(folder: Path | None = None) -> dict[str, Source]:
    """Read every source folder, by name.

    Args:
        folder: Holds one folder per source; the package's own when not given.

    Raises:
        AnxinError: A source is badly declared; the message names the file.
    """
    declared = sorted((folder or SOURCES_FOLDER).glob("*/source.yml"))
    return {path.parent.name: _source(path) for path in declared}


def check_entities(sources: dict[str, Source], contract: dict[str, Entity]) -> None:
    """Refuse a mapping to an entity that the contract doesn't know, or that another source owns.

    What happened to an order, a shop or a session is counted by the source that delivers it, so a
    source with `ids_of` delivers only what is brought together by its numbers.
    """
    for source in sources.values():
        for feed in source.feeds.values():
            for entity, _ in feed.mappings:
                if entity not in contract:
                    raise AnxinError(
                        f"{source.name}/{feed.name}/{entity}.sql: the contract has no entity"
                        f" {entity}"
                    )
                if source.ids_of and entity not in BY_NUMBER:
                    raise AnxinError(
                        f"{source.name}/{feed.name}/{entity}.sql: a source with ids_of delivers"
                        f" {', '.join(BY_NUMBER)} only; deliver {entity} as a feed of"
                        f" {source.ids_of}"
                    )
            if unknown := set(feed.whole) - {entity for entity, _ in feed.mappings}:
                raise AnxinError(
                    f"{source.name}/source.yml: the feed {feed.name} does not map {min(unknown)},"
                    " which `whole` names"
                )


def _source(path: Path) -> Source:
    folder = path.parent
    if not _NAME.fullmatch(folder.name):
        raise AnxinError(f"{folder.name} is no source name: use lower case letters, digits and _")
    declared = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    if missing := [name for name in ("time_zone", "currency_code") if name not in declared]:
        raise AnxinError(f"{folder.name}/source.yml lacks {' and '.join(missing)}")
    time_zone, currency_code = declared["time_zone"], declared["currency_code"]
    try:
        ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise AnxinError(f"{folder.name}/source.yml: {time_zone!r} is no time zone") from None
    folders = (child for child in sorted(folder.iterdir()) if child.is_dir())
    whole = declared.get("whole", {})
    if not isinstance(whole, dict) or not all(isinstance(names, list) for names in whole.values()):
        raise AnxinError(f"{folder.name}/source.yml: write `whole` as {{<feed>: [<entity>]}}")
    feeds = [
        _feed(folder.name, child, tuple(whole.get(child.name, ())))
        for child in folders
        if child.name[0] not in "_."
    ]
    if unknown := whole.keys() - {feed.name for feed in feeds if not feed.bill}:
        raise AnxinError(
            f"{folder.name}/source.yml: `whole` names {min(unknown)}, which is no feed, or a bill's"
        )
    return Source(
        folder.name,
        time_zone,
        currency_code,
        {feed.name: feed for feed in feeds if feed.mappings},
        declared.get("ids_of"),
    )


def _feed(source: str, folder: Path, whole: tuple[str, ...]) -> Feed:
    if not _NAME.fullmatch(folder.name):
        raise AnxinError(f"{source}/{folder.name} is no feed name: use lower case, digits and _")
    statements, bill = _shared(folder) | _statements(folder), load_format(folder)
    return Feed(
        source=source,
        name=folder.name,
        mappings=tuple((stem, sql) for stem, sql in statements.items() if stem[0] != "_"),
        prepared=statements.get("_prepared"),
        quarantine=statements.get("_quarantine"),
        totals=statements.get("_totals"),
        bill=bill,
        whole=(BILL_LINES,) if bill else whole,
    )


def _statements(folder: Path) -> dict[str, str]:
    return {
        path.stem: path.read_text(encoding="utf-8").strip().rstrip(";").rstrip()
        for path in sorted(folder.glob("*.sql"))
    }


def _shared(folder: Path) -> dict[str, str]:
    """Read the SQL that a feed has in common with others, in the feed's own words."""
    path = folder / SHARED_FILE
    if not path.exists():
        return {}
    declared = yaml.safe_load(path.read_text(encoding="utf-8"))
    statements = _statements(folder.parent / declared["folder"])
    if not statements:
        where = f"{folder.parent.name}/{folder.name}/{SHARED_FILE}"
        raise AnxinError(f"{where}: the folder {declared['folder']} holds no SQL")
    for name, text in declared["names"].items():
        statements = {stem: sql.replace(f"{{{name}}}", text) for stem, sql in statements.items()}
    return statements
