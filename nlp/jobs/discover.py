"""Update the topics of a day by the messages of its window."""

import datetime as dt
import time
from dataclasses import replace
from typing import Protocol

from nlp.crossings import crossing
from nlp.jobs.at_work import at_work
from nlp.jobs.beyond import follow
from nlp.jobs.compare import compare_day
from nlp.jobs.order import check_order
from nlp.jobs.record import record_run
from nlp.jobs.window import ReadWindow, read_window
from nlp.jobs.wording import author_of
from nlp.ports import AlertStore, Encoder, MessageStore, RunStore, TopicStore, WordingStore
from nlp.records import Assignment, DayTexts, Discovery, Proposal, RunReport, Topic
from nlp.samples import Rest
from nlp.settings import Settings
from nlp.states import Event
from nlp.topics.assign import strength
from nlp.topics.config import TopicConfig, topic_config
from nlp.topics.evolve import Evolved, evolve
from nlp.topics.lineage import PROPOSED, Past
from nlp.topics.sample import whole
from nlp.topics.words.config import word_config
from nlp.topics.words.naming import Namer


class DiscoverStore(MessageStore, TopicStore, WordingStore, AlertStore, RunStore, Protocol):
    """What discovery reads and writes."""


@at_work
def discover_day(
    store: DiscoverStore, encoder: Encoder, day: dt.date, *, settings: Settings
) -> RunReport:
    """Write the topics, events, expectations and alerts of a day.

    Raises DayOrderError while an earlier day that has messages is not finished.
    """
    started = time.perf_counter()
    config, words = topic_config(settings), word_config(settings)
    topics, read, before = _read(store, day, encoder_name=encoder.name, settings=settings)
    author = author_of(settings, store)
    evolved = evolve(
        read.texts,
        topics,
        before,
        day=day,
        config=config,
        namer=Namer(encoder.encode, words, author),
        past=replace(_past(store, day=day, first=read.first, config=config), rest=read.rest),
    )
    rest, moved = follow(
        store, day, read, evolved, encoder_name=encoder.name, settings=settings, config=config
    )
    evolved = replace(evolved, topics=[whole(t, rest) for t in evolved.topics])
    moved = [*_changes(read.texts, before, evolved), *moved]
    days, alerts, waiting, drivers = compare_day(
        store, day, evolved, window=read.texts, rest=rest, settings=settings, config=config
    )
    result = Discovery(evolved.topics, moved, days, [*evolved.events, *waiting], alerts, drivers)
    store.save_discovery(day, result)
    crossing("discover.saved", "The day's topics are whole; run again, it begins from its eve.")
    counts = {
        **_coverage(read.texts, evolved, day, rest),
        "n_unsupported": len(store.unsupported(day, languages=settings.languages)),
        **_changed(evolved),
        "n_alerts": len(alerts),
        **(author.counts if author else {}),
    }
    report = RunReport("discover", day, counts, {"total": time.perf_counter() - started})
    return record_run(store, report, settings=settings, topics=config, words=words)


def _read(
    store: DiscoverStore, day: dt.date, *, encoder_name: str, settings: Settings
) -> tuple[list[Topic], ReadWindow, list[int | None]]:
    """The topics of the eve, the window, and the topic of each of its passages.

    A passage whose topic ended is free again.
    """
    check_order(store, day, settings=settings)
    topics = store.topics_on_eve(day)
    living = {t.topic_id for t in topics}
    read = read_window(
        store, day, last=day, encoder_name=encoder_name, living=living, settings=settings
    )
    return topics, read, [t if t in living else None for t in read.topic_of]


def _past(store: TopicStore, *, day: dt.date, first: dt.date, config: TopicConfig) -> Past:
    """What earlier runs proposed and on how many days running, and which topics split lately."""
    events = store.recent_events(first=first, last=day - dt.timedelta(1))
    done = store.days_discovered(before=day)
    proposed_on: dict[dt.date, set[tuple[Event, int, int | None]]] = {}
    for found_on, e in events:
        if e.event in PROPOSED:
            key = (PROPOSED[e.event], e.topic_id, e.other_topic_id)
            proposed_on.setdefault(found_on, set()).add(key)
    still = proposed_on.get(done[-1], set()) if done else set()
    running = dict.fromkeys(still, 1)
    for before in done[-2::-1]:
        still = still & proposed_on.get(before, set())
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


def _coverage(window: DayTexts, evolved: Evolved, day: dt.date, rest: Rest) -> dict[str, int]:
    rows = zip(window.message_ids, evolved.topic_of, window.arrived_on, strict=True)
    today = [(message, topic) for message, topic, arrived_on in rows if arrived_on == day]
    clustered = {message for message, topic in today if topic is not None}
    n_rest = sum(n for (arrived_on, _), n in rest.arrived.items() if arrived_on == day)
    return {
        "n_window": len(window.passage_ids),
        "n_messages": len({message for message, _ in today}) + n_rest,
        "n_clustered": len(clustered) + rest.n_clustered,
    }


def _changed(evolved: Evolved) -> dict[str, int]:
    events = [e.event for e in evolved.events]
    counted = {"n_births": Event.BIRTH, "n_splits": Event.SPLIT, "n_merges": Event.MERGE}
    changed = {name: events.count(event) for name, event in counted.items()}
    return {"n_topics": len(evolved.topics), **changed}


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
