"""Scores of the alerts of a replayed mail stream."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.mail_matches import TopicsOf
from bench.mail_streams import MailStream
from bench.stream_scores import event_of, is_detection, rows_of
from bench.streams import START, WARM_UP_DAYS, Event


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert after the warm-up, with the planted event that it matches."""

    day: dt.date
    segment: str
    """Such as `plan=basic`; empty if the alert names none."""
    event: Event | None


def alerts_of(stream: MailStream, topics_of: TopicsOf, out: Path) -> list[Alert]:
    """Return the alerts after the warm-up, as in the file.

    An alert matches an event by the intent that most of its topic's messages of that day raise.
    """
    raised = {m.message_id: m.intents for m in stream.messages}
    rows = rows_of(out / "assignments.csv")
    day_of = {r["message_id"]: dt.date.fromisoformat(r["created_at"][:10]) for r in rows}
    alerts = []
    for row in rows_of(out / "alerts.csv"):
        day = dt.date.fromisoformat(row["day"][:10])
        if (day - START).days < WARM_UP_DAYS:
            continue
        counts = Counter(
            intent
            for message, own in topics_of.items()
            if row["topic_id"] in own and day_of.get(message) == day
            for intent in raised[message]
        )
        intent = next(iter(counts.most_common(1)), (None, 0))[0]
        segment = (row.get("segment") or "").strip()
        alerts.append(Alert(day, segment, event_of(stream.events, day, intent)))
    return alerts


def found_of(alerts: list[Alert]) -> dict[Event, int]:
    """Return the events that an alert detected in time, with the days until the first alert."""
    result: dict[Event, int] = {}
    for alert in alerts:
        if alert.event and is_detection(alert.event, alert.day):
            late = (alert.day - alert.event.start).days
            result[alert.event] = min(late, result.get(alert.event, late))
    return result


def recall(stream: MailStream, alerts: list[Alert], kind: str) -> float:
    """Return the share of the events of a kind that were detected in time."""
    result = found_of(alerts)
    return mean([e in result for e in stream.events if e.kind == kind])


def segments_named(stream: MailStream, alerts: list[Alert]) -> float:
    """Return the share of events in one segment whose segment an alert names."""
    named = {a.event for a in alerts if a.event and a.event.segment == a.segment}
    return mean([e in named for e in stream.events if e.segment])


def false_segments(alerts: list[Alert]) -> float:
    """Return the share of alerts on events that name a segment other than the planted one.

    It is 0 if no alert is on an event.
    """
    on_events = [(a.segment, a.event.segment) for a in alerts if a.event]
    n_false = sum(bool(named) and named != planted for named, planted in on_events)
    return n_false / max(len(on_events), 1)


def mean(values: list[bool]) -> float:
    """Return the share of true values, NaN without values."""
    return float(np.mean(values)) if values else float("nan")
