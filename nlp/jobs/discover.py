"""Update the topics of a day, compare their counts with expectation, raise alerts."""

import datetime as dt
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from nlp.jobs.order import check_order
from nlp.jobs.record import record_run
from nlp.jobs.window import first_of_window
from nlp.ports import AlertStore, Encoder, MessageStore, RunStore, TopicStore
from nlp.records import (
    Alert,
    Assignment,
    DayTexts,
    Discovery,
    Proposal,
    RunReport,
    Topic,
    TopicDay,
    TopicEvent,
)
from nlp.settings import Settings
from nlp.states import AlertKind, Event
from nlp.topics.alerts import Heard, kind_of, raise_alerts, waits
from nlp.topics.assign import strength
from nlp.topics.config import TopicConfig, topic_config
from nlp.topics.customers import count_customers
from nlp.topics.evolve import Evolved, evolve
from nlp.topics.expectation import Counts, expect, topic_day
from nlp.topics.lineage import PROPOSED, Past
from nlp.topics.scan import Fresh
from nlp.topics.words.config import word_config


class DiscoverStore(MessageStore, TopicStore, AlertStore, RunStore, Protocol):
    """What discovery reads and writes."""


def discover_day(
    store: DiscoverStore, encoder: Encoder, day: dt.date, *, settings: Settings
) -> RunReport:
    """Write the topics, events, expectations and alerts of a day.

    Raises DayOrderError while an earlier day that has messages is not finished.
    """
    started = time.perf_counter()
    config, words = topic_config(settings), word_config(settings)
    first = first_of_window(store, day, settings=settings)
    check_order(store, day, settings=settings)
    window = store.window(first=first, last=day, encoder=encoder.name, languages=settings.languages)
    topics = store.topics_on_eve(day)
    before = _topics_before(store, window, topics, day=day, first=first)
    evolved = evolve(
        window,
        topics,
        before,
        day=day,
        encode=encoder.encode,
        config=config,
        words=words,
        past=_past(store, day=day, first=first, config=config),
    )
    changes = _changes(window, before, evolved)
    days, alerts, waiting = _expect(
        store, day, evolved, window=window, settings=settings, config=config
    )
    events = [*evolved.events, *waiting]
    store.save_discovery(day, Discovery(evolved.topics, changes, days, events, alerts))
    counts = {
        "n_window": len(window.passage_ids),
        **_coverage(window, evolved, day),
        "n_unsupported": len(store.unsupported(day, languages=settings.languages)),
        "n_topics": len(evolved.topics),
        **_changed(evolved),
        "n_alerts": len(alerts),
    }
    report = RunReport("discover", day, counts, {"total": time.perf_counter() - started})
    return record_run(store, report, settings=settings, topics=config, words=words)


def _topics_before(
    store: TopicStore, window: DayTexts, topics: Sequence[Topic], *, day: dt.date, first: dt.date
) -> list[int | None]:
    """The topic of each passage so far; a passage whose topic ended is free again."""
    standing = store.topics_of_passages(day=day, first=first)
    living = {t.topic_id for t in topics}
    return [t if (t := standing.get(p)) in living else None for p in window.passage_ids]


def _past(store: TopicStore, *, day: dt.date, first: dt.date, config: TopicConfig) -> Past:
    """What earlier runs proposed and on how many days running, and which topics split lately."""
    events = store.recent_events(first=first, last=day - dt.timedelta(1))
    done = store.days_discovered(before=day)
    found: dict[dt.date, set[tuple[Event, int, int | None]]] = {}
    for found_on, e in events:
        if e.event in PROPOSED:
            key = (PROPOSED[e.event], e.topic_id, e.other_topic_id)
            found.setdefault(found_on, set()).add(key)
    still = found.get(done[-1], set()) if done else set()
    running = dict.fromkeys(still, 1)
    for before in done[-2::-1]:
        still = still & found.get(before, set())
        for key in still:
            running[key] += 1
    return Past(
        proposed=[Proposal(*key, n) for key, n in sorted(running.items(), key=str)],
        apart={
            frozenset((e.topic_id, e.other_topic_id or 0))
            for _, e in events
            if e.event == Event.SPLIT
        },
        settling=(day - min(done, default=day)).days < config.young_days,
        placed=store.placed_passages(day=day, first=first),
    )


def _coverage(window: DayTexts, evolved: Evolved, day: dt.date) -> dict[str, int]:
    rows = zip(window.message_ids, evolved.topic_of, window.arrived_on, strict=True)
    today = [(message, topic) for message, topic, arrived_on in rows if arrived_on == day]
    clustered = {message for message, topic in today if topic is not None}
    return {"n_messages": len({message for message, _ in today}), "n_clustered": len(clustered)}


def _changed(evolved: Evolved) -> dict[str, int]:
    events = [e.event for e in evolved.events]
    counted = {"n_births": Event.BIRTH, "n_splits": Event.SPLIT, "n_merges": Event.MERGE}
    return {name: events.count(event) for name, event in counted.items()}


def _changes(window: DayTexts, before: list[int | None], evolved: Evolved) -> list[Assignment]:
    """The assignments that this discovery changes."""
    by_id = {t.topic_id: t for t in evolved.topics}
    changes = []
    for index, (old, new) in enumerate(zip(before, evolved.topic_of, strict=True)):
        if new is not None and new != old:
            similarity = float(window.embeddings[index] @ by_id[new].centroid)
            fits = strength(similarity, by_id[new].radius)
            changes.append(Assignment(window.passage_ids[index], new, fits))
    return changes


def _expect(
    store: DiscoverStore,
    day: dt.date,
    evolved: Evolved,
    *,
    window: DayTexts,
    settings: Settings,
    config: TopicConfig,
) -> tuple[list[TopicDay], list[Alert], list[TopicEvent]]:
    """Compare the day's count of every topic with its expectation, and raise alerts.

    The events say which new topics wait until enough customers have written.
    """
    rows = zip(window.message_ids, window.arrived_on, window.sources, strict=True)
    arrived = {message: (arrived_on, source) for message, arrived_on, source in rows}
    ids = [t.topic_id for t in evolved.topics]
    counts = _counts(ids, window, evolved.topic_of)
    leans = _counts(ids, window, evolved.leans_to)
    held = expect(counts, Counter(arrived.values()), day, config=config)
    leaned = expect(leans, Counter(arrived.values()), day, config=config)
    days = []
    for t in evolved.topics:
        n = sum(n for (d, _), n in counts[t.topic_id].items() if d == day)
        days.append(topic_day(t.topic_id, n, held[t.topic_id], leaned[t.topic_id], config=config))
    muted = store.muted_topics()
    heard = _heard(store, day, evolved, window=window, config=config)
    alerts = raise_alerts(
        [d for d in days if d.topic_id not in muted],
        day=day,
        emerged=_emerged(counts, evolved, day, config=config),
        first_day=min(store.days_discovered(before=day), default=day),
        recent=store.recent_alerts(
            first=day - dt.timedelta(settings.window_days), last=day - dt.timedelta(1)
        ),
        heard=heard,
        max_alerts=settings.max_alerts,
        config=config,
    )
    return days, alerts.raised, waits(alerts, heard, config=config)


def _emerged(
    counts: Mapping[int, Counts], evolved: Evolved, day: dt.date, *, config: TopicConfig
) -> dict[int, tuple[AlertKind, Fresh]]:
    """What came lately: as a new topic, or in one that surges."""
    born = {e.topic_id for e in evolved.events if e.event in (Event.BIRTH, Event.REVIVE)}
    return {
        t: (kind_of(counts[t], place, day, config=config) if t in born else AlertKind.SURGE, place)
        for t, place in evolved.emerged.items()
    }


def _heard(
    store: TopicStore, day: dt.date, evolved: Evolved, *, window: DayTexts, config: TopicConfig
) -> Heard:
    """The customers of each topic, and which new topics still wait for more of them."""
    since = day - dt.timedelta(config.min_history - 1)
    events = store.recent_events(first=since, last=day - dt.timedelta(1))
    return Heard(
        in_all=count_customers(window, evolved.topic_of),
        today=count_customers(window, evolved.topic_of, day=day),
        waiting={e.topic_id for _, e in events if e.event == Event.WAIT},
    )


def _counts(
    ids: Iterable[int], window: DayTexts, topic_of: Sequence[int | None]
) -> dict[int, Counter[tuple[dt.date, str]]]:
    """The number of messages of each topic by day and source; each once, however many passages."""
    counts: dict[int, Counter[tuple[dt.date, str]]] = {topic: Counter() for topic in ids}
    seen: set[tuple[str, int]] = set()
    rows = zip(window.message_ids, topic_of, window.arrived_on, window.sources, strict=True)
    for message, topic, arrived_on, source in rows:
        if topic is not None and (message, topic) not in seen:
            seen.add((message, topic))
            counts[topic][arrived_on, source] += 1
    return counts
