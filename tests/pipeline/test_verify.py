"""A verification rebuilds from raw and names every row that differs."""

from __future__ import annotations

import duckdb
import pytest

from orchestration import pipeline
from orchestration.home import Home, UsageError
from orchestration.verify import Verification, verify
from tests.small_landing import DAYS, deliver_day


def verified(home: Home) -> Verification:
    with pipeline.opened(home, "verify") as opened:
        return verify(opened)


def test_a_refreshed_warehouse_equals_its_rebuild(home: Home) -> None:
    deliver_day(home, DAYS[1])
    assert pipeline.run(home).outcome == "published"
    found = verified(home)
    assert found.is_equal
    assert found.rows > 0
    assert not (home.root / "verify").exists()


def test_every_row_that_differs_is_named_with_its_key(home: Home) -> None:
    with duckdb.connect(str(home.published)) as connection:
        connection.execute("update core.fct_orders set pay_amount = 0.01 where order_id like '%-0'")
        connection.execute("delete from sales.agg_sales_daily")
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute(
            "insert into intermediate.int_claims_current by name select 'new' as claim_id"
        )
    found = {difference.model: difference for difference in verified(home).differences}
    assert sorted(found) == ["agg_sales_daily", "fct_orders", "int_claims_current"]
    order = found["fct_orders"].examples[0]
    assert (order["in"], order["order_id"]) == ("both", f"{DAYS[0]}-0")
    assert order["pay_amount"].startswith("0.01 / rebuilt ")
    assert found["agg_sales_daily"].only_rebuilt == found["agg_sales_daily"].rebuilt_rows
    assert found["int_claims_current"].examples == [{"in": "live", "claim_id": "new"}]


def test_what_no_run_has_built_yet_is_not_called_a_difference(home: Home) -> None:
    deliver_day(home, DAYS[1])
    with pipeline.opened(home, "ingest") as opened:
        opened.ingest()
        opened.audit_deliveries()
    with pytest.raises(UsageError, match="anxin run"):
        verified(home)
