"""What a digest reads: every figure from the views and queries of the page."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import Connection, text

from nlp.digests import (
    LifeStep,
    LoggedDecision,
    ModelStep,
    NamedTheme,
    Quote,
    RaisedAlert,
)
from nlp.records import Driver, Segment
from nlp.states import Action, AlertKind, AlertStatus, Event, ModelDecision, Severity
from sql.queries import board, drivers, health, theme
from sql.queries.messages import Filter
from sql.rows import fetch
from sql.rows import first as first_row

_THEME_DAYS = """
SELECT topic_id, day, n_messages FROM triage.theme_trend WHERE day >= :first AND day <= :last
"""
_THEMES = """
SELECT topic_id, label, born_on, muted FROM triage.topics WHERE heir_id IS NULL ORDER BY topic_id
"""
_CUSTOMERS = """
SELECT topic_id, count(DISTINCT customer)::int AS n FROM triage.theme_customers
WHERE day >= :first AND day <= :last GROUP BY 1
"""
_STEPS = """
SELECT e.day, e.event, e.topic_id, t.label, e.other_topic_id, o.label AS other_label, e.actor
FROM triage.topic_events e JOIN triage.topics t USING (topic_id)
LEFT JOIN triage.topics o ON o.topic_id = e.other_topic_id
WHERE e.day >= :first AND e.day <= :last AND e.event = ANY(:events)
ORDER BY e.day, e.event_id
"""
_EVENTS = (Event.BIRTH, Event.MERGE, Event.SPLIT, Event.UNMERGE, Event.RETIRE, Event.REVIVE)
_RAISED = """
SELECT a.* FROM triage.theme_alerts a WHERE a.day >= :first AND a.day <= :last AND NOT a.muted
ORDER BY array_position(ARRAY['high', 'medium', 'low'], a.severity), a.observed DESC, a.alert_id
"""
_DECIDED = """
SELECT d.decision_no, d.actor, d.action, d.topic_id, t.label, d.message_id::text AS message_id,
       d.was, d.became, d.undone_at IS NOT NULL AS is_undone
FROM triage.decisions d LEFT JOIN triage.topics t USING (topic_id)
WHERE d.decided_at >= CAST(:first AS date)::timestamp AT TIME ZONE 'UTC'
  AND d.decided_at < (CAST(:last AS date) + 1)::timestamp AT TIME ZONE 'UTC'
ORDER BY d.decision_no
"""
_MODELS = """
SELECT version, decision, decided_by, detail FROM triage.model_decisions
WHERE decided_at >= CAST(:first AS date)::timestamp AT TIME ZONE 'UTC'
  AND decided_at < (CAST(:last AS date) + 1)::timestamp AT TIME ZONE 'UTC'
ORDER BY decision_id
"""
_CHAMPION = """
SELECT (SELECT version FROM triage.model_versions WHERE role = 'champion') AS version,
       (SELECT count(DISTINCT message_id)::int FROM triage.corrections WHERE intent IS NOT NULL
        AND corrected_at > coalesce((SELECT trained_at FROM triage.model_versions
                                     WHERE role = 'champion'), '-infinity')) AS n_corrections
"""
_LATEST = 50
"""The latest messages of a theme among which those to quote are chosen."""


@dataclass(frozen=True)
class DigestTables:
    """`nlp.jobs.digest.build.DigestStore` on a connection."""

    connection: Connection

    def last_day(self) -> dt.date | None:
        """See `DigestStore`."""
        return board.last_day(self.connection)

    def volumes(self, *, first: dt.date, last: dt.date) -> dict[dt.date, tuple[int, int]]:
        """See `DigestStore`."""
        n_days = (last - first).days + 1
        rows = health.coverage(self.connection, last=last, n_days=n_days)
        return {row.day: (row.n_messages, row.n_clustered) for row in rows}

    def theme_days(self, *, first: dt.date, last: dt.date) -> dict[int, dict[dt.date, int]]:
        """See `DigestStore`."""
        counts: dict[int, dict[dt.date, int]] = {}
        for row in fetch(self.connection, _THEME_DAYS, first=first, last=last):
            counts.setdefault(row["topic_id"], {})[row["day"]] = row["n_messages"]
        return counts

    def themes(self) -> list[NamedTheme]:
        """See `DigestStore`."""
        return [NamedTheme(**row) for row in fetch(self.connection, _THEMES)]

    def customers(self, *, first: dt.date, last: dt.date) -> dict[int, int]:
        """See `DigestStore`."""
        rows = fetch(self.connection, _CUSTOMERS, first=first, last=last)
        return {row["topic_id"]: row["n"] for row in rows}

    def drivers(self, day: dt.date) -> dict[int, Driver]:
        """See `DigestStore`."""
        return drivers.drivers(self.connection, day)

    def quotes(self, topic_id: int, *, first: dt.date, last: dt.date, most: int) -> list[Quote]:
        """See `DigestStore`: of the latest those that fit best, what a person placed first."""
        chosen = Filter(first=first, last=last)
        rows = theme.messages(self.connection, topic_id, chosen, most=_LATEST)
        rows.sort(key=lambda row: -1.0 if row.strength is None else -row.strength)
        texts = {row.text: row.message_id for row in reversed(rows) if row.text.strip()}
        ids = {message: text for text, message in texts.items()}
        best = [row.message_id for row in rows if row.message_id in ids]
        return [Quote(message, ids[message]) for message in best[:most]]

    def life_steps(self, *, first: dt.date, last: dt.date) -> list[LifeStep]:
        """See `DigestStore`."""
        rows = fetch(self.connection, _STEPS, first=first, last=last, events=list(_EVENTS))
        return [LifeStep(**{**row, "event": Event(row["event"])}) for row in rows]

    def raised(self, *, first: dt.date, last: dt.date) -> list[RaisedAlert]:
        """See `DigestStore`."""
        values = {"first": first, "last": last}
        rows = self.connection.execute(text(_RAISED), values)
        return [
            RaisedAlert(
                row.day,
                AlertKind(row.kind),
                row.topic_id,
                row.theme,
                row.observed,
                row.expected,
                Severity(row.severity),
                AlertStatus(row.status),
                Segment.of_alert(row),
            )
            for row in rows
        ]

    def decided(self, *, first: dt.date, last: dt.date) -> list[LoggedDecision]:
        """See `DigestStore`."""
        rows = fetch(self.connection, _DECIDED, first=first, last=last)
        return [
            LoggedDecision(
                row["decision_no"],
                row["actor"],
                Action(row["action"]),
                row["topic_id"],
                row["label"],
                row["message_id"],
                row["was"],
                row["became"],
                row["is_undone"],
            )
            for row in rows
        ]

    def model_steps(self, *, first: dt.date, last: dt.date) -> list[ModelStep]:
        """See `DigestStore`."""
        rows = fetch(self.connection, _MODELS, first=first, last=last)
        return [
            ModelStep(
                row["version"], ModelDecision(row["decision"]), row["decided_by"], row["detail"]
            )
            for row in rows
        ]

    def champion(self) -> tuple[str | None, int]:
        """See `DigestStore`."""
        row = first_row(self.connection, _CHAMPION)
        assert row is not None
        return row["version"], row["n_corrections"]
