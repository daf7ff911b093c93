"""Whether a message belongs: nearer to a topic's members than texts lie to strangers.

The data says what is near. Every text of a topic has strangers, the nearest texts of other topics,
and a text that belongs nowhere lies to all of them as strangers do. So a message belongs where its
mean cosine to the members that vote for it exceeds what is usual between strangers. That holds for
a large window and a small one, since members and strangers come nearer alike as a window fills.
"""

import numpy as np

from nlp.topics.config import TopicConfig
from nlp.topics.graph import Graph, Labels, vote

_FAR = -1.0
"""The least cosine there is: without strangers everything belongs."""


def least_nearness(graph: Graph, labels: Labels, *, config: TopicConfig) -> float:
    """Return the nearness from which a message belongs to the topic that wins its vote.

    `labels` (s,) are those of the sampled texts; -1 = none. It is the quantile `config.strictness`
    of the mean cosine of labelled texts to their nearest strangers, as far as the graph reaches; -1
    where there are none.
    """
    labelled = np.flatnonzero(labels >= 0)
    rows = graph.texts[labelled]
    found = labels[graph.neighbors[rows]]
    is_stranger = (found >= 0) & (found != labels[labelled][:, None])
    is_near = is_stranger & (np.cumsum(is_stranger, axis=1) <= config.n_neighbors)
    n = is_near.sum(axis=1)
    total = np.where(is_near, graph.cosines[rows], 0).sum(axis=1)
    nearness = total[n > 0] / n[n > 0]
    return float(np.quantile(nearness, config.strictness)) if len(nearness) else _FAR


def belonging(graph: Graph, labels: Labels, *, config: TopicConfig) -> Labels:
    """Return `labels` (s,), and -1 where a text does not belong to the topic that wins its vote."""
    votes = vote(graph, labels, graph.texts, n_voters=config.n_neighbors)
    near = votes.nearness >= least_nearness(graph, labels, config=config)
    return np.where(near, labels, -1)
