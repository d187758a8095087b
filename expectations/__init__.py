"""Great Expectations suites, one file per table, found by the name of the table.

`deliveries`, `versions` and `raw.<entity>` are audited before a delivery counts,
`<schema>.<model>` before the marts are published. Great Expectations takes seconds to import:
the modules of this package are imported when their suites are asked for, not before.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from great_expectations import ExpectationSuite

_FOLDER = Path(__file__).parent


def entity(name: str) -> ModuleType:
    """Return the module of a raw entity: RATES, rows() and batches()."""
    return import_module(f"expectations.entities.{name}")


def entity_names() -> list[str]:
    """Return the names of the raw entities that have suites."""
    return _names("entities")


def mart_modules() -> dict[str, ModuleType]:
    """Return the modules of the published tables by `<schema>.<model>`: QUERY and suite()."""
    modules = [import_module(f"expectations.marts.{name}") for name in _names("marts")]
    return {module.TABLE: module for module in modules}


def suites() -> dict[str, ExpectationSuite]:
    """Return every suite of the project by its name."""
    found = [import_module(f"expectations.{name}").suite() for name in ("deliveries", "versions")]
    for name in entity_names():
        found += [entity(name).rows(), entity(name).batches()]
    found += [module.suite() for module in mart_modules().values()]
    return {suite.name: suite for suite in found}


def _names(folder: str) -> list[str]:
    return sorted(path.stem for path in (_FOLDER / folder).glob("[!_]*.py"))
