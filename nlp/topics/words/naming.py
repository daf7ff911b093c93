"""When topics get their words: at birth, and again as they grow and drift.

A newborn topic often has a dozen messages, and a label of these may fit few of the next hundred.
So its words are computed again each time its age has doubled. Keywords and exemplars change at
once. A label, which people have got used to, stays while customers still use it, and for good
where a person gave it. A topic that few customers wrote about has a placeholder first.
"""

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from nlp.records import DayTexts, Floats, Topic, TopicEvent
from nlp.states import LabelSource
from nlp.topics.life.requests import Rename
from nlp.topics.lifecycle import ask_as_run
from nlp.topics.words.authors import Author, Excerpt, Places
from nlp.topics.words.config import WordConfig
from nlp.topics.words.describe import Description, ExistingLabels, describe


@dataclass(frozen=True, slots=True)
class Namer:
    """What gives topics their words."""

    encode: Callable[[Sequence[str]], Floats]
    config: WordConfig
    author: Author | None = None
    """Proposes labels in place of phrases."""


def name_topics(
    window: DayTexts,
    topics: Mapping[int, Topic],
    topic_of: Sequence[int | None],
    *,
    day: dt.date,
    namer: Namer,
    confirmed: Collection[int],
) -> tuple[dict[int, Topic], list[TopicEvent]]:
    """Return `topics` with the words of `day`, and an event for each label that changed.

    `topic_of` gives the topic of each message of the window. A topic without a message in it keeps
    the words that it has. Only topics in `confirmed`, about which enough customers wrote, get a
    first label; the others get keywords, exemplars and a placeholder. A label of an
    author stays while it is near the messages.
    """
    ids = list(topics)
    number = {topic: n for n, topic in enumerate(ids)}
    labels = np.array([number[t] if t else -1 for t in topic_of], dtype=np.intp)
    present = sorted(set(labels[labels >= 0].tolist()))
    due = [n for n in present if _is_due(topics[ids[n]], day)]
    if not due:
        return dict(topics), []
    given = _given({n: topics[ids[n]] for n in due}, topics.values(), confirmed)
    described = _described(window, labels, topics, due=due, given=given, namer=namer)
    named, events = dict(topics), list[TopicEvent]()
    for n, words in described.items():
        old = topics[ids[n]]
        if words.label != old.label:
            events += ask_as_run(Rename(old.topic_id, words.label), [old], day=day).events
        named[ids[n]] = replace(
            old,
            label=words.label,
            keywords=words.keywords,
            exemplar_ids=tuple(dict.fromkeys(window.message_ids[i] for i in words.exemplars)),
        )
    return named, events


def _described(
    window: DayTexts,
    labels: NDArray[np.intp],
    topics: Mapping[int, Topic],
    *,
    due: Sequence[int],
    given: ExistingLabels,
    namer: Namer,
) -> dict[int, Description]:
    """The words of the topics that are due, by their number in `topics`."""
    texts, rows, ids = window.texts, window.embeddings, list(topics)
    if namer.author:
        places, by_author = Places(rows, labels, namer.encode), namer.author.labels()
        standing = {n: topics[ids[n]].label for n in due}
        stays = [n for n, t in standing.items() if t == by_author.get(ids[n]) and places.fits(t, n)]
        given = replace(given, fixed=[*given.fixed, *stays])
    described = describe(
        texts, rows, labels, encode=namer.encode, config=namer.config, only=due, given=given
    )
    if namer.author:
        asked = {n: d for n, d in described.items() if n not in given.fixed}
        words = {n: (t.label, *t.keywords) for n, t in enumerate(topics.values())}
        words |= {n: (d.label, *d.keywords) for n, d in described.items()}
        for n, label in _by_author(asked, words, window, ids, namer.author, places).items():
            described[n] = replace(described[n], label=label)
    return described


def _by_author(
    asked: Mapping[int, Description],
    words: Mapping[int, tuple[str, ...]],
    window: DayTexts,
    ids: Sequence[int],
    author: Author,
    places: Places,
) -> dict[int, str]:
    """The labels of an author that can be used; `words` has each topic's label and keywords."""
    used = {w[0].casefold() for w in words.values()}
    labels = {}
    for n, description in asked.items():
        rows = {window.message_ids[i]: window.texts[i] for i in description.exemplars}
        siblings = tuple(words[other] for other in places.nearest(n))
        label = author.label(Excerpt(ids[n], tuple(rows.items()), siblings))
        if label is None:
            continue
        if label.casefold() in used - {description.label.casefold()}:
            author.refuse("another theme has this name")
        elif not places.fits(label, n, instead_of=description.label):
            author.refuse("it is far from the messages")
        else:
            used.add(label.casefold())
            labels[n] = label
    return labels


def _given(
    due: Mapping[int, Topic], topics: Iterable[Topic], confirmed: Collection[int]
) -> ExistingLabels:
    """The labels that stand, of those that are due and of all `topics`."""
    waiting = {
        n: unnamed(t.topic_id)
        for n, t in due.items()
        if is_unnamed(t) and t.topic_id not in confirmed
    }
    persons = [n for n, t in due.items() if t.label_source == LabelSource.PERSON]
    return ExistingLabels(
        standing=waiting | {n: t.label for n, t in due.items() if not is_unnamed(t)},
        fixed=[*waiting, *persons],
        taken=[t.label for t in topics if not is_unnamed(t)],
    )


def unnamed(topic_id: int) -> str:
    """Return what stands for the label of a topic until enough customers have written."""
    return f"Unnamed theme {topic_id}"


def is_unnamed(topic: Topic) -> bool:
    """Whether a topic has no label yet: it was born today, or too few customers wrote."""
    by_run = topic.label_source != LabelSource.PERSON
    return by_run and topic.label in ("", unnamed(topic.topic_id))


def _is_due(topic: Topic, day: dt.date) -> bool:
    """Whether a topic lacks words (one that a person split off has no keywords), or its age in
    days has doubled since they were computed."""
    age = (day - topic.born_on).days
    has_doubled = age > 0 and age & (age - 1) == 0
    return is_unnamed(topic) or not topic.keywords or has_doubled
