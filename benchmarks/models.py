"""The models: against scripts by hand, a full build, an empty warehouse, more history."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from benchmarks import hand_written, histories, measure
from benchmarks.bases import Bases, selected
from benchmarks.measure import Figure, Taken, ratios
from orchestration.home import Home

MEASURES = {"seconds": "s", "cpu": "CPU s"}
"""What is compared: dbt's seconds of the nodes, and the CPU seconds that they took."""
ROLL_UPS = ("agg_", "5_daily", "3_daily")


def figures(bases: Bases, rounds: int) -> Iterator[Figure]:
    """Full build and one day's refresh, against each other and against scripts by hand."""
    yield from _equal(bases)
    taken = measure.taking_turns(_cases(bases), rounds, bases.say)
    yield from _costs(taken)
    yield from _ratios(taken)
    for name in ("full build", "refresh", "full by hand", "refresh by hand"):
        peaks = [one.said["peak_mb"] for one in taken[name]]
        if None not in peaks:
            target = 6000 if "hand" not in name else None
            yield Figure("memory", f"peak of {name}", peaks, "MB", target)


def history_figures(bases: Bases, rounds: int) -> Iterator[Figure]:
    """The same change after four times the history."""
    cases = {
        name: _models(bases, home)
        for name, home in {
            "refresh": bases.loaded,
            "refresh after 4 x history": bases.long_loaded,
            "nothing": bases.built,
            "nothing after 4 x history": bases.long_built,
        }.items()
    }
    taken = measure.taking_turns(cases, rounds, bases.say)
    for key, unit in MEASURES.items():
        for group in ("all", "entities", "roll-ups"):
            short = net(taken["refresh"], taken["nothing"], key, group)
            long = net(
                taken["refresh after 4 x history"], taken["nothing after 4 x history"], key, group
            )
            name = f"refresh after 4 x history / refresh, {group}, {unit}"
            yield Figure("history", name, ratios(long, short), "x", 1.3)
    for key, unit in MEASURES.items():
        empty = ratios(total(taken["nothing after 4 x history"], key), total(taken["nothing"], key))
        yield Figure("history", f"nothing after 4 x history / nothing, {unit}", empty, "x")


def net(ones: Sequence[Taken], nothing: Sequence[Taken], key: str, group: str) -> list[float]:
    """Cost of a group of nodes beyond that of the same nodes without any change, by round."""
    costs, empty = total(ones, key, group), total(nothing, key, group)
    return [max(cost - none, 0) for cost, none in zip(costs, empty, strict=True)]


def total(taken: Sequence[Taken], key: str, group: str = "all") -> list[float]:
    """Cost of a group of nodes, by round."""
    return [
        sum(
            node[key]
            for name, node in one.said["nodes"].items()
            if group in ("all", group_of(name))
        )
        for one in taken
    ]


def group_of(node: str) -> str:
    """Whether a model is rebuilt by key or by date; files of scripts likewise."""
    return "roll-ups" if node.startswith(ROLL_UPS) else "entities"


def _cases(bases: Bases) -> dict[str, Callable[[], Taken]]:
    full = ["run", "--full-refresh", *selected()]
    return {
        "full build": lambda: measure.worker(
            bases.raw_copy(bases.loaded), "models", arguments=full
        ),
        "full by hand": lambda: measure.worker(
            bases.raw_copy(bases.loaded), "script", folder="full", mark=0
        ),
        "refresh": _models(bases, bases.loaded),
        "refresh by hand": lambda: measure.worker(
            bases.copy(bases.loaded), "script", folder="refresh", mark=bases.mark
        ),
        "nothing": _models(bases, bases.built),
        "refresh of an empty warehouse": _models(bases, bases.alone),
    }


def _models(bases: Bases, home: Home) -> Callable[[], Taken]:
    return lambda: measure.worker(bases.copy(home), "models", arguments=["run", *selected()])


def _equal(bases: Bases) -> Iterator[Figure]:
    """Rows in which the ways differ; anything but 0 makes the other figures worthless."""
    full = histories.copy_home(bases.loaded, bases.folder / "full_by_hand")
    hand_written.drop_built(full)
    measure.worker(full, "script", folder="full", mark=0)
    ways: dict[str, Callable[[], Taken]] = _cases(bases)
    for name in ("full build", "refresh", "refresh by hand"):
        bases.say(f"comparing rows of {name}")
        ways[name]()
        unequal = hand_written.differences(full, Home(bases.folder / "copy"))
        wrong = float(sum(unequal.values()))
        yield Figure("rows", f"{name}: rows unlike a full build by hand", [wrong], "rows", 0)


def _costs(taken: dict[str, list[Taken]]) -> Iterator[Figure]:
    for name, ones in taken.items():
        for key, unit in MEASURES.items():
            yield Figure("models", name, total(ones, key), unit)


def _ratios(taken: dict[str, list[Taken]]) -> Iterator[Figure]:
    for key, unit in MEASURES.items():
        nothing = taken["nothing"]
        full, refresh, alone = (
            {group: net(taken[name], nothing, key, group) for group in _GROUPS}
            for name in ("full build", "refresh", "refresh of an empty warehouse")
        )
        by_hand = {name: total(taken[f"{name} by hand"], key) for name in ("full", "refresh")}
        yield Figure(
            "models",
            f"full build / by hand, {unit}",
            ratios(full["all"], by_hand["full"]),
            "x",
            1.6,
        )
        yield Figure(
            "models",
            f"refresh / by hand, {unit}",
            ratios(refresh["all"], by_hand["refresh"]),
            "x",
            4,
        )
        for group, target in _GROUPS.items():
            found = ratios(refresh[group], full[group])
            yield Figure("models", f"refresh / full build, {group}, {unit}", found, "x", target)
        found = ratios(refresh["all"], alone["all"])
        yield Figure("models", f"refresh / of an empty warehouse, {unit}", found, "x")
    for name in ("full build", "refresh", "nothing"):
        share = ratios(total(taken[name], "sql_wall"), total(taken[name], "seconds"))
        yield Figure("models", f"share of statements in {name}", share, "of 1")


_GROUPS = {"all": None, "entities": 1 / 15, "roll-ups": 1 / 6}
