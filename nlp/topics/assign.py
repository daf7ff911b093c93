"""Assign messages to topics by a vote of their nearest neighbours among the members of topics.

A new message joins a topic if most of its neighbours are in it and it belongs: it is nearer to
them than texts usually are to strangers (`nlp.topics.belonging`). With one radius around each
centroid, a broad topic would absorb a new one that resembles it. A message that has a topic moves
only to one that is far ahead in the vote, so that it does not switch back and forth. Equal texts
go to one topic.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nlp.records import Assignment, Floats, Topic
from nlp.topics.belonging import least_nearness
from nlp.topics.config import TopicConfig
from nlp.topics.graph import Graph, Labels, neighbour_graph, vote

_RADIUS_PERCENTILE = 5


@dataclass(frozen=True, slots=True)
class Members:
    """Passages whose topic is known."""

    embeddings: Floats
    """(m, d), rows of length 1."""
    topic_ids: Sequence[int]
    """(m,)."""


def assign(
    passage_ids: Sequence[str],
    embeddings: Floats,
    *,
    topics: Sequence[Topic],
    members: Members,
    config: TopicConfig,
) -> list[Assignment]:
    """Return one assignment per passage, in their order; `embeddings` is (n, d), rows of length 1.

    `members` are passages of `topics`. `strength` gives the strength; it is 0 where unclustered.
    """
    by_id = {t.topic_id: t for t in topics}
    codes = {t: n for n, t in enumerate(by_id)}
    topic_of = [t if t in codes else None for t in members.topic_ids]
    if not any(topic_of) or not len(passage_ids):
        return [Assignment(p, None, 0.0) for p in passage_ids]
    graph = neighbour_graph(
        np.concatenate([members.embeddings, embeddings]),
        [*topic_of, *[None] * len(embeddings)],
        sample_size=config.sample_size,
        n_nearest=config.n_nearest,
        is_free_sampled=False,
    )
    held = [-1 if t is None else codes[t] for t in topic_of] + [-1] * len(embeddings)
    labels = _of_texts(graph, np.array(held, dtype=np.intp))
    joined = _joined(graph, labels, first=len(topic_of), config=config)
    ids = list(by_id)
    assignments = []
    for passage_id, row, code in zip(passage_ids, embeddings, joined.tolist(), strict=True):
        if code < 0:
            assignments.append(Assignment(passage_id, None, 0.0))
        else:
            topic = by_id[ids[code]]
            fits = strength(float(row @ topic.centroid), topic.radius)
            assignments.append(Assignment(passage_id, topic.topic_id, fits))
    return assignments


def _joined(graph: Graph, labels: Labels, *, first: int, config: TopicConfig) -> Labels:
    """The label that each message from `first` on joins, -1 = none."""
    new = np.arange(first, len(graph.text_of))
    votes = vote(graph, labels, new, n_voters=config.n_neighbors)
    least = least_nearness(graph, labels, config=config)
    belongs = (votes.n_for >= config.majority * votes.n_voters) & (votes.nearness >= least)
    text = graph.text_of[new]
    return np.where(text >= 0, labels[text], np.where(belongs, votes.winner, -1))


def leaning(
    graph: Graph, topic_of: Sequence[int | None], *, config: TopicConfig, least: float
) -> list[int | None]:
    """Return the topic (n,) that each message leans to: its own, unless the share of another one
    among its nearest members is larger by at least `least`.

    `topic_of` (n,) are the topics of the messages, None = unclustered. The copies of a text are
    its nearest neighbours: all of them follow the topic that has most of them.
    """
    ids = sorted({t for t in topic_of if t is not None})
    code = {t: n for n, t in enumerate(ids)}
    held = np.array([-1 if t is None else code[t] for t in topic_of], dtype=np.intp)
    of_texts = _of_texts(graph, held)
    is_known = (graph.text_of >= 0) & (of_texts[graph.text_of] >= 0)
    held = np.where(is_known, of_texts[graph.text_of], held)
    everyone = np.arange(len(held))
    votes = vote(graph, of_texts, everyone, n_voters=config.n_neighbors, own=held)
    copies = np.where(is_known, graph.counts[graph.text_of] - 1, 0)
    n_others = np.maximum(config.n_neighbors - copies, 0)
    lead = np.minimum(votes.n_for, n_others) - votes.n_own - copies
    leans = (lead >= least * config.n_neighbors) & (votes.n_voters >= config.fewest_recent)
    return [ids[c] if c >= 0 else None for c in np.where(leans, votes.winner, held).tolist()]


def _of_texts(graph: Graph, held: Labels) -> Labels:
    """The label (s,) that most messages of each sampled text have in `held` (n,); -1 = none."""
    known = np.flatnonzero((graph.text_of >= 0) & (held >= 0))
    pairs = np.stack([graph.text_of[known], held[known]])
    (texts, labels), n = np.unique(pairs, axis=1, return_counts=True)
    of_texts = np.full(graph.n_texts, -1, dtype=np.intp)
    order = np.argsort(n, kind="stable")  # the label of most messages is written last
    of_texts[texts[order]] = labels[order]
    return of_texts


def radius_of(members: Floats, centroid: Floats) -> float:
    """Return the 5th percentile of the similarities of `members` (n, d) to `centroid`."""
    return float(np.percentile(members @ centroid, _RADIUS_PERCENTILE))


def centroid_of(members: Floats) -> Floats:
    """Return the mean direction of `members` (n, d), length 1."""
    mean: Floats = members.mean(axis=0, dtype=np.float64).astype(np.float32)
    return mean / max(float(np.linalg.norm(mean)), 1e-12)


def strength(similarity: float, radius: float) -> float:
    """Return how far inside a topic's radius a message is: 0.5 on the edge or beyond, 1 at the
    centroid, linear in between."""
    inside = min(max((similarity - radius) / max(1 - radius, 1e-6), 0.0), 1.0)
    return round(0.5 + 0.5 * inside, 4)
