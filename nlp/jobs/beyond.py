"""Let the messages of a large window that discovery did not read follow what it decided."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from nlp.jobs.window import ReadWindow, WindowStore
from nlp.records import Assignment, DayTexts, Topic
from nlp.samples import Rest
from nlp.settings import Settings
from nlp.states import Event
from nlp.topics.assign import Members, assign, strength
from nlp.topics.config import TopicConfig
from nlp.topics.customers import count_customers
from nlp.topics.evolve import Evolved
from nlp.topics.sample import counts_of


@dataclass
class _Following:
    """The assignments that change, and what that adds to each topic and takes from it."""

    changes: list[Assignment] = field(default_factory=list)
    counts: dict[int, Counter[tuple[dt.date, str]]] = field(default_factory=dict)
    joined_today: set[str] = field(default_factory=set)
    """Messages of the last day that had no topic."""
    wrote: dict[int, set[tuple[str, dt.date]]] = field(default_factory=dict)
    """Who wrote what joined each topic, and when."""

    def move(
        self, texts: DayTexts, old: Sequence[int | None], new: Sequence[Assignment], day: dt.date
    ) -> None:
        """Note the passages (n,) whose topic changes; those that get none keep what they have."""
        rows: dict[tuple[int, int], list[int]] = {}
        for row, (before, one) in enumerate(zip(old, new, strict=True)):
            if one.topic_id is not None and one.topic_id != before:
                self.changes.append(one)
                rows.setdefault((one.topic_id, 1), []).append(row)
                who = (texts.customers[row], texts.arrived_on[row])
                self.wrote.setdefault(one.topic_id, set()).add(who)
                if before is not None:
                    rows.setdefault((before, -1), []).append(row)
                elif texts.arrived_on[row] == day:
                    self.joined_today.add(texts.message_ids[row])
        for (topic, sign), own in rows.items():
            moved = {where: sign * n for where, n in counts_of(texts, own).items()}
            self.counts.setdefault(topic, Counter()).update(moved)

    def left(self, read: ReadWindow, evolved: Evolved, day: dt.date) -> Rest:
        """The rest of the window after it all; customers who wrote before, too, are added twice."""
        rest, customers = read.rest, dict(read.rest.customers)
        in_all = count_customers(read.texts, evolved.topic_of)
        today = count_customers(read.texts, evolved.topic_of, day=day)
        for topic, wrote in self.wrote.items():
            n_all, n_today = customers.get(topic, (in_all[topic], today[topic]))
            joined = {c for c, _ in wrote}, {c for c, arrived_on in wrote if arrived_on == day}
            customers[topic] = n_all + len(joined[0]), n_today + len(joined[1])
        after = rest.after(self.counts, len(self.joined_today))
        return replace(after, customers=customers)


def follow(
    store: WindowStore,
    day: dt.date,
    read: ReadWindow,
    evolved: Evolved,
    *,
    encoder_name: str,
    settings: Settings,
    config: TopicConfig,
) -> tuple[Rest, list[Assignment]]:
    """Return the rest of the window after `day`, and the assignments of its passages that change.

    Those of a merged topic go to its heir, and those of one that split to its nearest part. Of the
    day's own, those without a topic are assigned to the topics of its end, and those near a newborn
    one may go to it. All are read in chunks.
    """
    if not read.rest.arrived:
        return read.rest, []
    members, following = _members(read, evolved), _Following()
    known = set(read.texts.passage_ids)
    by_id = {t.topic_id: t for t in evolved.topics}
    heirs, parts = _made(evolved)
    changed = {*heirs, *parts}
    newborn = [t for t in evolved.topics if t.born_on == day]
    asked = {
        p: t if t in by_id else None
        for p, t in store.topics_of_passages(day=day, first=day).items()
        if p not in known and t not in changed and (t not in by_id or newborn)
    }
    chunks = _Chunks(store, read.first, day, encoder_name, settings)
    for all_texts, all_old in chunks.of(asked):
        rows = _concerned(all_texts, all_old, newborn, by_id)
        texts, old = _part(all_texts, rows), [all_old[i] for i in rows]
        following.move(texts, old, _joined(texts, old, evolved, members, newborn, config), day)
    if changed:
        standing = store.topics_of_passages(day=day, first=read.first, of=changed)
        for texts, old in chunks.of({p: t for p, t in standing.items() if p not in known}):
            new = _of_changed(texts, old, by_id, heirs, parts, members, config)
            following.move(texts, old, new, day)
    return following.left(read, evolved, day), following.changes


def _members(read: ReadWindow, evolved: Evolved) -> Members:
    held = [n for n, t in enumerate(evolved.topic_of) if t is not None]
    return Members(read.texts.embeddings[held], [t for t in evolved.topic_of if t is not None])


def _made(evolved: Evolved) -> tuple[dict[int, int], dict[int, set[int]]]:
    """The heir of each topic that merged, and all parts of each that split."""
    living = {t.topic_id for t in evolved.topics}
    heirs: dict[int, int] = {}
    parts: dict[int, set[int]] = {}
    for e in evolved.events:
        other = e.other_topic_id
        if e.event == Event.MERGE and other is not None:
            heirs[e.topic_id] = other
        elif e.event == Event.SPLIT and other in living and e.topic_id in living:
            parts.setdefault(e.topic_id, {e.topic_id}).add(other)
    return {gone: heir for gone, heir in heirs.items() if heir in living}, parts


def _concerned(
    texts: DayTexts,
    old: Sequence[int | None],
    newborn: Sequence[Topic],
    by_id: Mapping[int, Topic],
) -> list[int]:
    """The passages without a topic, and those nearer to a newborn one than to their own."""
    near = np.full(len(old), -np.inf)
    for topic in newborn:
        near = np.maximum(near, texts.embeddings @ topic.centroid)
    return [
        i
        for i, t in enumerate(old)
        if t is None or near[i] > texts.embeddings[i] @ by_id[t].centroid
    ]


def _joined(
    texts: DayTexts,
    old: Sequence[int | None],
    evolved: Evolved,
    members: Members,
    newborn: Sequence[Topic],
    config: TopicConfig,
) -> list[Assignment]:
    """Where today's passages go: to a newborn topic, which has few members yet and so needs the
    votes of few, and of those without a topic the others where the day would assign them."""
    few = config.model_copy(update={"n_neighbors": config.fewest_recent})
    ids, names = texts.passage_ids, {t.topic_id for t in newborn}
    wide, near = (
        assign(ids, texts.embeddings, topics=evolved.topics, members=members, config=c)
        for c in (config, few)
    )
    return [
        close if close.topic_id in names else (one if own is None else replace(one, topic_id=own))
        for own, one, close in zip(old, wide, near, strict=True)
    ]


def _of_changed(
    texts: DayTexts,
    old: Sequence[int | None],
    by_id: Mapping[int, Topic],
    heirs: Mapping[int, int],
    parts: Mapping[int, set[int]],
    members: Members,
    config: TopicConfig,
) -> list[Assignment]:
    """Where the passages of topics go that merged or split."""
    result = []
    for i, topic in enumerate(old):
        heir = by_id.get(heirs.get(topic or 0, topic or 0))
        if heir is None:
            result.append(Assignment(texts.passage_ids[i], None, 0.0))
        else:
            fits = strength(float(texts.embeddings[i] @ heir.centroid), heir.radius)
            result.append(Assignment(texts.passage_ids[i], heir.topic_id, fits))
    for parent, names in parts.items():
        rows = [i for i, t in enumerate(old) if t == parent]
        own = [n for n, t in enumerate(members.topic_ids) if t in names]
        moved = assign(
            [texts.passage_ids[i] for i in rows],
            texts.embeddings[rows],
            topics=[by_id[t] for t in sorted(names)],
            members=Members(members.embeddings[own], [members.topic_ids[n] for n in own]),
            config=config,
        )
        for i, one in zip(rows, moved, strict=True):
            result[i] = one
    return result


@dataclass(frozen=True, slots=True)
class _Chunks:
    """Reads passages of the window in chunks."""

    store: WindowStore
    first: dt.date
    day: dt.date
    encoder_name: str
    settings: Settings

    def of(self, topic_of: Mapping[str, int | None]) -> Iterator[tuple[DayTexts, list[int | None]]]:
        """Yield the passages in `topic_of`, by id, and the topics that they have."""
        ids = sorted(topic_of)
        for at in range(0, len(ids), self.settings.sample_passages):
            texts = self.store.window(
                first=self.first,
                last=self.day,
                encoder=self.encoder_name,
                languages=self.settings.languages,
                only=ids[at : at + self.settings.sample_passages],
            )
            yield texts, [topic_of[p] for p in texts.passage_ids]


def _part(texts: DayTexts, rows: Sequence[int]) -> DayTexts:
    """Some passages of `texts`."""
    return DayTexts(
        passage_ids=[texts.passage_ids[i] for i in rows],
        message_ids=[texts.message_ids[i] for i in rows],
        texts=[texts.texts[i] for i in rows],
        arrived_on=[texts.arrived_on[i] for i in rows],
        sources=[texts.sources[i] for i in rows],
        embeddings=texts.embeddings[list(rows)],
        customers=[texts.customers[i] for i in rows],
    )
