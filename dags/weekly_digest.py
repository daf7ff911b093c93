"""Sends the digest of the last week to the channels that alerts use.

**When.** On Mondays at 06:00 UTC, for the week that ended on Sunday; by hand at any time, for the
week that ended on the Sunday before.

**What.** New, growing and fading themes, alerts, what people decided, what the model learnt, and a
forecast of the next week, with redacted quotes; the review page shows the same under `/digest`. It
goes to the connections `triage_slack` and `triage_smtp`; without either, nothing is done. Each gets
a week's digest once, even if the task is repeated. `TRIAGE_PAGE_URL` makes its sentences links.

**When it fails.**
- `DayOrderError`: Sunday is not discovered yet. The task is retried for an hour; after that, clear
  the run once `discover_topics` has finished that day.
- A channel does not answer: the task is retried and sends to it alone, because the other channel
  has its digest.
"""

import datetime as dt

from airflow.sdk import CronTriggerTimetable, dag, get_current_context, task
from triage_dag_parts import DEFAULT_ARGS


@dag(
    schedule=CronTriggerTimetable("0 6 * * 1", timezone="UTC"),
    start_date=dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULT_ARGS,
    tags=["support-triage"],
    doc_md=__doc__,
)
def weekly_digest() -> None:
    @task
    def send() -> list[str]:
        """Send the digest of the week that ended on Sunday; return the channels that got it."""
        from triage_notify_parts import digest_channels, send_digest
        from triage_run_parts import settings_and_store

        from nlp.jobs.digest.build import week_before

        if not digest_channels():
            return []
        day = week_before(get_current_context()["dag_run"].run_after.date())
        with settings_and_store() as (settings, store):
            return send_digest(store, day, settings=settings)

    send()


weekly_digest()
