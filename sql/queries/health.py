"""The health of the runs: rows in and out, coverage, seconds, stale days, and drift."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from sql.rows import Record, first, record, records

_HEALTH = """
SELECT day, n_messages, coalesce(n_clustered, 0) AS n_clustered, n_unsupported,
       (SELECT count(*) FROM triage.run_health s WHERE s.stale) AS n_stale
FROM triage.run_health WHERE day = :day AND n_messages IS NOT NULL
"""
_COVERAGE = """
SELECT day, n_messages, coalesce(n_clustered, 0) AS n_clustered FROM triage.run_health
WHERE day > :first AND day <= :last AND n_messages IS NOT NULL ORDER BY day
"""
_RUNS = """
SELECT h.day, h.n_pulled, h.n_stored, h.n_known, h.n_quarantined, h.n_messages, h.n_clustered,
       h.n_unsupported, h.seconds::float8 AS seconds, h.stale, h.finished_at, h.n_unclustered,
       h.coverage::float8 AS coverage, x.n_predicted, x.n_abstained
FROM triage.run_health h LEFT JOIN (
    SELECT day, sum(n_first) FILTER (WHERE intent IS NOT NULL)::int AS n_predicted,
           sum(n_abstained)::int AS n_abstained
    FROM triage.theme_mix WHERE day > :first GROUP BY 1) x USING (day)
WHERE h.day > :first ORDER BY h.day DESC
"""
_STAGES = """
SELECT day, split_part(job, ':', 1) AS stage, sum((seconds->>'total')::float) AS seconds
FROM triage.runs WHERE day > :first GROUP BY 1, 2 ORDER BY 1, 2
"""
_DRIFT = """
SELECT day, messages, confidence, intents, shares FROM triage.drift
WHERE day <= :last ORDER BY day DESC LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Health(Record):
    """The counts of discovery on a day."""

    day: dt.date
    n_messages: int
    n_clustered: int
    n_unsupported: int | None
    n_stale: int
    """Number of stale days, of all days."""


@dataclass(frozen=True, slots=True)
class Coverage(Record):
    """Messages of a day, and those of them with a theme."""

    day: dt.date
    n_messages: int
    n_clustered: int


@dataclass(frozen=True, slots=True)
class RunDay(Record):
    """The figures of a day; None where the job in question has not run."""

    day: dt.date
    n_pulled: int | None
    n_stored: int | None
    n_known: int | None
    n_quarantined: int | None
    n_messages: int | None
    n_clustered: int | None
    n_unsupported: int | None
    seconds: float | None
    stale: bool
    finished_at: dt.datetime
    n_unclustered: int | None
    coverage: float | None
    n_predicted: int | None
    n_abstained: int | None


@dataclass(frozen=True, slots=True)
class StageSeconds(Record):
    """Seconds that a stage took on a day."""

    day: dt.date
    stage: str
    seconds: float | None


@dataclass(frozen=True, slots=True)
class MeasuredDrift(Record):
    """How far the week that ends on `day` moved from the four before it (stability index)."""

    day: dt.date
    messages: float
    confidence: float | None
    intents: float | None
    shares: Mapping[str, tuple[float, float]]
    """Share of each intent before and in the week, the one that moved the index most first."""


def health(connection: Connection, day: dt.date) -> Health | None:
    """The counts of discovery on a day, None where it has not run."""
    return record(connection, Health, _HEALTH, day=day)


def first_day(connection: Connection) -> dt.date | None:
    """The first day of which any job finished, None before."""
    row = first(connection, "SELECT min(day) AS day FROM triage.runs")
    return row["day"] if row else None


def coverage(connection: Connection, *, last: dt.date, n_days: int) -> list[Coverage]:
    """Messages and those with a theme by day."""
    return records(connection, Coverage, _COVERAGE, first=last - dt.timedelta(n_days), last=last)


def runs(connection: Connection, *, last: dt.date, n_days: int) -> list[RunDay]:
    """One row per day, the latest first."""
    return records(connection, RunDay, _RUNS, first=last - dt.timedelta(n_days))


def stages(connection: Connection, *, last: dt.date, n_days: int) -> list[StageSeconds]:
    """Seconds by day and stage."""
    return records(connection, StageSeconds, _STAGES, first=last - dt.timedelta(n_days))


def drift(connection: Connection, *, last: dt.date) -> MeasuredDrift | None:
    """The latest measurement up to `last`, as `nlp.jobs.drift` stored it; None before the first."""
    row = first(connection, _DRIFT, last=last)
    if row is None:
        return None
    shares = {name: (before, now) for name, before, now in row["shares"]}
    return MeasuredDrift(**{**row, "shares": shares})
