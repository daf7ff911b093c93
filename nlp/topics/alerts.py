"""The alerts of a day: what is new and what surges, the most severe first."""

import datetime as dt
from collections.abc import Mapping, Sequence

from nlp.records import Alert, TopicDay
from nlp.states import AlertKind, DayStatus, Severity
from nlp.topics.config import TopicConfig
from nlp.topics.expectation import Counts
from nlp.topics.scan import Fresh

_SEVERE = ((30, Severity.HIGH), (10, Severity.MEDIUM))
"""Messages above the expected count from which an alert has each severity."""
_KNOWN_SHARE = 0.1
"""Share of a burst from which, if it is the usual count, the burst is a surge of a known topic."""


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
    max_alerts: int,
    config: TopicConfig,
) -> list[Alert]:
    """Return the day's alerts, the most severe first.

    `emerged` are the topics with a fresh place, with the kind of alert and the evidence; `recent`
    the alerts of the days before: a topic that alerted within the cooldown does not alert again.
    While the collection is young, a fresh place raises no alert; a surge does.
    """
    settled = (day - first_day).days >= config.young_days
    silent = {a.topic_id for d, a in recent if (day - d).days <= config.min_history}
    alerts = []
    for row in topic_days:
        if row.topic_id in silent or not row.n_messages:
            continue
        if settled and row.topic_id in emerged and _is_more(row, config):
            kind, place = emerged[row.topic_id]
            alerts.append(_alert(kind, row, p_value=float(f"{place.p_value:.6g}")))
        elif row.status == DayStatus.SURGING:
            alerts.append(_alert(AlertKind.SURGE, row, p_value=row.p_value))
    return sorted(alerts, key=lambda a: (a.p_value or 0.0, -a.observed, a.topic_id))[:max_alerts]


def _is_more(row: TopicDay, config: TopicConfig) -> bool:
    """Whether a topic's count is above the usual: a fresh place alone raises no alert."""
    if row.expected is None or row.p_value is None:
        return True
    return row.n_messages > row.expected and row.p_value < config.chance


def _alert(kind: AlertKind, row: TopicDay, *, p_value: float | None) -> Alert:
    excess = row.n_messages - (row.expected or 0.0)
    severity = next((name for least, name in _SEVERE if excess >= least), Severity.LOW)
    return Alert(row.topic_id, kind, row.n_messages, row.expected, p_value, severity)
