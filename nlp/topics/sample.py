"""Which messages of a large window are read, and what is known of the others: their counts.

A third of the sample is of messages that had a topic when they came, so that small topics are read
whole; a third is of those of today that had none; and a third of those of earlier days that had
none. Of the last two the newest places are read: the messages that are least like the others of
earlier days. What is read depends on where a message lies, not on its day, so the days of a place
can be compared. Ids are hashes: the first of them are a fair sample of days and sources.
"""

import datetime as dt
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from nlp.records import DayTexts, Floats, Topic
from nlp.samples import Counts, Rest
from nlp.topics.graph import fair_share

_BLOCK = 2_000
"""Rows that are compared at once."""


def thirds(n_claimed: int, n_today: int, n_earlier: int, most: int) -> tuple[int, int, int]:
    """Return how many of each are read, `most` in all; what one does not need the others get."""
    sizes = (n_claimed, n_today, n_earlier)
    share = fair_share(sorted(sizes), most)
    return min(n_claimed, share), min(n_today, share), min(n_earlier, share)


class Familiar:
    """Says how like earlier messages a passage is; `reference` (r, d) are some of them."""

    def __init__(self, ids: Sequence[str], reference: Floats) -> None:
        self._at = {passage: n for n, passage in enumerate(ids)}
        self._shared = reference.mean(axis=0) if len(reference) else np.zeros(1, np.float32)
        self._rows = self._apart(reference)

    def likeness(self, ids: Sequence[str], embeddings: Floats) -> Floats:
        """Return the cosine (n,) of each of `embeddings` (n, d) to the nearest other passage."""
        result = np.full(len(ids), -1, dtype=np.float32)
        for at in range(0, len(ids) if len(self._rows) else 0, _BLOCK):
            block = self._apart(embeddings[at : at + _BLOCK]) @ self._rows.T
            for row, passage in enumerate(ids[at : at + _BLOCK]):
                if (own := self._at.get(passage)) is not None:
                    block[row, own] = -1
            result[at : at + _BLOCK] = block.max(axis=1)
        return result

    def _apart(self, embeddings: Floats) -> Floats:
        """The directions of embeddings less what all share, as the graph compares them."""
        apart = embeddings - self._shared
        lengths = np.maximum(np.linalg.norm(apart, axis=1, keepdims=True), 1e-12)
        rows: Floats = (apart / lengths).astype(np.float32)
        return rows


def newest(
    today: Mapping[str, float], earlier: Mapping[str, float], n_today: int, n_earlier: int
) -> set[str]:
    """Return the messages that are read, by how like earlier ones each is.

    The `n_today` least like them of today, and of `earlier` days the first `n_earlier` that are no
    more like them than these.
    """
    ranked = sorted(today, key=lambda m: (today[m], m))[:n_today]
    limit = today[ranked[-1]] if len(ranked) < len(today) and ranked else 1.0
    alike = [m for m in sorted(earlier) if earlier[m] <= limit]
    return {*ranked, *alike[:n_earlier]}


def weights(
    topic_of: Sequence[int | None], is_in_graph: NDArray[np.bool_], rest: Rest
) -> NDArray[np.float64] | None:
    """Return how many messages of its topic each message (n,) of the graph stands for.

    1 without a topic; None where the sample is the window.
    """
    if not rest.arrived:
        return None
    n_all = Counter(t for t in topic_of if t is not None)
    n_all.update({t: sum(counts.values()) for t, counts in rest.topics.items()})
    read = zip(topic_of, is_in_graph.tolist(), strict=True)
    n_read = Counter(t for t, is_read in read if is_read and t is not None)
    each = {t: n_all[t] / n for t, n in n_read.items()}
    return np.array([1.0 if t is None else each.get(t, 1.0) for t in topic_of])


def strata(sources: Sequence[str], passage_ids: Sequence[str], rest: Rest) -> Sequence[str]:
    """Return the groups (n,) within which the days can be compared: of each source, and where there
    is a rest, those that had a topic when they came and those that had none."""
    if not rest.arrived:
        return sources
    return [f"{s}\0{p in rest.free}" for s, p in zip(sources, passage_ids, strict=True)]


def beyond(total: Rest, texts: DayTexts, topic_of: Sequence[int | None], day: dt.date) -> Rest:
    """Return the counts of `total` without the passages (n,) that are read."""
    rows: dict[int, list[int]] = {}
    for row, topic in enumerate(topic_of):
        if topic is not None:
            rows.setdefault(topic, []).append(row)
    read = {t: {k: -n for k, n in counts_of(texts, own).items()} for t, own in rows.items()}
    arrived = Counter(total.arrived)
    arrived.subtract(counts_of(texts, range(len(texts.passage_ids))))
    clustered = {
        m
        for m, t, arrived_on in zip(texts.message_ids, topic_of, texts.arrived_on, strict=True)
        if t is not None and arrived_on == day
    }
    return replace(total.after(read, -len(clustered)), arrived=+arrived)


def whole(topic: Topic, rest: Rest) -> Topic:
    """Return a topic with the size and the last day that the rest adds."""
    counts = rest.topics.get(topic.topic_id)
    if not counts:
        return topic
    last_on = max(day for day, _ in counts)
    return replace(
        topic,
        size=topic.size + sum(counts.values()),
        last_on=max(topic.last_on or last_on, last_on),
    )


def counts_of(texts: DayTexts, rows: Collection[int]) -> Counts:
    """Return the distinct messages of some passages by day and source."""
    messages = {texts.message_ids[i]: (texts.arrived_on[i], texts.sources[i]) for i in rows}
    return Counter(messages.values())
