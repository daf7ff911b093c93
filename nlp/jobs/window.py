"""The window: the days whose messages are clustered together."""

import datetime as dt
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from typing import Protocol

from nlp.ports import MessageStore, TopicStore
from nlp.records import DayTexts
from nlp.samples import NO_REST, Pools, Rest
from nlp.settings import Settings
from nlp.topics.sample import Familiar, beyond, newest, thirds

_LONGEST = 365
"""Days that it reaches back at most: what customers write about changes within a year."""


def first_of_window(store: MessageStore, last: dt.date, *, settings: Settings) -> dt.date:
    """Return the first day of the window that ends on `last`.

    It has `window_days` days, and more where fewer than `window_messages` arrived on them: days are
    no measure of how much there is to tell themes apart by.
    """
    shortest = last - dt.timedelta(settings.window_days - 1)
    n_days = settings.window_days
    while True:
        since = last - dt.timedelta(min(n_days, _LONGEST) - 1)
        n = 0
        arrived = store.count_by_day(since=since, until=last)
        for day in sorted(arrived, reverse=True):
            n += arrived[day]
            if n >= settings.window_messages:
                return min(day, shortest)
        if n_days >= _LONGEST:
            return min(shortest, *arrived) if arrived else shortest
        n_days *= 2


class WindowStore(MessageStore, TopicStore, Protocol):
    """What reading a window needs."""


@dataclass(frozen=True, slots=True)
class ReadWindow:
    """A window as it is read: whole, or a sample of it and the counts of the rest."""

    first: dt.date
    texts: DayTexts
    topic_of: list[int | None]
    """The topic of each passage as known so far; it may have ended."""
    rest: Rest


def read_window(
    store: WindowStore,
    day: dt.date,
    *,
    last: dt.date,
    encoder_name: str,
    living: Collection[int],
    settings: Settings,
) -> ReadWindow:
    """Read the window that ends on `last`, with the topics before discovery of `day`.

    Of more than `sample_passages` a sample is read. Where `last` is an earlier day, only passages
    that had a topic when they came are in it, and nothing is counted.
    """
    first = first_of_window(store, last, settings=settings)
    languages, most = settings.languages, settings.sample_passages
    pools = store.pools(
        day=day, first=first, last=last, languages=languages, living=living, most=most
    )

    def read(only: Collection[str] | None) -> DayTexts:
        return store.window(
            first=first, last=last, encoder=encoder_name, languages=languages, only=only
        )

    only = None
    free: set[str] = set()
    if pools is not None:
        free = _free(pools, read, most) if last == day else set()
        only = sorted({*pools.claimed, *free})
    texts = read(only)
    standing = store.topics_of_passages(day=day, first=first, only=only)
    topic_of = [standing.get(p) for p in texts.passage_ids]
    rest = NO_REST
    if pools is not None and last == day:
        known = [t if t in living else None for t in topic_of]
        rest = replace(beyond(pools.total, texts, known, day), free=free)
    return ReadWindow(first, texts, topic_of, rest)


def _free(pools: Pools, read: Callable[[list[str]], DayTexts], most: int) -> set[str]:
    """Choose the passages that no topic had when they came."""
    _, n_today, n_earlier = thirds(len(pools.claimed), len(pools.today), len(pools.earlier), most)
    known = read(sorted({*pools.claimed, *pools.earlier[: len(pools.claimed)]}))
    familiar = Familiar(known.passage_ids, known.embeddings)
    likeness: list[dict[str, float]] = []
    passages: dict[str, list[str]] = {}
    for ids in (pools.today, pools.earlier):
        own: dict[str, float] = {}
        for at in range(0, len(ids), most):
            texts = read(ids[at : at + most])
            values = familiar.likeness(texts.passage_ids, texts.embeddings).tolist()
            for p, m, value in zip(texts.passage_ids, texts.message_ids, values, strict=True):
                own[m] = min(value, own.get(m, 1.0))
                passages.setdefault(m, []).append(p)
        likeness.append(own)
    today, earlier = likeness
    return {p for m in newest(today, earlier, n_today, n_earlier) for p in passages[m]}


def parts_of_day(
    store: MessageStore, day: dt.date, *, encoder_name: str, settings: Settings
) -> Iterator[DayTexts]:
    """Yield the passages of a day by id, at most `sample_passages` at once; at least one part."""
    after, most = None, settings.sample_passages
    while True:
        texts = store.window(
            first=day,
            last=day,
            encoder=encoder_name,
            languages=settings.languages,
            after=after,
            most=most,
        )
        if after is None or texts.passage_ids:
            yield texts
        if len(texts.passage_ids) < most:
            return
        after = texts.passage_ids[-1]
