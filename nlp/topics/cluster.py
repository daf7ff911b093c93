"""Cluster a window: many fine clusters by UMAP and HDBSCAN, joined where neighbourhoods mix.

McInnes et al. 2018 (UMAP), Campello et al. 2013 (HDBSCAN). No single minimum size fits every
cluster, so a fine cluster only has to be pure; how neighbourhoods mix (`nlp.topics.mixing`) decides
which of them belong together. Joining them further groups the clusters into areas.
"""

import warnings
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from nlp.nearest import Indices
from nlp.records import Floats
from nlp.topics.assign import centroid_of
from nlp.topics.belonging import belonging
from nlp.topics.config import TopicConfig
from nlp.topics.graph import Graph, Labels, vote
from nlp.topics.mixing import join

_FEWEST_FOR_UMAP = 60
"""With fewer texts a neighbour graph says little, so HDBSCAN gets the texts without UMAP."""
_N_NEGATIVES = 3
"""UMAP's default of 5 takes 1.6 times as long; mean accuracy on parts of 1,800 texts of Banking77
train and HWU64 train and on DSTC11 insurance, three seeds, is .626 with 3 and .622 with 5."""


@dataclass(frozen=True, slots=True)
class Clustering:
    """The clusters of s texts."""

    labels: Labels
    """(s,), 0..k-1; -1 = unclustered. Larger clusters have smaller numbers."""
    tight: Labels
    """(s,), the same with fewer joins: texts in one cluster here clearly belong together."""
    loose: Labels
    """(s,), the same with more joins: texts in different clusters here clearly do not."""
    areas: Labels
    """(k,), the area of each cluster, 0..; larger areas have smaller numbers."""

    @property
    def n_clusters(self) -> int:
        """How many clusters there are."""
        return int(self.labels.max(initial=-1)) + 1

    def of(self, rows: Indices) -> "Clustering":
        """Return the clusters of the texts `rows` (m,), in their order."""
        return Clustering(self.labels[rows], self.tight[rows], self.loose[rows], self.areas)


def cluster(graph: Graph, *, config: TopicConfig) -> Clustering:
    """Cluster the sampled texts of `graph`; the same input gives exactly the same clusters.

    A cluster has at least `config.min_topic_size` messages.
    """
    counts = graph.counts
    if counts.sum() < config.min_topic_size:
        nobody = np.full(graph.n_texts, -1, dtype=np.intp)
        return Clustering(nobody, nobody, nobody, np.zeros(0, dtype=np.intp))
    points = graph.rows[graph.texts]
    fine = _fine_cut(points, graph, config=config)
    full = _with_nearest(points, fine)
    levels = []
    for change in (config.hysteresis, 0.0, -config.hysteresis):
        full = join(graph, full, config.mixing + change, usual_share=config.usual_share)
        levels.append(full)
    share = config.usual_share * config.area_mixing / config.mixing
    areas = join(graph, full, config.area_mixing, usual_share=share)
    themes = _recovered(graph, np.where(fine >= 0, levels[1], -1), config=config)
    themes = belonging(graph, themes, config=config)
    tight, loose = (np.where((fine >= 0) & (themes >= 0), level, -1) for level in levels[::2])
    themes = _repeated_texts(themes, counts, min_topic_size=config.min_topic_size)
    labels = _by_size(themes, counts, min_topic_size=config.min_topic_size)
    return Clustering(labels, tight, loose, _areas(labels, areas))


def _fine_cut(points: Floats, graph: Graph, *, config: TopicConfig) -> Labels:
    size = max(config.min_cluster_size, round(len(points) / config.texts_per_cluster_size))
    if len(points) < size:
        return np.full(len(points), -1, dtype=np.intp)
    if len(points) >= _FEWEST_FOR_UMAP:
        neighbors, similarity = graph.among_texts()
        n_others = config.n_neighbors - 1
        points = _reduce(points, neighbors[:, :n_others], similarity[:, :n_others], config)
    return _condense(points, size)


@cache
def _umap() -> Any:
    """UMAP, whose compiled functions are kept on disk: to compile them takes six seconds.

    Where no folder can be written, each process compiles them again.
    """
    import umap
    from numba.core.dispatcher import Dispatcher

    for module in (umap.umap_, umap.layouts):
        for function in vars(module).values():
            if isinstance(function, Dispatcher):
                with suppress(RuntimeError):
                    function.enable_caching()
    return umap.UMAP


def _reduce(points: Floats, neighbors: Indices, similarity: Floats, config: TopicConfig) -> Floats:
    # Passed in, because UMAP's own search calls Python for every pair below 4,096 points.
    indices = np.hstack([np.arange(len(points))[:, None], neighbors])
    distances = np.hstack([np.zeros_like(similarity[:, :1]), np.maximum(1 - similarity, 0)])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a warning that the seed limits UMAP to one thread
        reduced: Floats = _umap()(
            n_neighbors=indices.shape[1],
            n_components=config.n_components,
            min_dist=0.0,
            metric="cosine",
            precomputed_knn=(indices, distances),
            n_epochs=config.n_epochs,
            negative_sample_rate=_N_NEGATIVES,
            random_state=config.seed % 2**32,
            n_jobs=1,
        ).fit_transform(points)
    return reduced


def _condense(points: Floats, min_cluster_size: int) -> Labels:
    import hdbscan

    with warnings.catch_warnings(action="ignore"):
        model: Any = hdbscan.HDBSCAN(
            min_cluster_size=min_cluster_size,
            min_samples=max(2, min(min_cluster_size // 3, 5)),
            core_dist_n_jobs=1,
        ).fit(points.astype(np.float64))
    return np.asarray(model.labels_, dtype=np.intp)


def _with_nearest(points: Floats, labels: Labels) -> Labels:
    """Give each unclustered text to the cluster with the nearest centroid."""
    k = int(labels.max(initial=-1)) + 1
    full = labels.copy()
    left = np.flatnonzero(labels < 0)
    if k and len(left):
        centroids = np.stack([centroid_of(points[labels == c]) for c in range(k)])
        full[left] = (points[left] @ centroids.T).argmax(axis=1)
    return full


def _recovered(graph: Graph, labels: Labels, *, config: TopicConfig) -> Labels:
    """Give each unclustered text to the cluster that wins its vote, unless the majority of its
    neighbours is in others."""
    left = np.flatnonzero(labels < 0)
    votes = vote(graph, labels, graph.texts[left], n_voters=config.n_neighbors)
    wins = votes.n_for >= np.maximum((1 - config.majority) * votes.n_voters, 1)
    recovered = labels.copy()
    recovered[left[wins]] = votes.winner[wins]
    return recovered


def _repeated_texts(labels: Labels, counts: Indices, *, min_topic_size: int) -> Labels:
    """A text that is repeated often enough is a cluster of its own, whatever its neighbours are."""
    labels = labels.copy()
    for i in np.flatnonzero((labels < 0) & (counts >= min_topic_size)):
        labels[i] = labels.max() + 1
    return labels


def _by_size(labels: Labels, counts: Indices, *, min_topic_size: int) -> Labels:
    """Number the clusters, the one with most messages first; -1 for those that are too small."""
    k = int(labels.max(initial=-1)) + 1
    sizes = np.bincount(labels[labels >= 0], weights=counts[labels >= 0], minlength=k)
    first = np.array([int(np.argmax(labels == c)) for c in range(k)], dtype=np.intp)
    order = [c for c in np.lexsort((first, -sizes)).tolist() if sizes[c] >= min_topic_size]
    renamed = np.full(k + 1, -1, dtype=np.intp)
    renamed[order] = np.arange(len(order))
    return renamed[labels]


def _areas(labels: Labels, areas: Labels) -> Labels:
    """The area (k,) that most texts of each cluster are in, the largest area first."""
    k = int(labels.max(initial=-1)) + 1
    area_of = np.array(
        [np.bincount(areas[labels == c] + 1).argmax() - 1 for c in range(k)], dtype=np.intp
    )
    sizes = np.bincount(labels[labels >= 0], minlength=k)
    names = sorted(np.unique(area_of).tolist(), key=lambda a: (-int(sizes[area_of == a].sum()), a))
    rank = {a: n for n, a in enumerate(names)}
    return np.array([rank[a] for a in area_of.tolist()], dtype=np.intp)
