"""The marker that stops publishing after a rollback, until someone says `anxin publish`."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from orchestration.home import AnxinError, Home
from orchestration.publishing.files import fsync_folder, write_atomically


@dataclass(frozen=True)
class Pause:
    """Since when and why nothing is published, and what is served meanwhile."""

    paused_at: datetime | None
    generation_id: int | None
    reason: str


class PublishingPausedError(AnxinError):
    """Publishing is paused; what was built stays unpublished."""

    def __init__(self, pause: Pause) -> None:
        """Say since when and why."""
        since = f" since {pause.paused_at:%Y-%m-%d %H:%M:%S} UTC" if pause.paused_at else ""
        super().__init__(
            f"Publishing is paused{since}: {pause.reason}. Say `anxin publish` to publish again."
        )
        self.pause = pause


def marker(home: Home) -> Path:
    """Where the marker stands while publishing is paused."""
    return home.serving / "publishing-paused.json"


def pause(home: Home, generation_id: int | None, reason: str) -> Pause:
    """Pause publishing until `resume`; a reason given earlier is replaced."""
    paused = Pause(datetime.now(UTC), generation_id, reason)
    text = json.dumps(asdict(paused), default=datetime.isoformat, ensure_ascii=False)
    write_atomically(marker(home), text, durable=True)
    return paused


def is_paused(home: Home) -> bool:
    """Whether publishing is paused."""
    return marker(home).exists()


def read_pause(home: Home) -> Pause | None:
    """Read why publishing is paused, None if it is not; an unreadable marker pauses too."""
    try:
        text = marker(home).read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    try:
        found = json.loads(text)
        paused_at = datetime.fromisoformat(found["paused_at"])
        return Pause(paused_at, found["generation_id"], found["reason"])
    except (ValueError, KeyError, TypeError):
        return Pause(None, None, f"{marker(home).name} is there, though it can't be read")


def resume(home: Home) -> Pause | None:
    """Let publishing go on; return the pause that ended, None if there was none."""
    ended = read_pause(home)
    if ended:
        marker(home).unlink(missing_ok=True)
        fsync_folder(home.serving)
    return ended
