"""Whether two groups of texts are one: neighbours are as dense between them as within them.

Interconnectivity in the manner of Karypis et al. 1999 (CHAMELEON), on the neighbour graph.
"""

import numpy as np
from numpy.typing import NDArray

from nlp.topics.graph import Graph, Labels

Counts = NDArray[np.float64]

_LEAST_REACH = 8
"""Neighbours that are counted, at least; these also set the scale of nearness."""


def join(graph: Graph, labels: Labels, mixing: float, *, usual_share: float) -> Labels:
    """Return `labels` (s,) with groups joined until no two mix as much as `mixing`.

    Above the share `usual_share` of all texts they must mix more, in proportion: otherwise similar
    themes would join one after another into a meaningless large one. The reach of a neighbourhood
    depends on the size of the group that a typical text is in, so it is measured again after every
    round of joins.
    """
    joined = labels.copy()
    while len(np.unique(joined[joined >= 0])) > 1:
        links, sizes = _links(graph, joined)
        joins = _agglomerate(links, sizes, mixing, usual_share=usual_share)
        for kept, absorbed in joins:
            joined[joined == absorbed] = kept
        if not joins:
            break
    return joined


def mixing_of(graph: Graph, labels: Labels) -> float:
    """Return how much the groups 0 and 1 of `labels` (s,), -1 = neither, mix.

    1 for two samples of the same texts, 0 where they are apart or one has fewer than two texts.
    """
    sizes = np.bincount(labels[labels >= 0], minlength=2)
    if sizes.min() < 2:
        return 0.0
    return float(_mixing(*_links(graph, labels, int(sizes.min())))[0, 1])


def _links(graph: Graph, labels: Labels, reach: int | None = None) -> tuple[Counts, Counts]:
    """Count the nearest neighbours that lie in each other group (k, k), and the members (k,).

    `reach` neighbours are counted; by default as many as the group of a typical text has members.
    """
    neighbors, similarity = graph.among_texts()
    k = int(labels.max(initial=-1)) + 1
    inside = np.flatnonzero(labels >= 0)
    sizes = np.bincount(labels[inside], minlength=k).astype(float)
    typical = (sizes**2).sum() / max(sizes.sum(), 1.0) if reach is None else reach
    reach = int(min(max(typical, _LEAST_REACH), neighbors.shape[1]))
    near = labels[neighbors[inside, :reach]]
    own = np.repeat(labels[inside], reach).reshape(near.shape)
    closest = similarity[inside, :_LEAST_REACH].mean(axis=1, keepdims=True)
    weight = np.clip(similarity[inside, :reach] / np.maximum(closest, 1e-6), 0, 1) ** 2
    counted = near >= 0
    pairs = own[counted] * k + near[counted]
    summed = np.bincount(pairs, weights=weight[counted], minlength=k * k)
    links = summed.reshape(k, k).astype(np.float64)
    return links + links.T, sizes


def _mixing(links: Counts, sizes: Counts) -> Counts:
    """Density between groups over density within them (k, k); -1 on the diagonal."""
    within = np.diag(links) / np.maximum(sizes * (sizes - 1), 1)
    scale = np.sqrt(np.maximum(np.outer(within, within), 1e-12))
    mixing: Counts = links / np.outer(sizes, sizes) / scale
    np.fill_diagonal(mixing, -1.0)
    return mixing


def _agglomerate(
    links: Counts, sizes: Counts, mixing: float, *, usual_share: float
) -> list[tuple[int, int]]:
    """Join the most mixed pair until none mixes enough; return the joins: (kept, absorbed)."""
    joins: list[tuple[int, int]] = []
    alive = np.flatnonzero(sizes > 0)
    while len(alive) > 1:
        n = sizes[alive]
        between = _mixing(links[np.ix_(alive, alive)], n)
        share = np.add.outer(n, n) / n.sum()
        between /= np.maximum(share / usual_share, 1.0)
        a, b = np.unravel_index(int(between.argmax()), between.shape)
        if between[a, b] < mixing:
            break
        kept, absorbed = sorted((int(alive[a]), int(alive[b])))
        joins.append((kept, absorbed))
        links[kept] += links[absorbed]
        links[:, kept] += links[:, absorbed]
        sizes[kept] += sizes[absorbed]
        alive = alive[alive != absorbed]
    return joins
