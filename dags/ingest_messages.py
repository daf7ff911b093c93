"""Pulls the messages of one day from every source, redacts them and stores them in Postgres.

**When.** Every midnight UTC for the day before. The first task waits until two hours after the end
of that day in the project's time zone (`TRIAGE_TIMEZONE`), so that exports and replicas can catch
up.

**What.** Each source of `TRIAGE_SOURCES` is one mapped task. A row that breaks the contract goes
to `triage.quarantine` with its reason and does not stop the others. A day that is empty, or far
below the usual count of its weekday, fails `check`, and then the day's triage does not start.

**A day by hand.** Trigger with the partition key set to the day (`2026-03-29`). Several days:
`airflow backfill create --dag-id ingest_messages --from-date 2026-03-02 --to-date 2026-03-29
--max-active-runs 1`, both ends included; `--reprocess-behavior completed` for days that ran
before. One run at a time keeps the days in order, which the topics need. Triage and discovery
start by themselves, and repeating a day writes the same rows.

**When it fails.**
- `SourceMissingError`: nothing was delivered for the day. The task is retried for an hour; after
  that, deliver the data and clear the task.
- `SourceError`: a file cannot be read; the log gives its name and the position. Deliver it again
  and clear the task.
- `SourceError` of a helpdesk: its line names the token, the address or the description to correct;
  then clear the task. What was read before stays stored, and the task continues there.
- `TransientError` of a helpdesk: it stayed busy or asked for a long pause. The task is retried.
- `PartialDayError`: `triage.run_health` shows which source delivered too little. If the day
  really was that quiet, trigger `triage_messages` with the day as partition key.
- `DatabaseError`: run `triage migrate`, or do what the message says.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from airflow.sdk import PokeReturnValue, dag, task
from triage_dag_parts import (
    DAILY,
    DEFAULT_ARGS,
    MAX_WAITING_DAYS,
    MESSAGES,
    PATIENCE,
    day_of_run,
    is_complete,
)


@dag(
    schedule=DAILY,
    max_active_runs=MAX_WAITING_DAYS,
    default_args=DEFAULT_ARGS,
    tags=["support-triage"],
    doc_md=__doc__,
)
def ingest_messages() -> None:
    @task.sensor(mode="reschedule", poke_interval=600, timeout=PATIENCE)
    def await_day() -> PokeReturnValue:
        """Wait until the day is complete, then return the sources to pull."""
        from triage_run_parts import settings_of_task

        settings = settings_of_task()
        complete = is_complete(day_of_run(), zone=settings.zone, now=dt.datetime.now(dt.UTC))
        return PokeReturnValue(complete, xcom_value=sorted(settings.sources))

    @task(multiple_outputs=False, map_index_template="{{ task.op_kwargs['source'] }}")
    def ingest(source: str) -> Mapping[str, Any]:
        """Check, redact and store the day's rows of one source."""
        from triage_run_parts import settings_and_store, source_named, summary

        from nlp.jobs.ingest import ingest_day

        with (
            settings_and_store() as (settings, store),
            source_named(source, settings=settings) as built,
        ):
            return summary(ingest_day(store, built, day_of_run(), settings=settings))

    @task(outlets=[MESSAGES])
    def check() -> None:
        """Fail on an empty or incomplete day; else announce the day to `triage_messages`."""
        from triage_run_parts import settings_and_store

        from nlp.jobs.check import check_ingested

        with settings_and_store() as (settings, store):
            check_ingested(store, day_of_run(), settings=settings)

    ingest.expand(source=await_day()) >> check()


ingest_messages()
