"""Scores of a replayed stream, from the files that `triage replay` exports.

An event is detected by an alert on its first day or the three days after, on a topic whose messages
of that day mostly have the planted intent. An alert is right if it matches an event within seven
days of its start. Further alerts on the same event, and alerts in the warm-up, are not counted.
"""

import csv
import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.evaluate import accuracy
from bench.streams import NOISE, WARM_UP_DAYS, Event, Stream

_DETECTED_DAYS = 3
_MATCHED_DAYS = 7


@dataclass(frozen=True, slots=True)
class StreamScores:
    """All shares are 0..1, or NaN if there was nothing to count; the delay is in days."""

    new_topics: float
    surges: float
    precision: float
    n_false: int
    delay: float
    kept: float
    """Share of messages that kept the topic of their day, if it never merged or split."""
    acc: float
    """Accuracy of clustered messages."""
    nmi: float
    acc_honest: float
    nmi_honest: float
    coverage: float
    noise_out: float
    """Share of the noise that stays unclustered."""
    n_topics: int
    last_to_tenth: float
    """Seconds of the last day divided by those of the tenth day."""
    seconds: float


def score(stream: Stream, out: Path) -> StreamScores:
    """Score the exports in `out`; `message_id` is the message's position in the stream."""
    rows = rows_of(out / "assignments.csv")
    heirs, touched = _lineage(rows_of(out / "topic_events.csv"))
    truth = [stream.intents[int(r["message_id"])] for r in rows]
    alerts = alerts_of(stream, out)
    first = min(stream.times).date()
    result, delays = _detected(stream, alerts)
    n_right, n_false = _right(stream, alerts, after=first + dt.timedelta(WARM_UP_DAYS))
    kept = [
        _heir(r["topic_id_first"], heirs) == r["topic_id"]
        for r in rows
        if r["topic_id_first"] and r["topic_id_first"] not in touched
    ]
    real = np.array([intent != NOISE for intent in truth])
    gold = np.array(truth)[real]
    topics = np.array([r["topic_id"] or "-" for r in rows])
    covered = topics[real] != "-"
    seconds = [float(r["seconds_total"]) for r in rows_of(out / "run_days.csv")]
    return StreamScores(
        new_topics=_mean(result["new_topic"]),
        surges=_mean(result["surge"]),
        precision=n_right / (n_right + n_false) if n_right + n_false else float("nan"),
        n_false=n_false,
        delay=float(np.median(delays)) if delays else float("nan"),
        kept=_mean(kept),
        acc=accuracy(gold[covered], topics[real][covered]),
        nmi=_nmi(gold[covered], topics[real][covered]),
        acc_honest=accuracy(gold, topics[real]),
        nmi_honest=_nmi(gold, topics[real]),
        coverage=float(covered.mean()),
        noise_out=_mean((topics[~real] == "-").tolist()),
        n_topics=len(set(topics[real][covered])),
        last_to_tenth=seconds[-1] / seconds[9] if len(seconds) > 10 else float("nan"),
        seconds=sum(seconds),
    )


def rows_of(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def alerts_of(stream: Stream, out: Path) -> list[tuple[dt.date, str | None]]:
    """Return the day and majority intent of each alert, in order of days."""
    rows = rows_of(out / "assignments.csv")
    heirs, _ = _lineage(rows_of(out / "topic_events.csv"))
    truth = [stream.intents[int(r["message_id"])] for r in rows]
    return _alerts(rows, truth, rows_of(out / "alerts.csv"), heirs)


def event_of(events: Iterable[Event], day: dt.date, intent: str | None) -> Event | None:
    """Return the planted event that an alert on an intent matches, or None for a false alert."""
    for event in events:
        if event.intent == intent and 0 <= (day - event.start).days <= _MATCHED_DAYS:
            return event
    return None


def is_detection(event: Event, day: dt.date) -> bool:
    """Return whether an alert on the event's intent on that day is in time."""
    return 0 <= (day - event.start).days <= _DETECTED_DAYS


def _lineage(events: list[dict[str, str]]) -> tuple[dict[str, str], set[str]]:
    """The heir of each merged topic, and the topics that merged or split by an event."""
    merges = [e for e in events if e["event"] == "merge" and e["other_topic_id"]]
    touched = {e["topic_id"] for e in events if e["event"] in ("merge", "split")}
    return {e["topic_id"]: e["other_topic_id"] for e in merges}, touched


def _heir(topic: str, heirs: dict[str, str]) -> str:
    seen = {topic}
    while (heir := heirs.get(topic)) and heir not in seen:
        seen.add(heir)
        topic = heir
    return topic


def _alerts(
    rows: list[dict[str, str]],
    truth: list[str],
    alerts: list[dict[str, str]],
    heirs: dict[str, str],
) -> list[tuple[dt.date, str | None]]:
    """The day and majority intent of each alert."""
    intents: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for row, intent in zip(rows, truth, strict=True):
        had = {row["topic_id"], row["topic_id_first"], _heir(row["topic_id_first"], heirs)}
        for topic in had - {""}:
            intents[topic, row["created_at"][:10]][intent] += 1
    days = []
    for alert in alerts:
        topic, day = alert["topic_id"], alert["day"]
        counts = intents[topic, day] or intents[_heir(topic, heirs), day]
        days.append((dt.date.fromisoformat(day), next(iter(_most(counts)), None)))
    return sorted(days, key=lambda a: a[0])


def _most(counts: Counter[str]) -> list[str]:
    return [intent for intent, _ in counts.most_common(1)]


def _detected(
    stream: Stream, alerts: list[tuple[dt.date, str | None]]
) -> tuple[dict[str, list[bool]], list[int]]:
    detected: dict[str, list[bool]] = defaultdict(list)
    delays = []
    for event in stream.events:
        late = [
            (day - event.start).days
            for day, intent in alerts
            if intent == event.intent and is_detection(event, day)
        ]
        detected[event.kind].append(bool(late))
        delays += [min(late)] if late else []
    return detected, delays


def _right(
    stream: Stream, alerts: list[tuple[dt.date, str | None]], *, after: dt.date
) -> tuple[int, int]:
    """Return how many alerts are the first on an event, and how many match none."""
    matched: set[Event] = set()
    n_false = 0
    for day, intent in alerts:
        if day < after:
            continue
        if event := event_of(stream.events, day, intent):
            matched.add(event)
        else:
            n_false += 1
    return len(matched), n_false


def _mean(values: list[bool]) -> float:
    return float(np.mean(values)) if values else float("nan")


def _nmi(gold: np.ndarray, result: np.ndarray) -> float:
    from sklearn.metrics import normalized_mutual_info_score

    return float(normalized_mutual_info_score(gold, result))
