"""Data Docs: the results of the last run as a static site, one page per suite, built by GX.

The pages as GX makes them fetch styles, scripts and pictures from half a dozen hosts whenever
someone opens them, and the index is empty without. Here they stand on their own.
"""

from __future__ import annotations

import datetime as dt
import html
import re
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuiteValidationResult
    from great_expectations.data_context import EphemeralDataContext

KEYS_SHOWN = 20
"""Failing keys per expectation on a page."""

_FETCHED = re.compile(
    r"<script\b.*?</script>"
    r"|url\(\s*[\"']?https?:[^)]*\)"
    r"|<(?:link|img)\b[^>]*\b(?:href|src)=[\"']?https?:[^>]*>",
    re.DOTALL | re.IGNORECASE,
)
_STYLE = """<style>
body { font-family: sans-serif; max-width: 75em; margin: 2em auto; padding: 0 1em; }
table { border-collapse: collapse; width: 100%; margin: 1em 0; }
td, th { border: 1px solid #ccc; padding: 0.4em; text-align: left; vertical-align: top; }
.text-danger::before { content: "\\2717"; color: #b00; }
.text-success::before { content: "\\2713"; color: #080; }
.modal, .newsletter, .navbar, .btn, .cooltip .top { display: none; }
</style>
"""


def build_data_docs(
    validations: Iterable[ExpectationSuiteValidationResult],
    folder: Path,
    *,
    now: dt.datetime | None = None,
) -> Path:
    """Replace the site in a folder by one about these results.

    Args:
        validations: What `audit_deliveries` and `audit_marts` put into their `validations`.
        folder: Emptied first, so that it holds one run; `Home.docs`.
        now: The time of the run; the wall clock by default.

    Returns:
        The page to open.
    """
    from orchestration.quality import engine

    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    context = engine.context({"site": _site(folder)})
    validations = list(validations)
    for validation in validations:
        _store(context, validation, now or dt.datetime.now(dt.UTC))
    context.build_data_docs(build_index=False)
    for page in folder.rglob("*.html"):
        text = _FETCHED.sub("", page.read_text(encoding="utf-8"))
        page.write_text(text.replace("</head>", f"{_STYLE}</head>", 1), encoding="utf-8")
    return _write_index(folder, validations)


def presentable(validation: ExpectationSuiteValidationResult) -> ExpectationSuiteValidationResult:
    """Shorten the keys of a result in place, row by row as the pages expect them.

    Values of unexpected cells are not there to begin with: the runner excludes them.
    """
    from orchestration.quality.runner import shown_keys

    for result in validation.results:
        detail: dict[str, Any] = result.result or {}
        keys = shown_keys(detail)[:KEYS_SHOWN]
        for name in ("unexpected_index_list", "partial_unexpected_index_list"):
            if name in detail:
                detail[name] = keys
        detail["partial_unexpected_list"] = [
            ", ".join(f"{name} {value}" for name, value in key.items()) for key in keys
        ]
        if "details" in detail:
            detail["details"] = {"unexpected_rows": keys}
    return validation


def _site(folder: Path) -> dict[str, Any]:
    return {
        "class_name": "SiteBuilder",
        "show_how_to_buttons": False,
        "store_backend": {
            "class_name": "TupleFilesystemStoreBackend",
            "base_directory": str(folder),
        },
        "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
    }


def _store(
    context: EphemeralDataContext, validation: ExpectationSuiteValidationResult, now: dt.datetime
) -> None:
    """Put a result where the site builder looks for it."""
    from great_expectations.core import RunIdentifier
    from great_expectations.data_context.types.resource_identifiers import (
        ExpectationSuiteIdentifier,
        ValidationResultIdentifier,
    )

    run = RunIdentifier(run_name="last run", run_time=now)
    validation.meta.update(run_id=run, validation_time=now)
    suite = ExpectationSuiteIdentifier(name=validation.suite_name)
    context.validation_results_store.store_validation_results(
        suite_validation_result=validation,
        suite_validation_result_identifier=ValidationResultIdentifier(
            batch_identifier=validation.batch_id, expectation_suite_identifier=suite, run_id=run
        ),
        expectation_suite_identifier=suite,
    )


def _write_index(folder: Path, validations: Sequence[ExpectationSuiteValidationResult]) -> Path:
    """Write the list of all pages, failed suites first."""
    pages = {page.stem: page.relative_to(folder).as_posix() for page in folder.rglob("*.html")}
    rows = []
    for validation in sorted(validations, key=lambda item: (bool(item.success), item.suite_name)):
        numbers = validation.statistics
        mark = "text-success" if validation.success else "text-danger"
        link = quote(pages[validation.batch_id])
        rows.append(
            f'<tr><td class="{mark}"></td>'
            f'<td><a href="{link}">{html.escape(validation.suite_name)}</a></td>'
            f"<td>{numbers['unsuccessful_expectations']} of "
            f"{numbers['evaluated_expectations']} expectations failed</td></tr>"
        )
    index = folder / "index.html"
    index.write_text(
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Audits</title>{_STYLE}'
        f"</head><body><h1>Audits of the last run</h1><table>{''.join(rows)}</table></body></html>",
        encoding="utf-8",
    )
    return index
