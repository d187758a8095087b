"""What holds for any warehouse besides equality: nothing moves that doesn't have to."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest

from .loading import ENTITIES, File
from .mutations import MUTATIONS
from .recording import Recording
from .rows import DAYS, FIRST_DAY, one_of_each, versions
from .world import KEPT_GENERATIONS, World

SETTINGS = {"int_data_clock", "dim_sources"}
"""Models whose rows are the sources, which are there without a delivery."""
FEW = 8
"""Rows of which half may well be none."""


def some_files(recording: Recording, random: Random) -> list[File]:
    """One version of everything, then later ones at paths of their own."""
    first = [
        File("native", feed, FIRST_DAY, "first", one_of_each(ENTITIES[feed], random))
        for feed in recording.feeds
    ]
    later = [
        File(source, feed, FIRST_DAY + timedelta(days=day), "later", rows)
        for source in ("native", "partner")
        for day in range(DAYS)
        for feed in recording.feeds
        for rows in [versions(ENTITIES[feed], random, 3)]
    ]
    return [*first, *later]


@pytest.fixture
def files(recording: Recording) -> list[File]:
    return some_files(recording, Random(5))  # noqa: S311 (data, not a secret)


@pytest.fixture
def world(recording: Recording, files: list[File]) -> World:
    """A warehouse that has read some files."""
    world = World(recording)
    world.deliver_all(files)
    world.run_all()
    return world


def test_a_run_without_news_moves_nothing(world: World) -> None:
    heads, marks = world.pair.heads(), world.pair.marks()
    ran = world.pair.run()
    assert set(ran.built.values()) == {"refresh"}
    assert (world.pair.heads(), world.pair.marks()) == (heads, marks)


def test_the_same_content_again_spreads_to_no_reader(world: World, files: list[File]) -> None:
    heads = world.pair.heads()
    world.deliver_all(files)
    world.run_all()
    assert world.pair.heads() == heads


def test_a_recompute_of_right_rows_spreads_to_no_reader(world: World) -> None:
    heads = world.pair.heads()
    world.request(FIRST_DAY - timedelta(days=1), FIRST_DAY + timedelta(days=DAYS), None)
    world.run_all()
    assert world.pair.heads() == heads


def test_the_order_of_arrival_across_paths_does_not_matter(
    recording: Recording, world: World, files: list[File]
) -> None:
    expected = [world.pair.digest(model) for model in recording.models]
    random = Random(6)  # noqa: S311 (data, not a secret)
    for _ in range(2):
        random.shuffle(files)
        other = World(recording)
        for start in range(0, len(files), 60):
            other.deliver_all(files[start : start + 60])
            other.run_all()
        assert [other.pair.digest(model) for model in recording.models] == expected


def test_a_request_heals_every_model_that_reads_another(recording: Recording, world: World) -> None:
    """Half of its rows are lost: they come back with their dates, though no input has changed."""
    expected = {model.name: world.pair.digest(model) for model in recording.models}
    for model in reversed([model for model in recording.models if model.inputs]):
        world.damage(model)
        is_spoilt = world.pair.digest(model) != expected[model.name]
        assert is_spoilt or expected[model.name][0] < FEW, model.name
        world.run({model.name})
        assert world.pair.digest(model) == expected[model.name], model.name
    world.run_all()
    assert {model.name: world.pair.digest(model) for model in recording.models} == expected


def test_a_mark_beyond_its_input_is_not_trusted(world: World) -> None:
    """A model that seems to have read more than there is was built from another warehouse."""
    world.pair.connection.execute(
        "update marts.changes.marks set seq = seq + 1"
        " where model = 'fct_orders' and input = 'int_orders_current'"
    )
    built = world.pair.run().built
    assert (built["fct_orders"], built["int_orders_current"]) == ("rebuild", "refresh")


def test_a_publish_leaves_in_the_logs_what_a_kept_generation_has_not_read(
    recording: Recording, world: World
) -> None:
    random, name = Random(7), "int_orders_current"  # noqa: S311 (data, not a secret)
    for number in range(KEPT_GENERATIONS + 2):
        for feed in ("orders", "order_lines", "claims"):
            rows, dt = versions(ENTITIES[feed], random, 12), FIRST_DAY + timedelta(days=number)
            world.deliver(File("native", feed, dt, "news", rows))
        world.run_all()
        world.publish()
    resets = dict(world.pair.rows("select model, reset_seq from marts.changes.heads"))
    assert not any(
        world.pair.value(f"select coalesce(max(seq), 0) from marts.changes.{model.name}")
        > resets[model.name]
        for model in recording.models
        if model.database == "marts"
    )
    oldest = world.published[0].name
    read = f"select min(seq) from {oldest}.changes.marks where input = '{name}'"
    begins, ends = world.pair.rows(f"select min(seq), max(seq) from changes.{name}")[0]
    assert 1 < begins <= world.pair.value(read) + 1 <= ends == world.pair.heads()[name]

    world.roll_back(KEPT_GENERATIONS - 1)
    assert set(world.run_all().built.values()) == {"refresh"}
    world.compare()


def test_a_reader_that_lacks_a_pruned_entry_is_built_anew(world: World) -> None:
    world.publish()
    world.pair.connection.execute(
        "update marts.changes.marks set seq = seq - 1"
        " where model = 'fct_orders' and input = 'int_orders_current'"
    )
    built = world.pair.run().built
    assert (built["fct_orders"], built["int_orders_current"]) == ("rebuild", "refresh")


@pytest.mark.soak
def test_readers_see_content_that_changes_without_a_delivery(
    recording: Recording, world: World
) -> None:
    inputs = {name for model in recording.models for name in model.inputs}
    for model in recording.models:
        if model.name in inputs:
            world.change_code(model.name)
            world.run_all()
    world.compare()


def test_a_mistake_in_the_refresh_is_noticed(recording: Recording, files: list[File]) -> None:
    """The comparison can fail: a refresh that lets the oldest version win is another warehouse."""
    (mutation,) = (found for found in MUTATIONS if found.name == "the oldest version wins")
    world = World(mutation.plant(recording), recording)
    for half in (files[::2], files[1::2]):
        world.deliver_all(half)
        world.run_all()
    with pytest.raises(AssertionError, match="only the refreshed"):
        world.compare()


def test_rows_that_are_superseded_leave_every_model(world: World, files: list[File]) -> None:
    for delivery_id in world.with_status("accepted"):
        world.reject(delivery_id)
    world.run_all()
    assert all(
        world.pair.digest(model)[0] == 0
        for model in world.recording.models
        if any(name.startswith(("stg_", "int_")) for name in model.inputs)
        and model.name not in SETTINGS
    )
    world.compare()


def test_a_part_that_was_built_by_seeds_of_before_is_built_again(
    recording: Recording, world: World
) -> None:
    readers = {model.name for model in recording.models if model.seeds}
    for seed in recording.seeds:
        world.change_seed(seed)
    ran = world.run(readers)
    assert set(ran.built) == readers
    assert set(ran.built.values()) == {"rebuild"}
    assert {"int_refund_entitlements", "fct_claims"} <= readers
    ran = world.run_all()
    assert {ran.built[name] for name in readers} == {"rebuild"}
    world.compare()


def test_a_changed_rule_rebuilds_what_hangs_on_it_and_nothing_else(
    recording: Recording, world: World
) -> None:
    world.change_seed("right_rules")
    ran = world.run_all()
    readers = [model.name for model in recording.models if "right_rules" in model.seeds]
    hanging = {model.name for reader in readers for model in recording.branch(reader)}
    assert {"dim_rights", "fct_claims", "agg_claims_served_daily"} <= hanging
    assert {name for name, mode in ran.built.items() if mode == "rebuild"} == hanging
    assert "fct_order_lines" not in hanging
    world.compare()
