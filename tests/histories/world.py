"""What can happen to a warehouse: deliveries and their fates, runs, failures, lost files."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from orchestration import erasing, recovery
from orchestration.ingestion import erasures, manifest, pseudonyms

from . import promises
from .databases import PLANNED, Databases, Failure, Ran
from .loading import ENTITIES, NOW, File, copy_accepted, copy_rows, ensure_contract, load
from .recording import Model, Recording
from .replay import ADDED, Pair

KEPT_GENERATIONS = 3
EVERYTHING_EACH = 3
"""Every such run also builds models that have nothing new to read; the others leave them alone."""


@dataclass
class Counts:
    """How much was done, over all worlds of a session.

    Attributes:
        histories: All that were begun; one whose random choices run out is given up.
        whole: Those that had all their steps.
    """

    histories: int = 0
    whole: int = 0
    steps: int = 0
    runs: int = 0
    comparisons: int = 0
    modes: dict[str, int] = field(default_factory=dict)


COUNTS = Counts()


@dataclass(frozen=True)
class Published:
    """A kept generation of the marts.

    Attributes:
        raw_head: The clock of change when it was published.
        digests: By model, what its rows amounted to.
    """

    name: str
    raw_head: int
    digests: dict[str, tuple[Any, ...]]


class World:
    """A pair of databases with what has been delivered to it.

    Attributes:
        files: By delivery id, what was delivered.
        published: The kept generations of the marts, the newest last.
        added: By entity, the nullable columns that its contract has got.
    """

    def __init__(
        self,
        recording: Recording,
        truth: Recording | None = None,
        pair: Databases | None = None,
    ) -> None:
        self.recording = recording
        self.truth = truth or recording
        self.pair: Databases = pair or empty_pair(recording, "history")
        self.files: dict[int, File] = {}
        self.published: list[Published] = []
        self.added: dict[str, tuple[str, ...]] = {}
        self._generation = 0
        self._runs = 0
        self._key = 0
        COUNTS.histories += 1

    def close(self) -> None:
        """Give up what was kept aside."""
        while self.published:
            self.pair.drop_generation(self.published.pop().name)
        self._replayed.drop_backup()

    # Deliveries

    def deliver(self, file: File, verdict: str = "accepted") -> int:
        """Load a file and judge it: `accepted`, `held`, or still `loaded`; return its id."""
        connection = self.pair.connection
        delivery_id = max(self.files, default=0) + 1
        self.files[delivery_id] = file
        load(connection, delivery_id, replace(file, added=self.added.get(file.feed, ())))
        self._empty(delivery_id, file)
        if verdict == "accepted":
            manifest.accept(connection, [delivery_id], NOW)
        elif verdict == "held":
            manifest.hold(connection, {delivery_id: "held"}, NOW)
        pseudonyms.add_new(
            connection,
            self.key,
            [(file.feed, column) for column in ENTITIES[file.feed].people],
            delivery_id,
        )
        return delivery_id

    def deliver_all(self, files: Sequence[File]) -> None:
        """Deliver files, each of them accepted."""
        for file in files:
            self.deliver(file)

    @property
    def key(self) -> pseudonyms.Key:
        """The key of the customer pseudonyms."""
        return pseudonyms.Key(f"key {self._key}".encode())

    def with_status(self, *statuses: str) -> list[int]:
        """Deliveries that are in one of these statuses."""
        rows = self.pair.rows("select delivery_id, status from raw.deliveries order by all")
        return [delivery_id for delivery_id, status in rows if status in statuses]

    def accept(self, delivery_id: int) -> None:
        """Accept a loaded delivery."""
        manifest.accept(self.pair.connection, [delivery_id], NOW)

    def release(self, delivery_id: int) -> None:
        """Release a held delivery."""
        manifest.release(self.pair.connection, delivery_id, "somebody", NOW)

    def reject(self, delivery_id: int) -> None:
        """Refuse a delivery that counted until now."""
        manifest.reject(self.pair.connection, {delivery_id: "refused"}, NOW)

    def request(self, first: date, last: date, selection: str | None) -> None:
        """Ask for a range of business dates to be built again."""
        manifest.request_recompute(self.pair.connection, first, last, selection, NOW)

    def erase(self, customer_id: str) -> None:
        """Erase a person, known or not; one who is erased already stays that."""
        hashed = self.key.pseudonyms([customer_id])[0]
        if hashed in self.erased:
            return
        with manifest.transaction(self.pair.connection):
            erasing.take_out(
                self.pair.connection,
                {customer_id: hashed},
                (),
                self.key.key_id,
                "somebody",
                erasing.Erased(),
            )

    @property
    def erased(self) -> dict[str, int]:
        """Who is erased, by pseudonym."""
        return erasures.erased_people(self.pair.connection, self.key)

    def _empty(self, delivery_id: int, file: File) -> None:
        """Empty what a loaded delivery says of erased people."""
        entity = ENTITIES[file.feed]
        if entity.people and (erased := self.erased):
            connection = self.pair.connection
            erasures.empty_delivery(connection, self.key, erased, [entity], delivery_id, "")

    def close_month(self, period: str, event: str) -> None:
        """Close a month with the postings that the marts hold of it, or open it again."""
        connection = self.pair.connection
        ledger = self.recording.model("fct_ledger_postings")
        with manifest.transaction(connection):
            seq = manifest.record_event(connection, None, event, period, NOW)
            connection.execute(
                "insert into raw.period_closes"
                " values (?, ?, ?, 'somebody', null, false, null, null, ?)",
                [period, event, seq, NOW],
            )
            if event == "closed" and self.pair.exists(ledger):
                connection.execute(
                    f"insert into raw.frozen_postings by name select {seq} as change_seq, *"
                    f" from {ledger.relation} where period = '{period}'"
                )

    # Code and settings

    def change_code(self, name: str) -> None:
        """Change what a model yields."""
        models = {**self.pair.code.models}
        models[name] = models.get(name, 0) + 1
        self.pair.code = replace(self.pair.code, models=models)

    def change_seed(self, name: str) -> None:
        """Change a seed's rows; the next run of all models loads them."""
        seeds = {**self.pair.code.seeds}
        seeds[name] = seeds.get(name, 0) + 1
        self.pair.code = replace(self.pair.code, seeds=seeds)

    def add_column(self, feed: str) -> None:
        """Add a nullable column to an entity of the contract; files hold it from now on."""
        columns = self.added.get(feed, ())
        self.added[feed] = (*columns, f"{ADDED}{len(columns)}")
        ensure_contract(self.pair.connection, self.added)

    def change_zone(self, source: str, zone: str) -> None:
        """Change a source's time zone."""
        self.pair.connection.execute(
            "update raw.sources set time_zone = ? where source = ?", [zone, source]
        )

    def change_key(self) -> None:
        """Compute all pseudonyms anew; refused once people are known by their hash alone."""
        if self.erased:
            return
        self._key += 1
        pseudonyms.rekey(self.pair.connection, self.key)

    # Runs and files

    def run(self, selection: Collection[str] | None = None, failure: Failure | None = None) -> Ran:
        """Run models; only a planned failure or an input without a table may stop one."""
        self._runs += 1
        ran = self.pair.run(selection, failure, leave_idle=self._runs % EVERYTHING_EACH != 0)
        COUNTS.runs += 1
        for mode in ran.built.values():
            COUNTS.modes[mode] = COUNTS.modes.get(mode, 0) + 1
        unexpected = {
            name: error
            for name, error in ran.errors.items()
            if PLANNED not in error
            and not (selection is not None and "Catalog Error" in error and "exist" in error)
        }
        assert not unexpected, unexpected
        return ran

    def run_all(self) -> Ran:
        """Run every model; none may be stale afterwards."""
        ran = self.run()
        assert not (stale := self.pair.stale()), f"stale: {stale}"
        return ran

    def publish(self) -> None:
        """Keep the marts as the newest generation, if every model has read all changes."""
        if self.pair.stale():
            return
        self._generation += 1
        self.pair.note_audited()
        self.pair.prune_logs([generation.name for generation in self.published])
        name = f"generation_{self._generation}"
        self.published.append(Published(name, self.pair.raw_head(), self._digests()))
        self.pair.copy_marts(name)
        while len(self.published) > KEPT_GENERATIONS:
            self.pair.drop_generation(self.published.pop(0).name)

    def roll_back(self, generations: int) -> None:
        """Go back to the published marts, or to an older generation of them, or to none."""
        for _ in range(min(generations, len(self.published) - 1)):
            self.pair.drop_generation(self.published.pop().name)
        self.pair.restore_marts(self.published[-1].name if self.published else None)
        if self.published:
            assert self._digests() == self.published[-1].digests, "a rollback mixed generations"

    def lose_marts(self) -> None:
        """Lose the marts altogether."""
        self.pair.restore_marts(None)

    def back_up_warehouse(self) -> None:
        """Copy the warehouse aside."""
        self._replayed.back_up_warehouse()

    def restore_warehouse(self) -> None:
        """Put back the warehouse as it was when it was backed up, and drop the clone.

        A warehouse that lacks published changes gets a new identity, as the pipeline gives it.
        """
        self._replayed.restore_warehouse()
        pseudonyms.rekey(self.pair.connection, self.key)
        self.roll_back(0)
        ensure_contract(self.pair.connection, self.added)
        if self.published:
            recovery.renew_if_restored(
                self.pair.connection,
                max(generation.raw_head for generation in self.published),
                self.published[-1].name,
            )

    def remove_branch(self, name: str) -> None:
        """Remove a model and all that hangs on it, and take it back into the project."""
        for model in self.recording.branch(name):
            self._replayed.forget_model(model)

    def drop_table(self, model: Model) -> None:
        """Lose one model's table by hand."""
        self.pair.connection.execute(f"drop table if exists {model.relation}")

    def damage(self, model: Model) -> None:
        """Spoil a model by hand, and ask for it and what hangs on it to be built again.

        Its readers have to be named: what its log knew of the lost rows is lost with them.
        """
        if self.pair.exists(model):
            self.pair.connection.execute(
                f"delete from {model.relation} as rows where hash(rows) % 2 = 0"
            )
        names = " ".join(reader.name for reader in self.recording.branch(model.name))
        self.request(date(2021, 7, 1), date(2021, 9, 30), names)

    @property
    def _replayed(self) -> Pair:
        """The pair, for what can only be done to a replayed one."""
        assert isinstance(self.pair, Pair)
        return self.pair

    # Proof

    def check(self, turn: int) -> None:
        """Assert what has to hold after every step; models take turns."""
        models = self.recording.models
        promises.nothing_is_lost(self.pair)
        promises.again_changes_nothing(self.pair, models[turn % len(models)])
        marts = self._marts()
        model = marts[turn % len(marts)]
        for generation in self.published:
            found = self._replayed.digest_of(generation.name, model)
            assert found == generation.digests[model.name], f"{generation.name}: {model.name} moved"

    def compare(self) -> None:
        """Run all; every model must equal the one of a full build from raw, row for row."""
        self.run_all()
        COUNTS.comparisons += 1
        reference = empty_pair(self.truth, "reference")
        self._copy_to(reference)
        ran = reference.run()
        assert not ran.errors, ran.errors
        differences = self.pair.differences(reference)
        assert not differences, differences

    def _copy_to(self, reference: Pair) -> None:
        """Bring what counts to another pair, the newest delivery first."""
        reference.code = self.pair.code
        for table in ("sources", "customer_pseudonyms"):
            rows = self.pair.connection.execute(f"from raw.{table}").to_arrow_table()
            reference.connection.execute(f"delete from raw.{table}")
            copy_rows(reference.connection, table, rows)
        for table in ("period_closes", "frozen_postings"):
            rows = self.pair.connection.execute(f"from raw.{table}").to_arrow_table()
            copy_rows(reference.connection, table, rows)
        copy_accepted(self.pair.connection, reference.connection)

    def _marts(self) -> list[Model]:
        return [model for model in self.recording.models if model.database == "marts"]

    def _digests(self) -> dict[str, tuple[Any, ...]]:
        return {model.name: self.pair.digest(model) for model in self._marts()}


_PAIRS: dict[tuple[int, str], Pair] = {}


def empty_pair(recording: Recording, role: str) -> Pair:
    """Return an empty pair; the one that had the role before is used again, as that is quick."""
    for key in [key for key in _PAIRS if key[1] == role and key[0] != id(recording)]:
        _PAIRS.pop(key).close()
    pair = _PAIRS.get((id(recording), role))
    if pair is None or pair.recording is not recording:
        pair = _PAIRS[id(recording), role] = Pair(recording)
    else:
        pair.reset()
    return pair
