"""Who is told about a failed run, and what they are told."""

from __future__ import annotations

import logging

import dagster as dg
import pytest

from orchestration.defs import alerts
from orchestration.defs.instance import command_tags, open_instance
from orchestration.defs.sensors import failure_sensor
from orchestration.home import Home

pytestmark = pytest.mark.whole


def evaluate(home: Home, tags: dict[str, str]) -> None:
    """Let a run fail, and the sensor look at it."""

    @dg.op
    def breaks() -> None:
        raise ValueError("a value that must not be told: phone-000001")

    @dg.job(tags=tags)
    def a_job() -> None:
        breaks()

    with open_instance(home) as instance:
        result = a_job.execute_in_process(instance=instance, raise_on_error=False)
        context = dg.build_run_status_sensor_context(
            sensor_name="failure_alerts",
            dagster_event=result.get_run_failure_event(),
            dagster_instance=instance,
            dagster_run=result.dagster_run,
        ).for_run_failure()
        failure_sensor(home)(context)


def test_the_sensor_posts_a_failed_run_without_the_text_of_its_error(
    home: Home, posts: list[dict[str, str]]
) -> None:
    evaluate(home, {})
    (alert,) = posts
    assert alert["job"] == "a_job"
    assert "phone-000001" not in str(alert)


def test_the_sensor_leaves_runs_of_the_command_to_the_command(
    home: Home, posts: list[dict[str, str]]
) -> None:
    evaluate(home, command_tags())
    assert posts == []


def test_without_an_address_nobody_is_told() -> None:
    assert not alerts.notify_failure("run-1", "daily_refresh", "why")


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/nobody", "file:///etc/hostname"])
def test_an_alert_that_cannot_be_posted_is_logged_and_hides_nothing(
    address: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv(alerts.WEBHOOK, address)
    with caplog.at_level(logging.ERROR):
        assert not alerts.notify_failure("run-1", "daily_refresh", "why")
    assert "no" in caplog.text
