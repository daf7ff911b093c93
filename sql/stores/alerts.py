"""Alerts in Postgres: raised by a run, sent once, resolved by a later run or a person."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence

from sqlalchemy import Connection, Engine, text

from nlp.records import Alert, AlertNotice, Driver, Segment, TopicDay
from nlp.states import AlertKind, DayStatus, Severity
from sql.stores.copy import copy_rows

_SEGMENT = "segment_name, segment_value, segment_n, segment_of, segment_days, segment_usual"

_NEXT = f"""
SELECT a.alert_id, a.day, a.kind, t.label, a.observed, a.expected, a.severity,
       a.n_customers, {_SEGMENT}, s.subscribers, s.addresses,
       ARRAY(SELECT m.text FROM triage.messages m
             WHERE m.message_id = ANY(t.exemplars[1:3])) AS exemplars
FROM triage.alerts a JOIN triage.heirs h USING (topic_id)
JOIN triage.topics t ON t.topic_id = h.heir_id
CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(x.subscriber ORDER BY x.subscriber), '{{}}') AS subscribers,
           coalesce(array_agg(x.address ORDER BY x.subscriber), '{{}}') AS addresses
    FROM (SELECT u.subscriber, max(u.address) AS address FROM triage.subscriptions u
          LEFT JOIN triage.heirs v ON v.topic_id = u.topic_id
          WHERE v.heir_id = h.heir_id
             OR (u.segment_name, u.segment_value) = (a.segment_name, a.segment_value)
          GROUP BY 1) x) s
WHERE a.day = :day AND a.sent_at IS NULL AND NOT t.muted
  AND NOT EXISTS (SELECT FROM triage.deliveries d
                  WHERE d.alert_id = a.alert_id AND d.channel = :channel)
ORDER BY a.p_value, a.alert_id LIMIT 1 FOR NO KEY UPDATE OF a SKIP LOCKED
"""
_FINISH = """
UPDATE triage.alerts a SET sent_at = now()
WHERE a.day = :day AND a.sent_at IS NULL AND CAST(:channels AS text[]) <@ (
    SELECT array_agg(d.channel) FROM triage.deliveries d WHERE d.alert_id = a.alert_id)
"""


class AlertTables:
    """`nlp.ports.AlertStore` on Postgres."""

    engine: Engine

    def recent_alerts(self, *, first: dt.date, last: dt.date) -> list[tuple[dt.date, Alert]]:
        """See `nlp.ports.AlertStore`."""
        query = text(
            "SELECT day, topic_id, kind, observed, expected, p_value, severity, n_customers, "
            f"{_SEGMENT} FROM triage.alerts WHERE day BETWEEN :first AND :last "
            "ORDER BY day, alert_id"
        )
        with self.engine.connect() as connection:
            rows = connection.execute(query, {"first": first, "last": last})
            return [
                (
                    row.day,
                    Alert(
                        row.topic_id,
                        AlertKind(row.kind),
                        row.observed,
                        row.expected,
                        row.p_value,
                        Severity(row.severity),
                        row.n_customers,
                        Segment.of_alert(row),
                    ),
                )
                for row in rows
            ]

    def send_alerts(
        self, day: dt.date, channels: Mapping[str, Callable[[AlertNotice], None]]
    ) -> int:
        """See `nlp.ports.AlertStore`; each alert is a transaction of its own on each channel."""
        n, errors = 0, []
        for channel, send in channels.items():
            try:
                while self._send_next(day, channel, send):
                    n += 1
            except Exception as error:
                errors.append(error)
        with self.engine.begin() as connection:
            connection.execute(text(_FINISH), {"day": day, "channels": list(channels)})
        if errors:
            raise errors[0]
        return n

    def _send_next(self, day: dt.date, channel: str, send: Callable[[AlertNotice], None]) -> bool:
        """Send the most severe alert that was not sent on a channel; False where there is none."""
        with self.engine.begin() as connection:
            row = connection.execute(text(_NEXT), {"day": day, "channel": channel}).first()
            if row is None:
                return False
            send(
                AlertNotice(
                    row.day,
                    AlertKind(row.kind),
                    row.label,
                    row.observed,
                    row.expected,
                    Severity(row.severity),
                    tuple(row.exemplars),
                    row.n_customers,
                    Segment.of_alert(row),
                    row.alert_id,
                    tuple(zip(row.subscribers, row.addresses, strict=True)),
                )
            )
            sent = text("INSERT INTO triage.deliveries (alert_id, channel) VALUES (:a, :c)")
            connection.execute(sent, {"a": row.alert_id, "c": channel})
        return True


def replace_alerts(connection: Connection, day: dt.date, alerts: Sequence[Alert]) -> None:
    """Replace the alerts of a day; an alert that is raised again keeps its status."""
    ids = [f"{day}/{a.kind}/{a.topic_id}" for a in alerts]
    connection.execute(
        text("DELETE FROM triage.alerts WHERE day = :d AND alert_id <> ALL(:ids)"),
        {"d": day, "ids": ids},
    )
    insert = text(
        "INSERT INTO triage.alerts (alert_id, day, topic_id, kind, observed, expected, p_value, "
        f"severity, n_customers, {_SEGMENT}) VALUES (:alert_id, :day, :topic_id, :kind, :observed, "
        ":expected, :p_value, :severity, :n_customers, :segment_name, :segment_value, :segment_n, "
        ":segment_of, :segment_days, :segment_usual) ON CONFLICT (alert_id) DO UPDATE SET "
        "observed = excluded.observed, n_customers = excluded.n_customers, "
        "expected = excluded.expected, p_value = excluded.p_value, severity = excluded.severity, "
        f"({_SEGMENT}) = (excluded.segment_name, excluded.segment_value, excluded.segment_n, "
        "excluded.segment_of, excluded.segment_days, excluded.segment_usual)"
    )
    for alert_id, a in zip(ids, alerts, strict=True):
        connection.execute(
            insert,
            {
                "alert_id": alert_id, "day": day, "topic_id": a.topic_id, "kind": a.kind,
                "observed": a.observed, "expected": a.expected, "p_value": a.p_value,
                "severity": a.severity, "n_customers": a.n_customers, **_columns(a.segment),
            },
        )  # fmt: skip


def replace_drivers(connection: Connection, day: dt.date, drivers: Mapping[int, Driver]) -> None:
    """Replace the drivers of the week up to a day."""
    connection.execute(text("DELETE FROM triage.topic_drivers WHERE day = :d"), {"d": day})
    columns = ("day", "topic_id", *_SEGMENT.split(", "), "p_value", "lower", "upper")
    rows = (
        [day, t, *_columns(d.segment).values(), d.p_value, d.lower, d.upper]
        for t, d in drivers.items()
    )
    copy_rows(connection, "triage.topic_drivers", columns, rows)


def _columns(segment: Segment | None) -> dict[str, object]:
    """The columns of a segment."""
    return {
        "segment_name": segment and segment.name,
        "segment_value": segment and segment.value,
        "segment_n": segment and segment.n,
        "segment_of": segment and segment.n_of,
        "segment_days": segment and segment.n_days,
        "segment_usual": segment and segment.usual,
    }


def resolve_alerts(connection: Connection, day: dt.date, rows: Sequence[TopicDay]) -> None:
    """Resolve alerts of earlier days whose count is usual again; first undo this day's last run."""
    connection.execute(
        text(
            "UPDATE triage.alerts SET resolved_on = NULL, "
            "status = CASE WHEN handled_by IS NULL THEN 'open' ELSE 'acknowledged' END "
            "WHERE resolved_on = :day"
        ),
        {"day": day},
    )
    usual = [
        t.topic_id
        for t in rows
        if t.status in (DayStatus.STEADY, DayStatus.FADING, DayStatus.QUIET)
    ]
    connection.execute(
        text(
            "UPDATE triage.alerts SET resolved_on = :day, status = 'resolved' "
            "WHERE day < :day AND status <> 'resolved' AND topic_id = ANY(:usual)"
        ),
        {"day": day, "usual": usual},
    )
