"""The alerts of a day: what is new and what surges, the most severe first.

One angry customer is no outbreak: an alert is held back while fewer than `min_customers` distinct
customers wrote. A surge is judged anew each day; a new topic waits, and alerts once it has them.
"""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from nlp.records import Alert, TopicDay, TopicEvent
from nlp.states import AlertKind, DayStatus, Event, Severity
from nlp.topics.config import TopicConfig
from nlp.topics.expectation import Counts
from nlp.topics.scan import Fresh
from nlp.topics.segments import Rise

_SEVERE = ((30, Severity.HIGH), (10, Severity.MEDIUM))
"""Messages above the expected count from which an alert has each severity."""
_KNOWN_SHARE = 0.1
"""Share of a burst from which, if it is the usual count, the burst is a surge of a known topic."""


@dataclass(frozen=True, slots=True)
class CustomerCounts:
    """How many distinct customers wrote, by topic."""

    in_all: Mapping[int, int]
    """Of all messages of the topic in the window: they make a new topic."""
    today: Mapping[int, int]
    """Of those of the day: they make a surge."""
    waiting: Collection[int] = ()
    """New topics whose alert was held back not long ago."""

    def count(self, alert: Alert) -> int:
        """Return the customers of the messages that make an alert."""
        is_new = alert.kind == AlertKind.NEW_TOPIC
        return (self.in_all if is_new else self.today).get(alert.topic_id, 0)


@dataclass(frozen=True, slots=True)
class DayAlerts:
    """What a day alerts to, and what is held back as too few customers wrote."""

    raised: list[Alert]
    """The most severe first."""
    held_back: list[Alert]


def kind_of(counts: Counts, place: Fresh, day: dt.date, *, config: TopicConfig) -> AlertKind:
    """Return whether a fresh place is a new topic, or a surge of a topic that existed before.

    `counts` are the messages of its topic.
    """
    old = sum(n for (d, _), n in counts.items() if (day - d).days >= place.n_days)
    n_days = max((day - min((d for d, _ in counts), default=day)).days + 1 - place.n_days, 1)
    usual = old / n_days * place.n_days
    known = usual >= _KNOWN_SHARE * len(place.recent) and old >= config.fewest_recent
    return AlertKind.SURGE if known else AlertKind.NEW_TOPIC


def raise_alerts(
    topic_days: Sequence[TopicDay],
    *,
    day: dt.date,
    emerged: Mapping[int, tuple[AlertKind, Fresh]],
    first_day: dt.date,
    recent: Sequence[tuple[dt.date, Alert]],
    customers: CustomerCounts,
    risen: Mapping[int, Rise],
    config: TopicConfig,
) -> DayAlerts:
    """Return the day's alerts, the most severe first, and those of too few customers.

    `emerged` are the topics with a fresh place, with the kind of alert and the evidence; `recent`
    the alerts of the days before: a topic that alerted within the cooldown does not alert again.
    While the collection is young, a fresh place raises no alert; a surge does. `risen` names the
    segment in which a topic rises; where only that shows a rise, it is an alert as well, if none of
    the day's topics is likely to show one by chance.
    """
    established = (day - first_day).days >= config.young_days
    silent = {a.topic_id for d, a in recent if (day - d).days <= config.min_history}
    alerts = []
    for row in topic_days:
        if row.topic_id in silent or not row.n_messages:
            continue
        kind, place = emerged.get(row.topic_id, (AlertKind.SURGE, None))
        p_value = None if place is None else float(f"{place.p_value:.6g}")
        if row.topic_id in customers.waiting:
            alerts.append(_alert(AlertKind.NEW_TOPIC, row, p_value=p_value))
        elif established and place is not None and _is_more(row, config):
            alerts.append(_alert(kind, row, p_value=p_value))
        elif row.status == DayStatus.SURGING:
            alerts.append(_alert(AlertKind.SURGE, row, p_value=row.p_value))
        elif (p_value := _hidden(row, risen, len(topic_days), config)) is not None:
            alerts.append(_alert(AlertKind.SURGE, row, p_value=p_value))
    alerts = [_of_whom(a, customers, risen) for a in alerts]
    alerts.sort(key=lambda a: (a.p_value or 0.0, -a.observed, a.topic_id))
    raised = [a for a in alerts if customers.count(a) >= config.min_customers]
    return DayAlerts(raised[: config.max_alerts], [a for a in alerts if a not in raised])


def _of_whom(alert: Alert, customers: CustomerCounts, risen: Mapping[int, Rise]) -> Alert:
    """The alert with how many customers wrote, and with the segment that rises."""
    rise = risen.get(alert.topic_id)
    segment = None if rise is None else rise.segment
    return replace(alert, n_customers=customers.today.get(alert.topic_id, 0), segment=segment)


def waiting_events(
    alerts: DayAlerts, customers: CustomerCounts, *, config: TopicConfig
) -> list[TopicEvent]:
    """Return an event for each new topic whose alert is held back for the first time."""
    return [
        TopicEvent(
            Event.WAIT,
            a.topic_id,
            None,
            f"its alert waits for {config.min_customers} customers: "
            f"{customers.count(a)} wrote so far",
        )
        for a in alerts.held_back
        if a.kind == AlertKind.NEW_TOPIC and a.topic_id not in customers.waiting
    ]


def _is_more(row: TopicDay, config: TopicConfig) -> bool:
    """Whether a topic's count is above the usual: a fresh place alone raises no alert."""
    if row.expected is None or row.p_value is None:
        return True
    return row.n_messages > row.expected and row.p_value < config.chance


def _hidden(
    row: TopicDay, risen: Mapping[int, Rise], n_topics: int, config: TopicConfig
) -> float | None:
    """The probability of a rise in one segment that the topic's whole count hides, if it is one."""
    rise = risen.get(row.topic_id)
    if rise is None or row.expected is None:
        return None
    is_more = row.n_messages > max(config.fewest_recent, row.expected)
    p_value = float(f"{rise.p_value * n_topics:.6g}")
    return p_value if is_more and p_value < config.chance else None


def _alert(kind: AlertKind, row: TopicDay, *, p_value: float | None) -> Alert:
    excess = row.n_messages - (row.expected or 0.0)
    severity = next((name for least, name in _SEVERE if excess >= least), Severity.LOW)
    return Alert(row.topic_id, kind, row.n_messages, row.expected, p_value, severity)
