"""Deletes once a day what is older than its retention.

**When.** Daily, at 03:00 UTC; by hand at any time. Days are counted back from today in
`TRIAGE_TIMEZONE`.

**What.** For each kind of data whose retention is set (`TRIAGE_RETAIN_MESSAGES`, `…_QUARANTINE`,
`…_PREDICTIONS`, `…_EXAMPLES`, `…_EMBEDDINGS`, `…_RUNS`), rows that are older are deleted in
batches, each a transaction. With messages goes what was derived of them; counts of past days stay.
Months without messages are dropped. Where none is set, nothing is deleted.

**When it fails.** What was deleted stays deleted, and the next run goes on from there.
- `BusyError`: a run or a training was at work for too long; the task is retried.
- `SettingError`: a retention is shorter than the window, which runs need; the message names it.
"""

import datetime as dt
from collections.abc import Mapping

from airflow.sdk import CronTriggerTimetable, dag, task
from triage_dag_parts import DEFAULT_ARGS


@dag(
    schedule=CronTriggerTimetable("0 3 * * *", timezone="UTC"),
    start_date=dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULT_ARGS,
    tags=["support-triage"],
    doc_md=__doc__,
)
def enforce_retention() -> None:
    @task(multiple_outputs=False)
    def delete() -> Mapping[str, int]:
        """Delete what is too old; return how many rows of each kind."""
        from triage_run_parts import settings_and_store

        from nlp.jobs.retain import retain

        with settings_and_store() as (settings, store):
            today = dt.datetime.now(settings.zone).date()
            return retain(store.erasing, settings.retention(), today=today)

    delete()


enforce_retention()
