"""A copy of the dbt project, in which a test may change code and seeds."""

from __future__ import annotations

import shutil
from pathlib import Path

from orchestration import transform
from orchestration.home import PROJECT


def copied_project(folder: Path) -> Path:
    """Copy all that dbt reads into a folder, and return the folder."""
    for name in transform.CODE_FOLDERS:
        shutil.copytree(PROJECT / name, folder / name)
    for name in ("dbt_project.yml", "profiles.yml"):
        shutil.copy(PROJECT / name, folder / name)
    return folder
