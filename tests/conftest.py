"""What holds for all tests, and what they share."""

import os

import pytest
from hypothesis import settings

from tests.once import Once

settings.register_profile("same every time", derandomize=True)
settings.register_profile("new every time", derandomize=False)
settings.load_profile(os.environ.get("ANXIN_HYPOTHESIS", "same every time"))


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> Once:
    """Share what is dear to make."""
    folder = tmp_path_factory.getbasetemp()
    return Once(folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder)
