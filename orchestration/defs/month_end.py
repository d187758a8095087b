"""The end of a month in Dagster: its report, a check that blocks, and then the soft close."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from orchestration import closing, pipeline
from orchestration.closing.months import OPEN, state
from orchestration.defs.instance import QUEUED, WRITER_TAG, tag_process
from orchestration.defs.jobs import ZONE, JobLike
from orchestration.defs.project import OWNERS, PUBLISHED
from orchestration.defs.session import UNATTENDED_WAIT
from orchestration.home import Home
from orchestration.recovery import writing

MONTH_END = "month_end"
REPORT = dg.AssetKey(["exports", "month_report"])
SOFT_CLOSE = dg.AssetKey(["exports", "soft_close"])
CAN_CLOSE = dg.AssetCheckSpec(
    name="month_can_be_closed",
    asset=REPORT,
    description="No critical break of the month is open, no file about its money is missing, and"
    " every identity of the sheet `checks` holds.",
    blocking=True,
)
MONTHS = dg.MonthlyPartitionsDefinition(start_date="2020-01-01", timezone=ZONE)


def month_end_assets(home: Home) -> list[dg.AssetsDefinition]:
    """What happens once a month is over, one partition per month."""

    @dg.asset(
        key=REPORT,
        deps=[PUBLISHED],
        partitions_def=MONTHS,
        check_specs=[CAN_CLOSE],
        description="One row per figure of the month: the workbook and the CSV files that"
        " `anxin reconcile` writes.",
        group_name=MONTH_END,
        owners=OWNERS,
    )
    def month_report(
        context: dg.AssetExecutionContext,
    ) -> Iterator[dg.MaterializeResult[Any]]:
        """Write the report of the month and judge whether the month can be closed."""
        tag_process(context.instance, context.run.run_id)
        month = closing.Month.parse(context.partition_key[:7])
        purpose = f"reconcile {month}"
        with writing(home, purpose, run_id=context.run.run_id, wait=UNATTENDED_WAIT):
            made = closing.reconcile(home, month)
        yield dg.MaterializeResult(
            metadata={"folder": made.folder, "files": len(made.files), "state": made.state},
            check_results=[
                dg.AssetCheckResult(
                    check_name=CAN_CLOSE.name,
                    passed=not made.objections,
                    metadata={"objections": "\n".join(made.objections)},
                )
            ],
        )

    @dg.asset(
        key=SOFT_CLOSE,
        deps=[REPORT],
        partitions_def=MONTHS,
        description="One row per month: the event of its soft close. Closing for good is a person's"
        " decision, `anxin close MONTH --by NAME --hard`.",
        group_name=MONTH_END,
        owners=OWNERS,
    )
    def soft_close(context: dg.AssetExecutionContext) -> dg.MaterializeResult[Any]:
        """Close the month softly, unless somebody has decided about it already."""
        tag_process(context.instance, context.run.run_id)
        month = closing.Month.parse(context.partition_key[:7])
        purpose, run_id = f"close {month}", context.run.run_id
        with pipeline.opened(home, purpose, run_id=run_id, wait=UNATTENDED_WAIT) as opened:
            with closing.books(home) as connection:
                found = state(closing.decisions(connection), month)
                if found == OPEN:
                    closing.close(home, connection, month, closing.Who("dagster"), is_hard=False)
            opened.finish("closed", f"{month} is {'soft closed' if found == OPEN else found}")
        return dg.MaterializeResult(metadata={"state before": found})

    return [month_report, soft_close]


def month_end_job() -> JobLike:
    """The job: report, check, soft close."""
    return dg.define_asset_job(
        MONTH_END,
        dg.AssetSelection.assets(REPORT, SOFT_CLOSE),
        partitions_def=MONTHS,
        description="Reconcile a month that is over, and close it softly unless critical breaks or"
        " missing files stand against it.",
        tags={WRITER_TAG: QUEUED},
    )
