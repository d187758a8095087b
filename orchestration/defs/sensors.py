"""What is watched: the landing, and runs that fail."""

import hashlib

import dagster as dg

from orchestration.defs import alerts
from orchestration.defs.instance import COMMAND, WRITER_TAG
from orchestration.defs.jobs import DAILY_REFRESH
from orchestration.home import Home
from orchestration.ingestion.landing import list_deliveries

LOOK_SECONDS = 60


def landing_sensor(home: Home) -> dg.SensorDefinition:
    """Requests a run when the landing differs from what the last request saw."""

    @dg.sensor(
        name="landing",
        job_name=DAILY_REFRESH,
        minimum_interval_seconds=LOOK_SECONDS,
        description="Requests a run when a file has landed, changed or gone. Lists the landing;"
        " never opens a database.",
    )
    def landing(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        seen = fingerprint(home)
        if seen is None:
            return dg.SkipReason("the landing is empty")
        if seen == context.cursor:
            return dg.SkipReason("nothing has landed since the last request")
        # No run key: the landing may come back to what an earlier request saw.
        return dg.SensorResult(run_requests=[dg.RunRequest()], cursor=seen)

    return landing


def failure_sensor(home: Home) -> dg.SensorDefinition:
    """Posts failed runs to the webhook; the command posts its own."""

    @dg.run_failure_sensor(
        name="failure_alerts",
        monitor_all_code_locations=True,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=f"Posts every failed run to the address in {alerts.WEBHOOK}, if there is one.",
    )
    def failure_alerts(context: dg.RunFailureSensorContext) -> None:
        run = context.dagster_run
        if run.tags.get(WRITER_TAG) != COMMAND:
            alerts.notify_failure(
                run.run_id, run.job_name, alerts.recorded_message(home, run.run_id)
            )

    return failure_alerts


def fingerprint(home: Home) -> str | None:
    """Digest of path, size and times of everything in the landing; None when it is empty.

    A permission that was mended changes the ctime alone.
    """
    files, findings = list_deliveries(home)
    paths = (
        [f.location for f in files] + [f.sidecar for f in files] + [f.location for f in findings]
    )
    digest, found = hashlib.sha256(), False
    for path in sorted(set(paths)):
        try:
            about = path.stat()
        except OSError:
            continue
        found = True
        stamp = f"{about.st_size}\0{about.st_mtime_ns}\0{about.st_ctime_ns}"
        line = f"{path.relative_to(home.landing)}\0{stamp}\n"
        digest.update(line.encode(errors="surrogateescape"))
    return digest.hexdigest() if found else None
