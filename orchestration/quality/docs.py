"""Data Docs: the results of the last run as a static site, built offline by GX itself."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuiteValidationResult

KEYS_SHOWN = 20
"""Failing keys per expectation on a page."""


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
    for validation in validations:
        _store(context, validation, now or dt.datetime.now(dt.UTC))
    context.build_data_docs()
    return folder / "index.html"


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


def _store(context: Any, validation: ExpectationSuiteValidationResult, now: dt.datetime) -> None:
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
