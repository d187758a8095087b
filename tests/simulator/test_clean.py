"""A clean platform through the whole pipeline: all figures right, and not one alarm."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration import check_answers, cli
from orchestration.defs.launch import execute
from orchestration.home import Home
from simulator.delivery import Faults
from simulator.parameters import Parameters
from simulator.simulate import MARKER, simulate

CLEAN = Parameters(lines=1_500, seed=8, from_date=date(2021, 7, 1), days=2)
Command = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home in the simulation's own folder, after one run."""
    home = Home(tmp_path_factory.mktemp("clean"))
    simulate(CLEAN, home.root, faults=Faults.none())
    assert execute(home).outcome == "published"
    return home


@pytest.fixture
def command(
    home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    """Call `anxin check-answers`; return exit code, output and errors."""

    def call(*arguments: object, root: Path = home.root) -> tuple[int, str, str]:
        monkeypatch.setenv("ANXIN_HOME", str(root))
        monkeypatch.setattr(sys, "argv", ["anxin", "check-answers", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        printed = capsys.readouterr()
        return int(ended.value.code or 0), printed.out, printed.err

    return call


def test_a_clean_platform_is_right_in_every_value_and_raises_no_alarm(home: Home) -> None:
    report = check_answers.check(home, home.root / "answers")
    assert [entry for entry in report.compared if entry.differences] == []
    assert sum(entry.values for entry in report.compared) > 10_000
    assert (report.faults, report.alarms) == ([], [])
    assert report.is_right
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        statuses = connection.execute("select distinct status from raw.deliveries").fetchall()
        refused = connection.execute("select count(*) from raw.quarantine").fetchall()
    assert (statuses, refused) == ([("accepted",)], [(0,)])


def test_a_clean_platform_has_no_break_and_every_refund_is_paid_or_on_its_way(home: Home) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"attach '{home.published}' as marts (read_only)")
        breaks = connection.execute(
            "from marts.finance.fct_reconciliation_breaks where is_open"
        ).fetchall()
        statuses = connection.execute(
            "select distinct chain_status from marts.finance.fct_refund_reconciliation"
        ).fetchall()
        ((due, paid, unpaid, breaking),) = connection.execute(
            "select sum(approved_amount), sum(paid_amount), sum(unpaid_amount), sum(break_amount)"
            " from marts.finance.fct_refund_reconciliation"
        ).fetchall()
    assert breaks == []
    assert {status for (status,) in statuses} <= {"matched", "in_transit", "failed", "lapsed"}
    assert due > paid > due / 2
    assert (unpaid, breaking) == (0, 0)


def test_every_statement_that_is_not_judged_says_why(home: Home) -> None:
    with duckdb.connect(str(home.published), read_only=True) as connection:
        rows = connection.execute(
            "select verdict in ('holds', 'out_of_range'), verdict_reason is null, count(*)"
            " from growth.published_claim_check group by all order by all"
        ).fetchall()
    (unjudged, judged) = rows
    assert (unjudged[:2], judged[:2]) == ((False, False), (True, True))
    assert unjudged[2] + judged[2] == 45


def test_a_right_warehouse_exits_with_0(home: Home, command: Command) -> None:
    code, out, _ = command(home.root / "answers", "--json")
    found: dict[str, Any] = json.loads(out)
    assert (code, found["is_right"], found["mistake"]) == (0, True, None)


@pytest.mark.parametrize(
    ("spoil", "column"),
    [
        ("update marts.sales.agg_gmv_daily set gmv_amount = gmv_amount + 0.01 where {one}", "gmv"),
        ("delete from marts.sales.agg_gmv_daily where {one}", "row: expected a row, found None"),
        (
            "insert into marts.sales.agg_gmv_daily select * replace ('x' as channel)"
            " from marts.sales.agg_gmv_daily where {one}",
            "row: expected None, found a row",
        ),
    ],
    ids=["a wrong value", "a missing row", "an extra row"],
)
def test_a_spoilt_warehouse_exits_with_1(
    home: Home, command: Command, tmp_path: Path, spoil: str, column: str
) -> None:
    spoilt = Home(tmp_path).create()
    shutil.copyfile(home.warehouse, spoilt.warehouse)
    shutil.copyfile(home.published, spoilt.published)
    with duckdb.connect() as connection:
        connection.execute(f"attach '{spoilt.published}' as marts")
        one = "rowid = (select min(rowid) from marts.sales.agg_gmv_daily)"
        connection.execute(spoil.format(one=one))
    code, out, _ = command(home.root / "answers", root=tmp_path)
    assert code == 1
    assert column in out
    assert "answers compared: 1 differences" in out


def test_the_key_of_another_simulation_exits_with_1_and_says_so(
    home: Home, command: Command, tmp_path: Path
) -> None:
    shutil.copytree(home.root / "answers", tmp_path / "answers")
    orders = tmp_path / "answers" / "orders.parquet"
    duckdb.execute(f"copy (from '{home.root}/answers/orders.parquet' limit 7) to '{orders}'")
    (tmp_path / MARKER).write_text('{"lines": 1000, "seed": 9}')
    code, out, _ = command(tmp_path / "answers")
    assert code == 1
    assert "lines 1500, seed 8" in " ".join(out.split())
    assert "lines 1000, seed 9" in " ".join(out.split())


def test_what_cannot_be_compared_exits_with_2(home: Home, command: Command, tmp_path: Path) -> None:
    code, _, err = command(home.landing)
    assert (code, "holds no answers" in err) == (2, True)
    code, _, err = command(home.root / "answers", root=tmp_path / "nothing")
    assert (code, "there is no warehouse" in err) == (2, True)
    Home(tmp_path).create().warehouse.write_bytes(home.warehouse.read_bytes())
    code, _, err = command(home.root / "answers", root=tmp_path)
    assert (code, "nothing is published" in err) == (2, True)
