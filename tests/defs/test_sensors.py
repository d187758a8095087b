"""The sensor of the landing."""

from __future__ import annotations

import os
import time
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


def test_a_landing_that_comes_back_to_what_it_was_requests_a_run_again(empty: Home) -> None:
    landed = put(empty, "merchants", DAYS[0], MERCHANT)
    first, keys, cursor = landed.stat(), [], None
    for kind in ("brand", "other", "brand"):
        put(empty, "merchants", DAYS[0], [{**MERCHANT[0], "merchant_type": kind}])
        os.utime(landed, ns=(first.st_atime_ns, first.st_mtime_ns + (kind == "other")))
        with dg.build_sensor_context(cursor=cursor) as context:
            found = landing_sensor(empty)(context)
        assert isinstance(found, dg.SensorResult)
        (request,) = found.run_requests or ()
        keys.append(request.run_key)
        cursor = found.cursor
    used = [key for key in keys if key is not None]
    assert len(set(used)) == len(used), "Dagster starts no second run under the same key"


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


def test_a_permission_that_was_mended_is_a_change(empty: Home) -> None:
    landed = put(empty, "merchants", DAYS[0], MERCHANT)
    landed.chmod(0)
    seen = fingerprint(empty)
    time.sleep(0.02)
    landed.chmod(0o644)
    assert fingerprint(empty) != seen


def test_the_sensor_opens_no_database(empty: Home) -> None:
    put(empty, "merchants", DAYS[0], MERCHANT)
    empty.warehouse.write_bytes(b"no database")
    assert look(empty, None)[0] == 1
    assert empty.warehouse.read_bytes() == b"no database"
