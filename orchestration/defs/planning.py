"""The job that says what a backfill would touch, and changes nothing."""

from dataclasses import asdict
from datetime import date

import dagster as dg

from orchestration import backfill
from orchestration.defs.arrivals import require_dates
from orchestration.defs.instance import QUEUED, WRITER_TAG, tag_process
from orchestration.defs.session import UNATTENDED_WAIT
from orchestration.home import Home
from orchestration.recovery import writing

BACKFILL_PLAN = "backfill_plan"
CONFIG = {
    "from_date": dg.Field(str, description="First business date, YYYY-MM-DD."),
    "to_date": dg.Field(str, description="Last business date, included."),
    "select": dg.Field(
        str, is_required=False, description="Names of the models, parted by spaces; all without."
    ),
}


def plan_job(home: Home) -> dg.JobDefinition:
    """The job that plans; its one step shows the plan as metadata."""

    @dg.op(name="plan_backfill", config_schema=CONFIG)
    def plan_backfill(context: dg.OpExecutionContext) -> None:
        """Count the dates, models and rows that a backfill of the range would recompute."""
        tag_process(context.instance, context.run.run_id)
        asked = context.op_config
        first, last = (date.fromisoformat(asked[name]) for name in ("from_date", "to_date"))
        require_dates(first, last)
        with writing(home, BACKFILL_PLAN, run_id=context.run.run_id, wait=UNATTENDED_WAIT):
            planned = backfill.plan(home, first, last, asked.get("select"))
        context.add_output_metadata(_shown(planned))

    @dg.job(
        name=BACKFILL_PLAN,
        description="Say which dates, models, rows and closed periods a backfill would touch, and"
        " about how long it would take. Changes nothing; the backfill itself is the job backfill.",
        executor_def=dg.in_process_executor,
        tags={WRITER_TAG: QUEUED},
    )
    def planning() -> None:
        plan_backfill()

    return planning


def _shown(planned: backfill.Plan) -> dict[str, dg.MetadataValue]:
    """The plan as the page of a run shows it."""
    models = [{k: v for k, v in asdict(model).items() if v is not None} for model in planned.models]
    return {
        "dates": dg.MetadataValue.json([day.isoformat() for day in planned.dates]),
        "models": dg.MetadataValue.json(models),
        "rows": dg.MetadataValue.int(sum(model.rows for model in planned.models)),
        "closed_periods": dg.MetadataValue.json(planned.closed_periods),
        **(
            {}
            if planned.seconds is None
            else {"estimated_seconds": dg.MetadataValue.float(planned.seconds)}
        ),
    }
