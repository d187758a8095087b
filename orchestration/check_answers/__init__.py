"""Compares the published marts with the answer key of a simulated history."""

from orchestration.check_answers.comparing import Compared, Difference, compare
from orchestration.check_answers.faults import Alarm, FaultsFound, found_faults
from orchestration.check_answers.report import Report, check, show

__all__ = [
    "Alarm",
    "Compared",
    "Difference",
    "FaultsFound",
    "Report",
    "check",
    "compare",
    "found_faults",
    "show",
]
