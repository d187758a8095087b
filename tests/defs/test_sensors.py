"""The sensor of the landing."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import pytest

from orchestration.defs.sensors import fingerprint, landing_sensor
from orchestration.home import Home
from tests.small_landing import DAYS, put

MERCHANT: list[dict[str, object]] = [
    {"merchant_id": "m1", "merchant_type": "brand", "updated_at": "2021-07-01T00:00:00Z"}
]


@pytest.fixture
def empty(tmp_path: Path) -> Home:
    return Home(tmp_path / "home").create()


def look(home: Home, cursor: str | None) -> tuple[int, str | None]:
    """Evaluate the sensor; return how many runs it requests, and its cursor."""
    with dg.build_sensor_context(cursor=cursor) as context:
        found = landing_sensor(home)(context)
    if isinstance(found, dg.SkipReason):
        return 0, cursor
    assert isinstance(found, dg.SensorResult)
    return len(found.run_requests or ()), found.cursor


def test_an_empty_landing_requests_nothing(empty: Home) -> None:
    assert look(empty, None) == (0, None)


def test_a_change_requests_one_run_once(empty: Home) -> None:
    put(empty, "merchants", DAYS[0], MERCHANT)
    requests, cursor = look(empty, None)
    assert requests == 1
    assert look(empty, cursor) == (0, cursor)
    put(empty, "merchants", DAYS[1], MERCHANT)
    requests, later = look(empty, cursor)
    assert requests == 1
    assert look(empty, later) == (0, later)


def test_a_correction_a_new_sidecar_and_a_stray_file_are_changes(empty: Home) -> None:
    landed = put(empty, "merchants", DAYS[0], MERCHANT)
    seen = [fingerprint(empty)]
    put(empty, "merchants", DAYS[0], [{**MERCHANT[0], "merchant_type": "other"}])
    seen.append(fingerprint(empty))
    landed.with_name(f"{landed.name}.manifest.json").write_text('{"rows": 1}')
    seen.append(fingerprint(empty))
    (empty.landing / "stray.txt").write_text("lies nowhere")
    seen.append(fingerprint(empty))
    assert len(set(seen)) == len(seen)


def test_the_sensor_opens_no_database(empty: Home) -> None:
    put(empty, "merchants", DAYS[0], MERCHANT)
    empty.warehouse.write_bytes(b"no database")
    assert look(empty, None)[0] == 1
    assert empty.warehouse.read_bytes() == b"no database"
