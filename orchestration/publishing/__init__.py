"""Clone, stamp, publish and roll back the one file that readers open."""

from orchestration.publishing.cloning import clone, drop_clone
from orchestration.publishing.compacting import compact
from orchestration.publishing.files import DiskSpaceError
from orchestration.publishing.generations import (
    Generation,
    PublishError,
    drop_older,
    generations,
    read_generation,
    read_published,
    settle,
)
from orchestration.publishing.pausing import (
    Pause,
    PublishingPausedError,
    is_paused,
    pause,
    read_pause,
    resume,
)
from orchestration.publishing.stamping import AuditRow, WaitingRow, stamp
from orchestration.publishing.swap import publish, rollback

__all__ = [
    "AuditRow",
    "DiskSpaceError",
    "Generation",
    "Pause",
    "PublishError",
    "PublishingPausedError",
    "WaitingRow",
    "clone",
    "compact",
    "drop_clone",
    "drop_older",
    "generations",
    "is_paused",
    "pause",
    "publish",
    "read_generation",
    "read_pause",
    "read_published",
    "resume",
    "rollback",
    "settle",
    "stamp",
]
