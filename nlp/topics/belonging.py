"""Whether a message belongs: it is nearer to a topic's members than texts usually are to strangers.

The data determines what is near. Every text of a topic has strangers, the nearest texts of other
topics, and a text that belongs to no topic is as far from all of them as strangers are. So a
message belongs where its mean cosine to the members that vote for it exceeds what is usual between
strangers. This works for large and small windows, because members and strangers both get nearer as
a window fills.
"""

import numpy as np

from nlp.topics.config import TopicConfig
from nlp.topics.graph import Graph, Labels, vote

_FAR = -1.0
"""The smallest possible cosine: without strangers every message belongs."""


def least_nearness(graph: Graph, labels: Labels, *, config: TopicConfig) -> float:
    """Return the least nearness at which a message belongs to the topic that wins its vote.

    `labels` (s,) are those of the sampled texts; -1 = none. It is the quantile `config.strictness`
    of the mean cosine of labelled texts to their nearest strangers among their neighbours in the
    graph; -1 where there are none.
    """
    labelled = np.flatnonzero(labels >= 0)
    rows = graph.texts[labelled]
    near_labels = labels[graph.neighbors[rows]]
    is_stranger = (near_labels >= 0) & (near_labels != labels[labelled][:, None])
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
