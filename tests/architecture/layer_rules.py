"""Who may read whom, what a model is called and where it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nodes import FIXED_NAMES, FOLDERS, MARTS, Manifest, Node, Rule, inputs, is_mart, prefix, sql

NAMES = {
    "stg": re.compile(r"stg_[a-z0-9]+(_[a-z0-9]+)*__[a-z0-9]+(_[a-z0-9]+)*"),
    "int": re.compile(r"int_[a-z0-9]+(_[a-z0-9]+)+"),
    "fct": re.compile(r"fct_[a-z0-9]+(_[a-z0-9]+)*"),
    "dim": re.compile(r"dim_[a-z0-9]+(_[a-z0-9]+)*"),
    "agg": re.compile(r"agg_[a-z0-9]+(_[a-z0-9]+)+"),
}
READS = {
    "stg": (),
    "int": ("stg", "int"),
    "fct": ("int", "fct", "dim"),
    "dim": ("int", "dim"),
    "agg": MARTS,
}
SEED_READERS = ("int", "fct", "dim")


def is_named_after_its_layer(node: Node, manifest: Manifest) -> Iterator[str]:
    """`stg_<source>__<entities>`, `int_<entities>_<verb phrase>`, `fct_`, `dim_`, `agg_`."""
    layer = prefix(node["name"])
    if not layer:
        yield "starts with none of stg_, int_, fct_, dim_, agg_"
    elif node["name"] not in FIXED_NAMES and not NAMES[layer].fullmatch(node["name"]):
        yield f"is no name of the form {NAMES[layer].pattern}"


def stands_in_its_layers_folder(node: Node, manifest: Manifest) -> Iterator[str]:
    """Staging by source, marts by domain."""
    layer, path = prefix(node["name"]), str(node["original_file_path"])
    if layer and not path.startswith(FOLDERS[layer]):
        yield f"stands in {path}, outside {FOLDERS[layer]}"
    if layer == "stg" and f"/{node['name'][4:].split('__')[0]}/" not in path:
        yield f"stands in {path}, not in the folder of its source"


def only_staging_reads_sources(node: Node, manifest: Manifest) -> Iterator[str]:
    """Nothing else knows how raw looks."""
    if prefix(node["name"]) != "stg":
        yield from (f"reads the source {name}" for name in inputs(node, "source"))


def reads_only_the_layers_below(node: Node, manifest: Manifest) -> Iterator[str]:
    """No staging on staging, no mart on staging, an `agg_` only on what is published."""
    allowed = READS.get(prefix(node["name"]), ())
    yield from (f"reads {name}" for name in inputs(node, "model") if prefix(name) not in allowed)
    if prefix(node["name"]) not in SEED_READERS:
        yield from (f"reads the seed {name}" for name in inputs(node, "seed"))


def names_no_relation_itself(node: Node, manifest: Manifest) -> Iterator[str]:
    """A table that is written out escapes the graph."""
    for found in re.findall(r"\b(?:from|join)\s+(\w+\.[\w.]+)", sql(node), flags=re.IGNORECASE):
        yield f"reads {found} by its name, not by ref() or source()"


def is_published_only_from_the_marts(node: Node, manifest: Manifest) -> Iterator[str]:
    """Marts are tables in the published database; nothing else is there."""
    in_marts = node["database"] == "marts"
    if in_marts != is_mart(node):
        yield f"stands in the database {node['database']}"
    wanted = {"stg": ("view",)}.get(prefix(node["name"]), ("incremental", "table"))
    if node["config"]["materialized"] not in wanted:
        yield f"is materialized as {node['config']['materialized']}"
    folder = str(node["original_file_path"]).split("/")[2]
    if is_mart(node) and node["schema"] != folder:
        yield f"is published in the schema {node['schema']}, not in its domain {folder}"


LAYER_RULES: list[Rule] = [
    is_named_after_its_layer,
    stands_in_its_layers_folder,
    only_staging_reads_sources,
    reads_only_the_layers_below,
    names_no_relation_itself,
    is_published_only_from_the_marts,
]
