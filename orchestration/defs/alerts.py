"""One line to a webhook when a run has failed; the same for runs of the command and of Dagster."""

from __future__ import annotations

import json
import logging
import os
import re
import urllib.error
import urllib.request

from orchestration.home import Home, UsageError

WEBHOOK = "ANXIN_ALERT_WEBHOOK"
TIMEOUT_SECONDS = 10.0
UNKNOWN = "the run failed; its page and the log say why"

logger = logging.getLogger(__name__)


def address() -> str | None:
    """Return where failed runs are posted to; None if nobody is to be told.

    Raises:
        UsageError: `ANXIN_ALERT_WEBHOOK` is no http(s) address.
    """
    stated = os.environ.get(WEBHOOK, "").strip()
    if stated and not re.match(r"https?://[^\s/]", stated):
        raise UsageError(f"{WEBHOOK} is no http(s) address")
    return stated or None


def notify_failure(run_id: str, job: str, message: str) -> bool:
    """Post a failed run to the address in `ANXIN_ALERT_WEBHOOK`, if there is one.

    Args:
        run_id: The run.
        job: Its job.
        message: Why it failed; holds no value of a personal column.

    Returns:
        Whether somebody was told. A failure to post is logged, never raised.
    """
    try:
        told = address()
    except UsageError as error:
        logger.error("no alert was posted: %s", error)
        return False
    if told is None:
        return False
    text = f"{job} failed: {message}"
    body = {"run_id": run_id, "job": job, "message": message, "text": text}
    request = urllib.request.Request(  # noqa: S310 (the scheme is checked above)
        told,
        data=json.dumps(body, ensure_ascii=False).encode(),
        headers={"Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS):  # noqa: S310
            return True
    except (OSError, ValueError) as error:
        reason = error.reason if isinstance(error, urllib.error.URLError) else type(error).__name__
        logger.error("the alert about run %s could not be posted: %s", run_id, reason)
        return False


def recorded_message(home: Home, run_id: str) -> str:
    """Return why a run failed as its record says; other texts may quote delivered values."""
    try:
        text = (home.logs / "runs" / f"{run_id}.json").read_text(encoding="utf-8")
        return str(json.loads(text)["message"]) or UNKNOWN
    except (OSError, ValueError, KeyError):
        return UNKNOWN
