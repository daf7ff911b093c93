"""Clusters the window that ends on a day and brings the standing topics up to that day.

**When.** As soon as `triage_messages` announced the day, which it does in the order of days; the
partition key is the day. One day is discovered at a time.

**What.** The messages of the last `TRIAGE_WINDOW_DAYS` days are clustered, the clusters meet the
topics of the eve, new topics are born and labelled, and what came is compared with what was to
be expected, which raises alerts. `check` fails unless the counts agree; `notify` tells people of
the alerts, by the log and by the connections `triage_slack` and `triage_smtp` where they exist.

**A day by hand.** Trigger with the partition key set to the day (`2026-03-29`), or clear the
day's run. It reads the state of the eve, whatever ran since, and leaves the same rows. The days
after it are marked stale in `triage.runs` until they run again, in order.

**When it fails.**
- `DayOrderError`: an earlier day is not finished, which happens when a day is triggered by hand.
  Repair that one; this one is tried for an hour, after that clear it.
- Killed, or out of memory: the state of the eve still stands, nothing is half written. Clear it
  with more memory, or with a smaller `TRIAGE_WINDOW_DAYS`.
"""

from collections.abc import Mapping
from typing import Any

from airflow.sdk import PartitionedAssetTimetable, dag, task
from triage_dag_parts import (
    DEFAULT_ARGS,
    EMBEDDING_POOL,
    MAX_WAITING_DAYS,
    TOPICS,
    TRIAGED,
    day_of_run,
)


@dag(
    schedule=PartitionedAssetTimetable(assets=TRIAGED),
    max_active_runs=MAX_WAITING_DAYS,
    default_args=DEFAULT_ARGS,
    tags=["support-triage"],
    doc_md=__doc__,
)
def discover_topics() -> None:
    @task(pool=EMBEDDING_POOL, multiple_outputs=False, max_active_tis_per_dag=1)
    def discover() -> Mapping[str, Any]:
        """Bring the topics from the eve to the end of the day."""
        day = day_of_run()
        from triage_run_parts import limit_threads, opened, summary

        limit_threads()
        from nlp.jobs.discover import discover_day
        from nlp.text.embed import load_encoder

        with opened() as (settings, store):
            return summary(discover_day(store, load_encoder(settings), day, settings=settings))

    @task(outlets=[TOPICS])
    def check() -> None:
        """Fail unless the counts agree; else announce that the day's topics stand."""
        from triage_run_parts import opened

        from nlp.jobs.check import check_discovered

        with opened() as (_, store):
            check_discovered(store, day_of_run())

    @task
    def notify() -> int:
        """Tell people of the day's alerts, each of them once, also where this is repeated."""
        from triage_notify_parts import tell_alert
        from triage_run_parts import opened

        with opened() as (_, store):
            return store.send_alerts(day_of_run(), tell_alert)

    discover() >> check() >> notify()


discover_topics()
