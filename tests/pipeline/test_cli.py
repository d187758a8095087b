"""The command, as a process of its own: what it prints and how it exits."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from orchestration.home import Home

Anxin = Callable[..., subprocess.CompletedProcess[str]]

ORDERS = (
    "order_id,merchant_id,order_status,order_amount,pay_amount,freight_amount,"
    "created_at,paid_at,updated_at\n"
)


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home whose path is as awkward as paths get; the tests use it one after the other."""
    return Home(tmp_path_factory.mktemp("cli") / "it's a höme")


@pytest.fixture
def anxin(home: Home) -> Anxin:
    """Run the command in the home."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "ANXIN_HOME": str(home.root)}
        environment.pop("ANXIN_CUSTOMER_KEY", None)
        command = Path(sys.executable).with_name("anxin")
        return subprocess.run(
            [command, *arguments], env=environment, capture_output=True, text=True, check=False
        )

    return run


def order(order_id: str, amount: object = 1000) -> str:
    """One line of an orders file."""
    at = "2021-08-01T04:00:00Z"
    return f"{order_id},m1,5,{amount},{amount},0,{at},{at},{at}\n"


def only_json(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """The one JSON object that the command printed, and nothing beside it."""
    assert done.stdout.count("\n") == 1, done.stdout
    return dict(json.loads(done.stdout))


def test_an_empty_home_has_a_status(anxin: Anxin) -> None:
    done = anxin("status")
    assert done.returncode == 0
    assert "nothing yet" in done.stdout


@pytest.mark.parametrize("command", ["rollback", "publish", "audits"])
def test_what_needs_a_run_says_so_in_an_empty_home(anxin: Anxin, command: str) -> None:
    done = anxin(command)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith("anxin: ")


@pytest.mark.parametrize(
    "arguments",
    [
        ("ingest", "absent.csv", "--source", "native", "--feed", "orders", "--dt", "2021-08-01"),
        ("ingest", __file__, "--source", "nobody", "--feed", "orders", "--dt", "2021-08-01"),
        ("ingest", __file__, "--source", "native", "--feed", "orders", "--dt", "yesterday"),
        ("backfill", "--from", "2021-08-02", "--to", "2021-08-01"),
        ("nonsense",),
        ("run", "--nonsense"),
        ("backfill", "--from", "yesterday"),
        ("backfill", "--from", "1999-01-01", "--to", "2021-08-01", "--plan"),
    ],
)
def test_wrong_usage_exits_with_2(anxin: Anxin, arguments: tuple[str, ...]) -> None:
    done = anxin(*arguments, "--json")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert only_json(done)["error"] in " ".join(done.stderr.replace("│", "").split())


@pytest.mark.parametrize("port", ["0", "65535"])
def test_a_port_that_can_not_be_served_is_refused(anxin: Anxin, port: str) -> None:
    done = anxin("ui", "--port", port)
    assert done.returncode == 2
    assert "Invalid value for '--port'" in done.stderr


def test_a_file_goes_from_delivery_to_the_published_marts(
    anxin: Anxin, home: Home, tmp_path: Path
) -> None:
    file = tmp_path / "orders.csv"
    file.write_text(ORDERS + order("a") + order("b", "much"))
    delivered = anxin(
        "ingest",
        str(file),
        "--source",
        "native",
        "--feed",
        "orders",
        "--dt",
        "2021-08-01",
        "--json",
    )
    assert delivered.returncode == 0, delivered.stderr
    found = only_json(delivered)
    assert (found["rows_read"], found["rows_accepted"], found["rows_quarantined"]) == (2, 1, 1)
    assert found["quarantine"][0][:2] == [2, "order_amount"]

    assert only_json(anxin("run", "--json"))["outcome"] == "published"
    again = anxin("run")
    assert again.returncode == 0
    assert "nothing new" in again.stdout

    recomputed = anxin("backfill", "--from", "2021-08-01", "--to", "2021-08-02", "--json")
    assert only_json(recomputed)["outcome"] == "published"
    status = only_json(anxin("status", "--json"))
    assert status["published"]["generation_id"] == 2
    assert only_json(anxin("rollback", "--json"))["generation_id"] == 1
    assert home.published.exists()


def test_a_file_that_can_not_be_read_exits_with_1(anxin: Anxin, tmp_path: Path) -> None:
    file = tmp_path / "empty.csv"
    file.touch()
    done = anxin(
        "ingest", str(file), "--source", "native", "--feed", "orders", "--dt", "2021-08-01"
    )
    assert done.returncode == 1
    assert "the file is empty" in done.stdout
