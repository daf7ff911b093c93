"""Measures once a week how far messages, confidence and intents have moved.

**When.** On Mondays; by hand at any time. The week is the one that ends on the last discovered day.

**What.** The week is compared with the four weeks before it by the population stability index: of
groups of embeddings, of probabilities, of shares of intents. The figures are in
`triage.run_health`; if one is above `TRIAGE_DRIFT_LIMIT`, a notice is sent over the same channels
as failures.

**When it fails.** Nothing depends on it. Its log names the error; clear the run.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from airflow.sdk import CronTriggerTimetable, dag, task
from triage_dag_parts import DEFAULT_ARGS, EMBEDDING_POOL


@dag(
    schedule=CronTriggerTimetable("0 5 * * 1", timezone="UTC"),
    start_date=dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULT_ARGS,
    tags=["support-triage"],
    doc_md=__doc__,
)
def watch_drift() -> None:
    @task(pool=EMBEDDING_POOL, multiple_outputs=False)
    def measure() -> Mapping[str, Any]:
        """Measure the last week and notify people if it moved too far."""
        from triage_notify_parts import send_notice
        from triage_run_parts import limit_threads, settings_and_store

        limit_threads()
        from nlp.jobs.drift import measure_last_week
        from nlp.text.embed import load_encoder

        with settings_and_store() as (settings, store):
            name = load_encoder(settings, store).name
            drift = measure_last_week(store, encoder_name=name, settings=settings)
        if drift is not None and drift.alert:
            send_notice(drift.alert, subject="Drift of messages or intents")
        return {"alert": drift.alert if drift else ""}

    measure()


watch_drift()
