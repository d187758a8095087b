"""What holds for all tests."""

import os

from hypothesis import settings

settings.register_profile("same every time", derandomize=True)
settings.register_profile("new every time", derandomize=False)
settings.load_profile(os.environ.get("ANXIN_HYPOTHESIS", "same every time"))
