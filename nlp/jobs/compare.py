"""Compare a day's counts with what is usual, and raise alerts."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

import numpy as np

from nlp.ports import AlertStore, MessageStore, TopicStore
from nlp.records import Alert, DayTexts, Driver, TopicDay, TopicEvent
from nlp.samples import NO_REST, Rest
from nlp.settings import Settings
from nlp.states import AlertKind, Event
from nlp.topics.alerts import CustomerCounts, DayAlerts, kind_of, raise_alerts, waiting_events
from nlp.topics.config import TopicConfig
from nlp.topics.customers import count_customers
from nlp.topics.drivers import drivers
from nlp.topics.evolve import Evolved
from nlp.topics.expectation import Counts, expect, topic_day
from nlp.topics.sample import counts_of
from nlp.topics.scan import Fresh
from nlp.topics.segments import Inbox, Rise, renamed, rises


class CompareStore(MessageStore, TopicStore, AlertStore, Protocol):
    """What comparing reads."""


def compare_day(
    store: CompareStore,
    day: dt.date,
    evolved: Evolved,
    *,
    window: DayTexts,
    rest: Rest = NO_REST,
    settings: Settings,
    config: TopicConfig,
) -> tuple[list[TopicDay], list[Alert], list[TopicEvent], dict[int, Driver]]:
    """Compare the day's count of every topic with its expectation, and raise alerts.

    The events say which new topics wait for customers, the drivers which segments are
    over-represented in the week. Messages in `rest` lean to the topic that has them; a topic of
    which only a sample is read has no segment and no driver, as they would be the sample's.
    """
    ids = [t.topic_id for t in evolved.topics]
    counts = _counts(ids, window, evolved.topic_of, rest)
    leans = _counts(ids, window, evolved.leans_to, rest)
    arrived = Counter(counts_of(window, range(len(window.passage_ids)))) + Counter(rest.arrived)
    days = _days(counts, leans, arrived, day, config=config)
    customers = _customers(store, day, evolved, window=window, rest=rest, config=config)
    inbox, topics = _inbox(store, day, evolved, window, settings, is_sample=bool(rest.arrived))
    risen, driven = rises(inbox, topics, config=config), drivers(inbox, topics, config=config)
    for topic in rest.topics:
        risen.pop(topic, None)
        driven.pop(topic, None)
    alerts = _alerts(
        store,
        day,
        days,
        emerged=_emerged(counts, evolved, day, config=config),
        customers=customers,
        risen=risen,
        settings=settings,
        config=config,
    )
    return days, alerts.raised, waiting_events(alerts, customers, config=config), driven


def _days(
    counts: Mapping[int, Counts],
    leans: Mapping[int, Counts],
    arrived: Mapping[tuple[dt.date, str], int],
    day: dt.date,
    *,
    config: TopicConfig,
) -> list[TopicDay]:
    """Each topic's count of the day against what is expected, of it and of what leans to it."""
    held = expect(counts, arrived, day, config=config)
    leaned = expect(leans, arrived, day, config=config)
    days = []
    for t, own in counts.items():
        n = sum(n for (d, _), n in own.items() if d == day)
        days.append(topic_day(t, n, held[t], leaned[t], config=config))
    return days


def _alerts(
    store: CompareStore,
    day: dt.date,
    days: Sequence[TopicDay],
    *,
    emerged: Mapping[int, tuple[AlertKind, Fresh]],
    customers: CustomerCounts,
    risen: Mapping[int, Rise],
    settings: Settings,
    config: TopicConfig,
) -> DayAlerts:
    """The alerts of the topics that nobody muted."""
    muted = store.muted_topics()
    eve = day - dt.timedelta(1)
    return raise_alerts(
        [d for d in days if d.topic_id not in muted],
        day=day,
        emerged=emerged,
        first_day=min(store.days_discovered(before=day), default=day),
        recent=store.recent_alerts(first=day - dt.timedelta(settings.window_days), last=eve),
        customers=customers,
        risen=risen,
        config=config,
    )


def _inbox(
    store: CompareStore,
    day: dt.date,
    evolved: Evolved,
    window: DayTexts,
    settings: Settings,
    *,
    is_sample: bool,
) -> tuple[Inbox, list[set[int]]]:
    """The messages of the window with their attributes, and the topics of each."""
    topics: dict[str, set[int]] = {message: set() for message in window.message_ids}
    for message, topic in zip(window.message_ids, evolved.topic_of, strict=True):
        if topic is not None:
            topics[message].add(topic)
    arrived = dict(zip(window.message_ids, window.arrived_on, strict=True))
    only = list(topics) if is_sample else None
    known = store.attributes_of(first=min(arrived.values(), default=day), last=day, only=only)
    inbox = Inbox(
        ages=np.array([(day - arrived[m]).days for m in topics], dtype=np.intp),
        attributes=[renamed(known.get(m, {}), settings.attributes) for m in topics],
    )
    return inbox, list(topics.values())


def _emerged(
    counts: Mapping[int, Counts], evolved: Evolved, day: dt.date, *, config: TopicConfig
) -> dict[int, tuple[AlertKind, Fresh]]:
    """What came lately: as a new topic, or in one that surges."""
    born = {e.topic_id for e in evolved.events if e.event in (Event.BIRTH, Event.REVIVE)}
    return {
        t: (kind_of(counts[t], place, day, config=config) if t in born else AlertKind.SURGE, place)
        for t, place in evolved.emerged.items()
    }


def _customers(
    store: TopicStore,
    day: dt.date,
    evolved: Evolved,
    *,
    window: DayTexts,
    rest: Rest,
    config: TopicConfig,
) -> CustomerCounts:
    """The customers of each topic, and which new topics still wait for more of them."""
    since = day - dt.timedelta(config.min_history - 1)
    events = store.recent_events(first=since, last=day - dt.timedelta(1))
    in_all, today = Counter(dict[int, int]()), Counter(dict[int, int]())
    for topic, (n_all, n_today) in rest.customers.items():
        in_all[topic], today[topic] = n_all, n_today
    return CustomerCounts(
        in_all=in_all | count_customers(window, evolved.topic_of),
        today=today | count_customers(window, evolved.topic_of, day=day),
        waiting={e.topic_id for _, e in events if e.event == Event.WAIT},
    )


def _counts(
    ids: Iterable[int], window: DayTexts, topic_of: Sequence[int | None], rest: Rest
) -> dict[int, Counter[tuple[dt.date, str]]]:
    """The number of messages of each topic by day and source; each once, however many passages."""
    rows: dict[int, list[int]] = {}
    for row, topic in enumerate(topic_of):
        if topic is not None:
            rows.setdefault(topic, []).append(row)
    return {
        topic: Counter(counts_of(window, rows.get(topic, ()))) + Counter(rest.topics.get(topic, {}))
        for topic in ids
    }
