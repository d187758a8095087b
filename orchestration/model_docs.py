"""dbt's documentation of models, columns and lineage as one page that loads nothing from elsewhere.

`python -m orchestration.model_docs` writes it for the home at hand; `anxin ui` serves it.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from orchestration.home import PROJECT, AnxinError, Home

PAGE = "index.html"
POLICY = "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:"
"""What a browser may load for a page: only what is in it or beside it."""
_META = f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
_PLACES = {"manifest": '"MANIFEST.JSON INLINE DATA"', "catalog": '"CATALOG.JSON INLINE DATA"'}
"""Where dbt's page wants the two documents; it fetches them from a server without."""

Manifest = dict[str, Any]


def build_model_docs(home: Home) -> Path:
    """Write the page about the project and the published file, and return it.

    The types of published columns are read from the published file, which no writer locks; those of
    other models are not looked up.

    Raises:
        AnxinError: dbt could not parse the project or read the published file.
    """
    home.model_docs.mkdir(parents=True, exist_ok=True)
    folder = home.dbt_target.with_name("docs")
    os.environ.update(ANXIN_HOME=str(home.root), DBT_SEND_ANONYMOUS_USAGE_STATS="false")
    manifest = json.loads(_documents(home, folder).read_text(encoding="utf-8"))
    describe_columns(manifest)
    page = (folder / PAGE).read_text(encoding="utf-8")
    texts = {
        "manifest": json.dumps(manifest),
        "catalog": (folder / "catalog.json").read_text(encoding="utf-8"),
    }
    for name, place in _PLACES.items():
        if place not in page:
            raise AnxinError(f"dbt's page has no place for its {name}")
        page = page.replace(place, texts[name].replace("</", "<\\/"))
    finished = folder / f"finished-{PAGE}"
    finished.write_text(page.replace("<head>", f"<head>{_META}", 1), encoding="utf-8")
    return finished.replace(home.model_docs / PAGE)


def describe_columns(manifest: Manifest) -> None:
    """Describe, in place, the columns that models pass through from the raw contract.

    A column is described once, by the doc block of its name.
    """
    texts = {
        block["name"]: block["block_contents"]
        for block in manifest["docs"].values()
        if block["package_name"] == "anxin"
    }
    contracts = {source["name"]: source["columns"] for source in manifest["sources"].values()}
    for node in [*manifest["nodes"].values(), *manifest["sources"].values()]:
        if node["resource_type"] == "model":
            for name, column in _passed_on(node["name"], contracts).items():
                node["columns"].setdefault(name, {**column})
        for name, column in node.get("columns", {}).items():
            column["description"] = column["description"] or texts.get(name, "")


def _passed_on(model: str, contracts: dict[str, Any]) -> dict[str, Any]:
    """The columns that a model of staging or the current state takes from an entity of raw."""
    for entity in sorted(contracts, key=len, reverse=True):
        if model == f"stg_native__{entity}" or model.startswith(f"int_{entity}_"):
            named = {"customer_id": "customer_key"}
            columns = {named.get(name, name): column for name, column in contracts[entity].items()}
            columns["source"] = {"data_type": "varchar"}
            return {
                name: {**column, "name": name, "description": column.get("description", "")}
                for name, column in columns.items()
            }
    return {}


def _documents(home: Home, folder: Path) -> Path:
    """Let dbt write manifest, catalog and its page into the folder; return the manifest."""
    from dbt.cli.main import dbtRunner

    common = [
        *("--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT), "--target", "published"),
        *("--target-path", str(folder), "--log-path", str(home.logs)),
        *("--log-level", "none", "--log-level-file", "info"),
    ]
    parsed = dbtRunner().invoke(["parse", *common])
    if parsed.success:
        parsed = dbtRunner(manifest=parsed.result).invoke(
            ["docs", "generate", "--no-compile", *common]
        )
    if not parsed.success:
        raise AnxinError(f"dbt could not document the models: {parsed.exception}")
    return folder / "manifest.json"


if __name__ == "__main__":
    build_model_docs(Home.from_environment())
