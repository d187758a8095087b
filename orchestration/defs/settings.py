"""What the environment says, read before a run or the server begins."""

from orchestration.defs import alerts, pruning
from orchestration.home import memory_limit
from orchestration.ingestion import content


def require_sense() -> None:
    """Refuse variables that would be noticed only once something is to load, prune or post.

    Raises:
        UsageError: One of them makes no sense.
    """
    memory_limit()
    content.stated_limit()
    pruning.retention()
    alerts.address()
