"""Great Expectations over an open DuckDB connection."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest

from orchestration.home import PROJECT
from orchestration.quality import runner
from orchestration.quality.runner import Check, audit, per_delivery, run

if TYPE_CHECKING:
    from great_expectations.expectations import Expectation

KEYS = ("_delivery_id", "_row_number")


def check(query: str, *expected: Expectation, keys: tuple[str, ...] = KEYS) -> Check:
    from great_expectations import ExpectationSuite

    return Check("t", query, ExpectationSuite(name="t", expectations=list(expected)), keys)


def below(limit: int, **options: str) -> Expectation:
    import great_expectations.expectations as gxe

    return gxe.ExpectColumnValuesToBeBetween(column="v", max_value=limit, **options)


def numbers(count: int, delivery: str = "i % 3") -> str:
    return (
        f"select {delivery} as _delivery_id, i as _row_number, i as v from range({count}) rows(i)"
    )


def test_importing_the_room_does_not_import_great_expectations() -> None:
    code = "import sys, orchestration.quality; sys.exit('great_expectations' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=PROJECT, check=False).returncode == 0


def test_attached_tables_are_read_and_nothing_is_written(tmp_path: Path) -> None:
    marts = tmp_path / "marts.duckdb"
    with duckdb.connect(str(marts)) as made:
        made.execute(f"create schema sales; create table sales.x as {numbers(10)}")
    before = marts.read_bytes()
    with duckdb.connect(str(tmp_path / "main.duckdb")) as connection:
        connection.execute(f"attach '{marts}' as marts")
        (result,) = audit(connection, [check("select * from marts.sales.x", below(8))])
        tables = connection.execute("select database_name, table_name from duckdb_tables()")
        assert tables.fetchall() == [("marts", "x")]
        assert connection.execute(
            "select count(*) from duckdb_views() where not internal"
        ).fetchall() == [(0,)]
    assert result.unexpected_count == 1
    assert marts.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["main.duckdb", "marts.duckdb"]


def test_the_open_transaction_of_the_caller_stays_open() -> None:
    with duckdb.connect() as connection:
        connection.execute("begin")
        connection.execute(f"create table t as {numbers(10)}")
        (result,) = audit(connection, [check("select * from t", below(100))])
        assert result.success
        connection.execute("rollback")
        assert connection.execute("select count(*) from duckdb_tables()").fetchone() == (0,)


def test_the_connection_is_usable_and_closable_afterwards(tmp_path: Path) -> None:
    path = str(tmp_path / "x.duckdb")
    with duckdb.connect(path) as connection:
        audit(connection, [check(numbers(3), below(1))])
        assert connection.execute("select 1").fetchone() == (1,)
    duckdb.connect(path, config={"threads": 1}).close()  # refused while another handle is open


@pytest.mark.parametrize("severity", ["critical", "warning"])
def test_an_expectation_that_breaks_is_a_critical_failure(severity: str) -> None:
    with duckdb.connect() as connection:
        broken = check(numbers(9, "i").replace("as v", "as w"), below(100, severity=severity))
        (outcome,) = run(connection, [broken])
    assert outcome.result.blocks
    assert "the check itself failed" in outcome.result.observed
    assert all(result.blocks for result in per_delivery(outcome, [1, 2]).values())


def test_a_query_that_breaks_fails_alone() -> None:
    with duckdb.connect() as connection:
        results = audit(
            connection, [check("select * from nowhere", below(1)), check(numbers(1), below(1))]
        )
    assert [result.blocks for result in results] == [True, False]


def test_an_empty_batch_passes() -> None:
    with duckdb.connect() as connection:
        (result,) = audit(connection, [check(numbers(0), below(1))])
    assert result.success


def test_the_severity_of_the_expectation_is_the_severity_of_the_result() -> None:
    with duckdb.connect() as connection:
        expected = below(1, severity="warning", description="small numbers")
        (result,) = audit(connection, [check(numbers(9), expected)])
    assert (result.severity, result.success, result.blocks) == ("warning", False, False)
    assert (result.rule, result.column) == ("small numbers", "v")


def test_a_delivery_is_judged_by_its_own_rows_alone() -> None:
    with duckdb.connect() as connection:
        (outcome,) = run(connection, [check(numbers(30), below(28))])
    verdicts = per_delivery(outcome, [0, 1, 2, 7])
    assert {key: result.success for key, result in verdicts.items()} == {
        0: True,
        1: True,
        2: False,
        7: True,
    }
    assert verdicts[2].sample == ({"_delivery_id": 2, "_row_number": 29},)
    assert verdicts[2].unexpected_count == 1


def test_no_delivery_passes_because_others_fill_the_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(runner, "KEYS_AT_ONCE", 10)
    with duckdb.connect() as connection:
        query = numbers(1000, "case when i < 900 then 1 when i < 990 then 2 else 3 end")
        (outcome,) = run(connection, [check(query, below(-1))])
    assert not any(result.success for result in per_delivery(outcome, [1, 2, 3]).values())


def test_unexpected_rows_beyond_two_hundred_still_name_every_delivery() -> None:
    import great_expectations.expectations as gxe

    expected = gxe.UnexpectedRowsExpectation(
        unexpected_rows_query="select _delivery_id, _row_number from {batch} where v % 2 = 0"
    )
    with duckdb.connect() as connection:
        query = numbers(2000, "case when i < 1990 then 1 else i end")
        (outcome,) = run(connection, [check(query, expected)])
    failed = {key for key, item in per_delivery(outcome, range(2000)).items() if not item.success}
    assert failed == {1, 1990, 1992, 1994, 1996, 1998}


def test_a_kind_that_returns_no_keys_fails_every_delivery() -> None:
    import great_expectations.expectations as gxe

    expected = gxe.ExpectCompoundColumnsToBeUnique(column_list=["_delivery_id", "v"])
    with duckdb.connect() as connection:
        query = f"{numbers(5)} union all {numbers(1)}"
        (outcome,) = run(connection, [check(query, expected)])
    assert not outcome.result.success
    assert not any(result.success for result in per_delivery(outcome, [0, 1]).values())


def test_values_of_personal_columns_are_not_in_a_sample() -> None:
    import great_expectations.expectations as gxe

    expected = gxe.UnexpectedRowsExpectation(
        unexpected_rows_query="select v, 'secret' as phone, 'c1' as customer_id from {batch}"
    )
    with duckdb.connect() as connection:
        (result,) = audit(connection, [check(numbers(1), expected)])
    assert result.sample == ({"v": 0},)


def test_unexpected_values_stay_out_of_what_the_pages_are_made_of() -> None:
    import great_expectations.expectations as gxe

    validations: list[object] = []
    expected = gxe.ExpectColumnValuesToBeInSet(column="w", value_set=["public"])
    pair = gxe.ExpectColumnPairValuesToBeEqual(column_A="w", column_B="x")
    query = "select 1 as _delivery_id, 2 as _row_number, 'secret' as w, 'hidden' as x"
    with duckdb.connect() as connection:
        named = check(query.replace("'secret'", "'sec' || 'ret'"), expected, pair)
        assert len(run(connection, [named], validations)) == 2
    assert "_row_number 2" in str(validations)
    assert "secret" not in str(validations)


def test_the_message_of_a_broken_check_quotes_no_value() -> None:
    with duckdb.connect() as connection:
        connection.execute("create table people as select 'Secret 138' as phone")
        query = "select phone::bigint as v, 1 as _delivery_id, 2 as _row_number from people"
        (result,) = audit(connection, [check(query, below(1))])
    assert result.blocks
    assert "Could not convert" in result.observed
    assert "138" not in str(result)
