"""The neighbour graph of a window, and the vote of a message's nearest neighbours.

Exact nearest neighbours by cosine, searched once, in blocks, so that memory is bounded. A text
that occurs several times is one node, so that a form letter does not outvote its surroundings.

What all texts of a window share is no subject of any of them. So the mean of their embeddings is
subtracted first (Mu & Viswanath 2018): neighbours are found by what distinguishes texts. How near
they are is measured on the original embeddings: a text from elsewhere lacks what the others share.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlp.nearest import Indices, nearest
from nlp.records import Floats

Labels = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Graph:
    """The nearest neighbours of n messages among s sampled distinct texts."""

    rows: Floats
    """(n, d) the embeddings minus their mean, scaled to length 1; 0 where nothing is left."""
    texts: Indices
    """(s,) the message that represents each sampled text."""
    text_of: Indices
    """(n,) the sampled text of each message; -1 = its text is not in the sample."""
    neighbors: Indices
    """(n, k) the nearest texts, nearest first; a message in `texts` is never its own. k < s."""
    similarity: Floats
    """(n, k) cosines of the rows."""
    cosines: Floats
    """(n, k) cosines of the original embeddings."""

    @property
    def n_texts(self) -> int:
        """How many texts are in the sample."""
        return len(self.texts)

    @property
    def counts(self) -> Indices:
        """(s,) how many of the n messages have each text."""
        return np.bincount(self.text_of[self.text_of >= 0], minlength=self.n_texts)

    def among_texts(self) -> tuple[Indices, Floats]:
        """Return the neighbours and cosines (s, k) of the sampled texts themselves."""
        return self.neighbors[self.texts], self.similarity[self.texts]


@dataclass(frozen=True, slots=True)
class Votes:
    """The votes of the nearest texts of m messages."""

    winner: Labels
    """(m,) the label of most of them, on a tie that of the nearest voter; -1 = no voter."""
    n_for: Indices
    """(m,) how many voted for it."""
    n_own: Indices
    """(m,) how many voted for the label that the message has; 0 where none was given."""
    n_voters: Indices
    """(m,) how many voted: fewer than asked where few neighbours have a label."""
    nearness: Floats
    """(m,) mean cosine of the embeddings to those that voted for it; 0 without a voter."""


def _apart(embeddings: Floats, distinct: Indices) -> tuple[Floats, Floats, Floats]:
    """The directions (n, d) of `embeddings` less what the `distinct` ones share (d,); their lengths
    before.
    """
    shared = embeddings[distinct].sum(axis=0, dtype=np.float64) / max(len(distinct), 1)
    apart = embeddings - shared
    lengths = np.linalg.norm(apart, axis=1)
    rows = (apart / np.maximum(lengths, 1e-12)[:, None]).astype(np.float32)
    return rows, shared, lengths


def neighbour_graph(
    embeddings: Floats,
    topic_of: Sequence[int | None],
    *,
    sample_size: int,
    n_nearest: int,
    is_free_sampled: bool = True,
) -> Graph:
    """Return the graph of `embeddings` (n, d), rows of length 1.

    At most `sample_size` texts with a topic are sampled, the smallest share from large topics; all
    texts without one, or none unless `is_free_sampled`. The order of the messages decides which:
    in the order of hashes, the sample is fair, and mostly the same from day to day.
    """
    _, first, distinct = np.unique(embeddings, axis=0, return_index=True, return_inverse=True)
    distinct = distinct.reshape(-1)
    groups: dict[int, list[int]] = {}
    is_free = np.ones(len(first), dtype=bool)
    for message, topic in enumerate(topic_of):
        if topic is not None and is_free[distinct[message]]:
            is_free[distinct[message]] = False
            groups.setdefault(topic, []).append(message)
    free = first[is_free].tolist() if is_free_sampled else []
    texts = np.array(sorted(free + thin(groups.values(), sample_size)), dtype=np.intp)
    position = np.full(len(first), -1, dtype=np.intp)
    position[distinct[texts]] = np.arange(len(texts))
    # Another message with the same text is a neighbour, at distance 0.
    selves = np.full(len(embeddings), -1, dtype=np.intp)
    selves[texts] = np.arange(len(texts))
    rows, shared, lengths = _apart(embeddings, first)
    itself = selves, np.where(selves >= 0, selves + 1, -1)
    neighbors, similarity = nearest(
        rows, rows[texts], min(n_nearest, max(len(texts) - 1, 0)), without=itself
    )
    # x·y = (x - s)·(y - s) + x·s + y·s - s·s
    at, own = texts[neighbors], embeddings @ shared
    cosines = similarity * lengths[:, None] * lengths[at] + own[:, None] + own[at]
    cosines = (cosines - shared @ shared).astype(np.float32)
    return Graph(rows, texts, position[distinct], neighbors, similarity, cosines)


def vote(
    graph: Graph, labels: Labels, rows: Indices, *, n_voters: int, own: Labels | None = None
) -> Votes:
    """Return the votes of the nearest `n_voters` texts with a label on the messages `rows` (m,).

    `labels` (s,) are those of the sampled texts, 0 or more; -1 = none. `own` (m,) are the labels
    that the messages have already.
    """
    near_labels = labels[graph.neighbors[rows]]
    has_vote = near_labels >= 0
    # The voters of each row, moved to the front: at most n_voters columns are compared.
    order = np.argsort(~has_vote, axis=1, kind="stable")[:, :n_voters]
    votes = np.where(
        np.take_along_axis(has_vote, order, axis=1),
        np.take_along_axis(near_labels, order, axis=1),
        -1,
    )
    near = np.take_along_axis(graph.cosines[rows], order, axis=1)
    if not votes.shape[1]:
        nothing = np.zeros(len(rows), dtype=np.intp)
        return Votes(nothing - 1, nothing, nothing, nothing, nothing.astype(np.float32))
    agreeing = (votes[:, :, None] == votes[:, None, :]) & (votes >= 0)[:, :, None]
    leader = agreeing.sum(axis=2).argmax(axis=1)
    for_it = np.take_along_axis(agreeing, leader[:, None, None], axis=1)[:, 0, :]
    n_for = for_it.sum(axis=1)
    is_own = (votes >= 0) & (votes == (np.full(len(rows), -1) if own is None else own)[:, None])
    n_own = is_own.sum(axis=1)
    nearness = np.where(for_it, near, 0).sum(axis=1) / np.maximum(n_for, 1)
    return Votes(
        votes[np.arange(len(rows)), leader],
        n_for,
        n_own,
        (votes >= 0).sum(axis=1),
        nearness.astype(np.float32),
    )


def thin(groups: Collection[Sequence[int]], total: int) -> list[int]:
    """Return at most `total` members of `groups`: the first of each, large groups cut most.

    The list is empty where there are more groups than `total`.
    """
    most = fair_share(sorted(map(len, groups)), total)
    return [member for group in groups for member in group[:most]]


def fair_share(sizes: Sequence[int], total: int) -> int:
    """The limit to apply to each of `sizes`, ascending, so that their sum is at most `total`."""
    left = total
    for n, size in enumerate(sizes):
        share = left // (len(sizes) - n)
        if size > share:
            return share
        left -= size
    return sizes[-1] if sizes else 0
