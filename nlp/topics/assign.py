"""A day's messages to the topics that stood on the eve.

A message goes to the topic that most of its nearest neighbours among the members belong to, if
it lies as near to them as that topic's own members lie to one another: each topic has its own
measure. One radius round a centroid would let a broad topic swallow a new one that resembles it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlp.records import Assignment, Floats, Topic
from nlp.topics.neighbors import nearest

_N_NEIGHBORS = 10
_MIN_AGREEING = 5
_NEARNESS_PERCENTILE = 15
"""Share of its own members, in percent, that a topic's measure would leave out; discovery takes
them in again where they cluster with it. A lower one lets neighbours in that are no members."""
_RADIUS_PERCENTILE = 5
_MAX_MEMBERS = 100
"""Members that speak for a topic, at most, so that a day's cost does not grow with the window."""


@dataclass(frozen=True, slots=True)
class Members:
    """Messages whose topic is known."""

    embeddings: Floats
    """(m, d), rows of length 1."""
    topic_ids: NDArray[np.int64]
    """(m,)."""


def assign(
    message_ids: Sequence[str], embeddings: Floats, *, topics: Sequence[Topic], members: Members
) -> list[Assignment]:
    """Return one assignment a message, in their order; `embeddings` is (n, d), rows of length 1.

    `members` are messages of `topics`. The strength is that of `strength`; 0 where unclustered.
    """
    by_id = {t.topic_id: t for t in topics}
    spokesmen = _spokesmen(members, by_id)
    if not len(spokesmen.topic_ids) or not len(message_ids):
        return [Assignment(m, None, 0.0) for m in message_ids]
    themselves = np.arange(len(spokesmen.topic_ids))
    votes = _vote(spokesmen.embeddings, spokesmen, selves=themselves)
    least = _least_nearness(*votes, spokesmen.topic_ids, by_id)
    voted, nearness = _vote(embeddings, spokesmen)
    assignments = []
    for message_id, row, topic_id, near in zip(
        message_ids, embeddings, voted.tolist(), nearness.tolist(), strict=True
    ):
        if topic_id and near >= least[topic_id]:
            topic = by_id[topic_id]
            similarity = float(row @ topic.centroid)
            assignments.append(Assignment(message_id, topic_id, strength(similarity, topic.radius)))
        else:
            assignments.append(Assignment(message_id, None, 0.0))
    return assignments


def radius_of(members: Floats, centroid: Floats) -> float:
    """Return the similarity that all but the loosest 5% of `members` (n, d) have to `centroid`."""
    return float(np.percentile(members @ centroid, _RADIUS_PERCENTILE))


def centroid_of(members: Floats) -> Floats:
    """Return the mean direction of `members` (n, d), length 1."""
    mean: Floats = members.mean(axis=0, dtype=np.float64).astype(np.float32)
    return mean / max(float(np.linalg.norm(mean)), 1e-12)


def strength(similarity: float, radius: float) -> float:
    """Return how far inside a topic's radius a message lies: 0.5 on the edge or beyond, 1 at the
    centroid, in between in proportion."""
    inside = min(max((similarity - radius) / max(1 - radius, 1e-6), 0.0), 1.0)
    return round(0.5 + 0.5 * inside, 4)


def _spokesmen(members: Members, topics: dict[int, Topic]) -> Members:
    """At most `_MAX_MEMBERS` distinct members of each topic, at even strides."""
    rows, ids = [members.embeddings[:0]], [members.topic_ids[:0]]
    for topic_id in topics:
        own = np.unique(members.embeddings[members.topic_ids == topic_id], axis=0)
        if len(own) > _MAX_MEMBERS:
            own = own[np.linspace(0, len(own) - 1, _MAX_MEMBERS).astype(int)]
        rows.append(own)
        ids.append(np.full(len(own), topic_id, dtype=np.int64))
    return Members(np.concatenate(rows), np.concatenate(ids))


def _vote(
    embeddings: Floats, members: Members, *, selves: NDArray[np.intp] | None = None
) -> tuple[NDArray[np.int64], Floats]:
    """For each of `embeddings` (n, d): the topic of most of its nearest, and how near they are.

    The topic is 0 where fewer than `_MIN_AGREEING` agree.
    """
    k = min(_N_NEIGHBORS, len(members.topic_ids) - (selves is not None))
    if not k:
        return np.zeros(len(embeddings), np.int64), np.zeros(len(embeddings), np.float32)
    neighbors, near = nearest(embeddings, members.embeddings, k, selves=selves)
    votes = members.topic_ids[neighbors]
    agreeing = votes[:, :, None] == votes[:, None, :]
    leader = agreeing.sum(axis=2).argmax(axis=1)
    mine = np.take_along_axis(agreeing, leader[:, None, None], axis=1)[:, 0, :]
    topic = votes[np.arange(len(votes)), leader]
    count = mine.sum(axis=1)
    mean = np.where(mine, near, 0).sum(axis=1) / np.maximum(count, 1)
    return np.where(count >= _MIN_AGREEING, topic, 0), mean.astype(np.float32)


def _least_nearness(
    voted: NDArray[np.int64], nearness: Floats, ids: NDArray[np.int64], topics: dict[int, Topic]
) -> dict[int, float]:
    """How near a message must lie, by topic: as all but the loosest members do to one another."""
    least = {}
    for topic_id, topic in topics.items():
        own = nearness[(ids == topic_id) & (voted == topic_id)]
        least[topic_id] = (
            float(np.percentile(own, _NEARNESS_PERCENTILE)) if len(own) else topic.radius
        )
    return least
