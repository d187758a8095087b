"""The project as dbt understands it, parsed once."""

from __future__ import annotations

from typing import Any

import pytest

from orchestration import transform
from orchestration.home import Home


@pytest.fixture(scope="session")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The manifest of the project; parsing needs no database."""
    return transform.manifest(Home(tmp_path_factory.mktemp("parsed")).create())
