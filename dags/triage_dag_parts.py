"""What the DAG files share: assets, defaults, the pool, and the day of a run.

Airflow imports this at every parse, so nothing here imports a heavy module or connects.
"""

import datetime as dt
from typing import Any

from airflow.sdk import (
    Asset,
    CronPartitionTimetable,
    ExceptionRetryPolicy,
    RetryAction,
    RetryRule,
    get_current_context,
)
from airflow.sdk.exceptions import AirflowFailException
from triage_notify_parts import FailureNotifier

from nlp.errors import TransientError, TriageError

MESSAGES = Asset(name="triage_messages_ingested", uri="x-triage://messages")
"""A day whose messages are stored and have passed the quality check."""
TRIAGED = Asset(name="triage_messages_triaged", uri="x-triage://triaged")
"""A day whose messages are embedded, predicted and assigned."""
TOPICS = Asset(name="triage_topics_discovered", uri="x-triage://topics")
"""A day whose topics are discovered."""

EMBEDDING_POOL = "triage_embedding"
"""One slot per task that loads the encoder: about 0.6 GiB and one core each."""

DAILY = CronPartitionTimetable(
    # At midnight, because a backfill compares its dates with these times: at 02:00 it would leave
    # out the day of `--to-date`. A task waits for late data instead.
    "0 0 * * *",
    timezone="UTC",
    run_offset=-1,
    key_format="%Y-%m-%d",
)
LATE_DATA_WAIT = dt.timedelta(hours=2)
"""How long after its end a day may still grow at the source (exports, replicas)."""

PATIENCE = dt.timedelta(days=7)
"""How long a day waits for its input."""
MAX_WAITING_DAYS = 62
"""Concurrent runs of a DAG. Many, because a day that waits for the previous day must not take the
place of that day's run; the pool and limits per task bound the heavy work."""

DEFAULT_ARGS: dict[str, Any] = {
    "owner": "support-triage",
    # 1, 2, 4, 8, 16 and 30 minutes: an hour in all.
    "retries": 6,
    "retry_delay": dt.timedelta(minutes=1),
    "retry_exponential_backoff": 2.0,
    "max_retry_delay": dt.timedelta(minutes=30),
    "retry_policy": ExceptionRetryPolicy(
        rules=[
            RetryRule(TransientError, RetryAction.RETRY, reason="may pass: retried"),
            RetryRule(TriageError, RetryAction.FAIL, reason="needs a change: not retried"),
        ]
    ),
    "execution_timeout": dt.timedelta(hours=3),
    "on_failure_callback": [FailureNotifier()],
}


def day_of_run() -> dt.date:
    """Return the day of the running task: the partition key of its run.

    Raises AirflowFailException, which is never retried, where the key is not a day.
    """
    run = get_current_context()["dag_run"]
    key = run.partition_key
    try:
        return dt.date.fromisoformat(key or "")
    except ValueError as error:
        raise AirflowFailException(
            f"Run {run.run_id} has the partition key {key!r}, but it must be a day such as "
            "2026-03-29. Trigger the DAG with a partition key (in the form, or as "
            '`{"logical_date": null, "partition_key": "2026-03-29"}` to the REST API), or run '
            "`airflow backfill create --dag-id ingest_messages --from-date D --to-date D`"
        ) from error


def is_complete(day: dt.date, *, zone: dt.tzinfo, now: dt.datetime) -> bool:
    """Whether `day` in `zone` ended long enough ago to be complete."""
    end = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), zone)
    return now >= end + LATE_DATA_WAIT
