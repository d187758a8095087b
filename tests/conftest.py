"""What holds for all tests."""

import os

import pytest
from hypothesis import settings

settings.register_profile("same every time", derandomize=True)
settings.register_profile("new every time", derandomize=False)
settings.load_profile(os.environ.get("ANXIN_HYPOTHESIS", "same every time"))


@pytest.hookimpl(tryfirst=True)  # the workers read the groups in the same hook
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep a folder's tests in one worker, so that what they share is made once."""
    for item in items:
        item.add_marker(pytest.mark.xdist_group(item.path.parent.name))
