"""Clusters the window that ends on a day, and updates the topics to their state at its end.

**When.** As soon as `triage_messages` has announced the day, which it does in the order of days;
the partition key is the day. One day is discovered at a time.

**What.** The messages of the last `TRIAGE_WINDOW_DAYS` days are clustered, the clusters are matched
with the topics of the eve, new topics are born and labelled, and each topic's count is compared
with its expectation, which may raise alerts. `check` fails unless the counts agree; `notify` sends
the alerts to the log and to the connections `triage_slack` and `triage_smtp` where they exist.
`export` writes the day to the lake `TRIAGE_LAKE_URL` as Parquet, if there is one.

**A day by hand.** Trigger with the partition key set to the day (`2026-03-29`), or clear the
day's run. It reads the state of the eve, whatever has run since, and writes the same rows. The
days after it are marked stale in `triage.runs` until they run again, in order.

**When it fails.**
- `DayOrderError`: an earlier day is not finished, which can happen when a day is triggered by
  hand. Repair the earlier day; this one is retried for an hour, after that clear it.
- `LakeError`: the lake cannot be written; everything else of the day is done. `triage export DAY`
  writes it later.
- Killed, or out of memory: the state of the eve is unchanged, and nothing partial is written. Clear
  the run with more memory, or with a smaller `TRIAGE_WINDOW_DAYS`.
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


@task(pool=EMBEDDING_POOL, multiple_outputs=False, max_active_tis_per_dag=1)
def discover() -> Mapping[str, Any]:
    """Update the topics from the eve to the end of the day."""
    day = day_of_run()
    from triage_run_parts import limit_threads, settings_and_store, summary

    limit_threads()
    from nlp.jobs.discover import discover_day
    from nlp.text.embed import load_encoder

    with settings_and_store() as (settings, store):
        return summary(discover_day(store, load_encoder(settings, store), day, settings=settings))


@task(outlets=[TOPICS])
def check() -> None:
    """Fail unless the counts agree; else announce the day's topics."""
    from triage_run_parts import settings_and_store

    from nlp.jobs.check import check_discovered

    with settings_and_store() as (_, store):
        check_discovered(store, day_of_run())


@task
def notify() -> int:
    """Send the day's alerts, each of them once even if this task is repeated."""
    from triage_notify_parts import channels
    from triage_run_parts import settings_and_store

    with settings_and_store() as (settings, store):
        return store.send_alerts(day_of_run(), channels(quotes=settings.send_quotes))


@task
def export() -> Mapping[str, int]:
    """Write the day to the lake TRIAGE_LAKE_URL; without one, nothing happens."""
    from functools import partial

    from triage_run_parts import lake_at, settings_and_store

    from nlp.jobs.lake import export_day
    from sql.queries.lake import rows_of

    with settings_and_store() as (settings, store):
        if not settings.lake_url:
            return {}
        rows = partial(rows_of, store.engine)
        return export_day(lake_at(settings.lake_url), day_of_run(), rows)


@dag(
    schedule=PartitionedAssetTimetable(assets=TRIAGED),
    max_active_runs=MAX_WAITING_DAYS,
    default_args=DEFAULT_ARGS,
    tags=["support-triage"],
    doc_md=__doc__,
)
def discover_topics() -> None:
    discover() >> check() >> [notify(), export()]


discover_topics()
