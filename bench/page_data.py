"""A year of a large inbox, written with COPY, for measuring the review page."""

import datetime as dt
import json
import random
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import Engine, text

from sql.stores.copy import copy_rows

LAST = dt.date(2026, 3, 31)
_CHANNELS = ("chat", "email", "app", "web form")
_ATTRIBUTES = {
    "country": ("DE", "FR", "GB", "IT", "US"),
    "plan": ("basic", "pro"),
    "app_version": tuple(f"8.{n}" for n in range(20)),
    "device": ("android", "ios", "web"),
    "score": tuple(map(str, range(11))),
}
"""Beside an order number, which no two messages share."""
_DIMENSION = 384
_N_INTENTS = 60
_AREA = 5
"""Topics in one area."""
_VOCABULARY = 4_000
_MODEL = "bench-1"


@dataclass(frozen=True, slots=True)
class Size:
    """The size of the inbox: messages in total, topics, days, customers."""

    n_messages: int = 1_000_000
    n_topics: int = 400
    n_days: int = 365
    n_customers: int = 200_000


def fill(engine: Engine, size: Size, *, seed: int = 0) -> None:
    """Write the year into an empty, migrated database."""
    rng = random.Random(seed)
    days = [LAST - dt.timedelta(n) for n in range(size.n_days - 1, -1, -1)]
    topics = _topics(size, days, rng)
    with engine.begin() as connection:
        connection.execute(text("DROP INDEX triage.messages_search"))
        for day in {d.replace(day=1) for d in days}:
            connection.execute(text("SELECT triage.ensure_month(:d)"), {"d": day})
        _base(connection, topics, days, rng)
        for start in range(0, len(days), 30):
            _month(connection, days[start : start + 30], topics, size, rng)
    with engine.begin() as connection:
        connection.execute(
            text(
                "CREATE INDEX messages_search ON triage.messages "
                "USING gin (to_tsvector('english', text))"
            )
        )
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


@dataclass(frozen=True, slots=True)
class _Topic:
    topic_id: int
    born_on: dt.date
    weight: float
    words: tuple[str, ...]
    intents: tuple[str, ...]


def _topics(size: Size, days: Sequence[dt.date], rng: random.Random) -> list[_Topic]:
    """Three in four topics exist from the first day; weights differ up to twenty-fold."""
    topics = []
    for n in range(size.n_topics):
        born = days[0] if n % 4 else rng.choice(days[: -len(days) // 30])
        words = tuple(f"word{rng.randrange(_VOCABULARY)}" for _ in range(12))
        intents = tuple(f"intent_{rng.randrange(_N_INTENTS)}" for _ in range(3))
        weight = 20 ** rng.random()
        topics.append(_Topic(int(f"{born:%Y%m%d}") * 1000 + n, born, weight, words, intents))
    return topics


def _base(
    connection: Any, topics: Sequence[_Topic], days: Sequence[dt.date], rng: random.Random
) -> None:
    copy_rows(connection, "triage.intents", ("name",), ([f"intent_{n}"] for n in range(_N_INTENTS)))
    columns = (
        "version", "encoder", "role", "metrics", "artefact", "artefact_sha256",
    )  # fmt: skip
    model = [_MODEL, "bench", "champion", {"accuracy": 0.9}, "\\x00", "0"]
    copy_rows(connection, "triage.model_versions", columns, [model])
    columns = (
        "topic_id", "label", "label_source", "keywords", "exemplars", "status", "born_on",
        "updated_on", "area_id",
    )  # fmt: skip
    rows = (
        [t.topic_id, f"{' '.join(t.words[:3])} {n}", "model", t.words[:8], [], "active", t.born_on,
         LAST, topics[n - n % _AREA].topic_id]
        for n, t in enumerate(topics)
    )  # fmt: skip
    copy_rows(connection, "triage.topics", columns, rows)
    vectors = np.random.default_rng(rng.randrange(2**32)).normal(size=(len(topics), _DIMENSION))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    columns = (
        "topic_id", "day", "centroid", "radius", "size", "label", "keywords", "exemplars",
        "status", "last_on",
    )  # fmt: skip
    rows = (
        [t.topic_id, LAST, "[" + ",".join(f"{x:.6f}" for x in v) + "]", 0.5, 100, "x", t.words[:8],
         [], "active", LAST]
        for t, v in zip(topics, vectors.tolist(), strict=True)
    )  # fmt: skip
    copy_rows(connection, "triage.topic_states", columns, rows)
    columns = ("job", "day", "counts", "seconds", "settings", "code_version")
    rows = (
        [job, day, {"n_messages": 2_700, "n_clustered": 2_400, "n_unsupported": 40,
                    "n_pulled": 2_750, "n_stored": 2_740, "n_known": 0, "n_quarantined": 10},
         {"total": 10.0}, {}, "bench"]
        for day in days for job in ("ingest:inbox", "embed:0", "predict", "assign", "discover")
    )  # fmt: skip
    copy_rows(connection, "triage.runs", columns, rows)


def _month(
    connection: Any,
    days: Sequence[dt.date],
    topics: Sequence[_Topic],
    size: Size,
    rng: random.Random,
) -> None:
    """Messages, their topics and intents, and the counts that runs store."""
    messages, passages, memberships, predictions = [], [], [], []
    counts: Counter[tuple[Any, ...]] = Counter()
    unsure: Counter[tuple[Any, ...]] = Counter()
    wrote: set[tuple[int, dt.date, str]] = set()
    for message in _messages(days, topics, size, rng):
        day, topic, intent, channel, abstained, words = message
        name = str(uuid.UUID(int=rng.getrandbits(128)))
        text_hash = str(uuid.UUID(int=rng.getrandbits(128)))
        time = f"{day}T{rng.randrange(24):02d}:00:00Z"
        customer = f"{rng.randrange(size.n_customers):032x}"
        own = {name: rng.choice(values) for name, values in _ATTRIBUTES.items()}
        own["order"] = name[:8]
        messages.append(
            [name, "inbox", name[:13], time, day, day, words, text_hash, "en", channel, customer,
             own]
        )  # fmt: skip
        known = topic.topic_id if topic else None
        if known:
            wrote.add((known, day, customer))
        passages.append([name, name, 1, day, 0, len(words), words, text_hash])
        memberships.append([name, name, day, day, "assign", known, 0.8 if topic else 0.0])
        probability = rng.uniform(0.1, 0.5) if abstained else rng.uniform(0.5, 1.0)
        runners = [[f"intent_{rng.randrange(_N_INTENTS)}", 0.1] for _ in range(3)]
        reason = "low_probability" if abstained else None
        predictions.append(
            [name, _MODEL, day, intent, round(probability, 4), json.dumps(runners), abstained,
             reason]
        )  # fmt: skip
        counts[day, known or 0, channel, intent] += 1
        unsure[day, known or 0, channel, intent] += abstained
    columns = ("message_id", "source", "external_id", "created_at", "day", "arrived_on", "text",
               "text_hash", "language", "channel", "customer_hash", "attributes")  # fmt: skip
    copy_rows(connection, "triage.messages", columns, messages)
    columns = ("passage_id", "message_id", "n", "arrived_on", "start", "stop", "text", "text_hash")
    copy_rows(connection, "triage.passages", columns, passages)
    columns = ("passage_id", "message_id", "arrived_on", "decided_on", "stage", "topic_id",
               "strength")  # fmt: skip
    copy_rows(connection, "triage.memberships", columns, memberships)
    columns = ("passage_id", "model_version", "day", "intent", "probability", "runners_up",
               "abstained", "reason")  # fmt: skip
    copy_rows(connection, "triage.intent_predictions", columns, predictions)
    columns = ("day", "topic_id", "channel", "intent", "n_messages", "n_first", "n_abstained")
    rows = ([*key, n, n, unsure[key]] for key, n in counts.items())
    copy_rows(connection, "triage.topic_mix", columns, rows)
    copy_rows(connection, "triage.topic_customers", ("topic_id", "day", "customer"), sorted(wrote))
    _days(connection, days, topics, counts, rng)
    columns = ("day", "topic_id", "segment_name", "segment_value", "segment_n", "segment_of",
               "segment_days", "segment_usual", "p_value", "lower", "upper")  # fmt: skip
    drivers = (
        [day, t.topic_id, "plan", "pro", 9, 10, 3, 0.5, 0.001, 0.6, 0.99]
        for day in days for t in topics[::10] if t.born_on <= day
    )  # fmt: skip
    copy_rows(connection, "triage.topic_drivers", columns, drivers)


def _messages(
    days: Sequence[dt.date], topics: Sequence[_Topic], size: Size, rng: random.Random
) -> Iterator[tuple[Any, ...]]:
    for day in days:
        living = [t for t in topics if t.born_on <= day]
        weights = [t.weight for t in living]
        for topic in rng.choices(living, weights, k=size.n_messages // size.n_days):
            fits = rng.random() > 0.1
            words = rng.choices(topic.words, k=8) if fits else []
            words += [f"word{rng.randrange(_VOCABULARY)}" for _ in range(14 - len(words))]
            intent = rng.choice(topic.intents)
            yield (
                day, topic if fits else None, intent, rng.choice(_CHANNELS), rng.random() < 0.15,
                " ".join(words),
            )  # fmt: skip


def _days(
    connection: Any,
    days: Sequence[dt.date],
    topics: Sequence[_Topic],
    counts: Counter[tuple[Any, ...]],
    rng: random.Random,
) -> None:
    totals: Counter[tuple[Any, ...]] = Counter()
    for (day, topic, *_), n in counts.items():
        totals[day, topic] += n
    columns = ("topic_id", "day", "n_messages", "expected", "upper", "p_value", "status")
    rows = []
    for day in days:
        for t in topics:
            if t.born_on <= day:
                n = totals[day, t.topic_id]
                status = rng.choices(
                    ("steady", "growing", "surging", "fading", "new"), (90, 3, 1, 4, 2)
                )[0]
                rows.append([t.topic_id, day, n, n + rng.uniform(-2, 2), n + 5.0, 0.5, status])
    copy_rows(connection, "triage.topic_days", columns, rows)
    columns = ("alert_id", "day", "topic_id", "kind", "observed", "expected", "severity", "status")
    alerts = (
        [f"{day}/surge/{t}", day, t, "surge", n, 5.0, "medium",
         "open" if day == LAST else "resolved"]
        for t, day, n, *_, status in rows if status == "surging" and n
    )  # fmt: skip
    copy_rows(connection, "triage.alerts", columns, alerts)
    columns = ("event_id", "day", "event", "topic_id", "actor", "detail")
    births = (
        [f"{t.born_on}/{t.topic_id}", t.born_on, "birth", t.topic_id, "run", "born"]
        for t in topics if t.born_on in days
    )  # fmt: skip
    copy_rows(connection, "triage.topic_events", columns, births)
