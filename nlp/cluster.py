"""Themes of a window: UMAP, then HDBSCAN, at a granularity that scales with them.

McInnes et al. 2018 (UMAP), Campello et al. 2013 (HDBSCAN). Distinct texts are clustered once;
what HDBSCAN leaves out joins a cluster only where it fits as the cluster's own members do.
"""

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlp.assign import centroid_of, radius_of
from nlp.records import Floats

Labels = NDArray[np.intp]

_N_NEIGHBORS = 15
_N_COMPONENTS = 10
_MOST_SAMPLES = 5
_POINTS_PER_SIZE = 200
"""Distinct texts a unit of the smallest cluster. Chosen on Banking77 train (10,003 texts): from 230
to 175 accuracy is .64 and NMI .80 to .81, at 400 .45, at 130 .57; a subset of 28 texts an intent
(2,156) agrees. Relative validity (DBCV) chose far too coarse on all of these."""
_FEWEST_FOR_UMAP = 60
"""Distinct texts under which a neighbour graph says little: then distances speak directly."""


@dataclass(frozen=True, slots=True)
class Clustering:
    """The clusters of n messages."""

    labels: Labels
    """(n,), 0..k-1; -1 = unclustered. Larger clusters have smaller numbers."""
    min_cluster_size: int
    """The granularity that was chosen."""

    @property
    def n_clusters(self) -> int:
        """How many clusters there are."""
        return int(self.labels.max(initial=-1)) + 1


def cluster(embeddings: Floats, *, min_topic_size: int, seed: int) -> Clustering:
    """Cluster `embeddings` (n, d), rows of length 1; repeats to the bit.

    `min_topic_size` is the smallest cluster worth a person's time, in messages.
    """
    if len(embeddings) < min_topic_size:
        return Clustering(np.full(len(embeddings), -1, dtype=np.intp), min_topic_size)
    distinct, inverse, counts = np.unique(
        embeddings, axis=0, return_inverse=True, return_counts=True
    )
    inverse = inverse.reshape(-1)
    labels, granularity = _cluster_distinct(distinct, min_topic_size=min_topic_size, seed=seed)
    labels = _recover(distinct, labels)
    labels = _repeated_texts(labels, counts, min_topic_size=min_topic_size)
    return Clustering(_by_size(labels[inverse]), granularity)


def _cluster_distinct(points: Floats, *, min_topic_size: int, seed: int) -> tuple[Labels, int]:
    none = np.full(len(points), -1, dtype=np.intp)
    if len(points) < 2 * min_topic_size:
        return none, min_topic_size
    if len(points) >= _FEWEST_FOR_UMAP:
        points = _reduce(points, seed=seed)
    size = max(min_topic_size, round(len(points) / _POINTS_PER_SIZE))
    return _condense(points, size), size


def _reduce(points: Floats, *, seed: int) -> Floats:
    import umap

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a note on one thread, which the seed asks for
        reduced: Floats = umap.UMAP(
            n_neighbors=_N_NEIGHBORS,
            n_components=_N_COMPONENTS,
            min_dist=0.0,
            metric="cosine",
            random_state=seed % 2**32,
            n_jobs=1,
        ).fit_transform(points)
    return reduced


def _condense(points: Floats, min_cluster_size: int) -> Labels:
    import hdbscan

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model: Any = hdbscan.HDBSCAN(
            min_cluster_size=min_cluster_size,
            min_samples=min(max(min_cluster_size // 3, 2), _MOST_SAMPLES),
            core_dist_n_jobs=1,
        ).fit(points.astype(np.float64))
    labels: Labels = model.labels_.astype(np.intp)
    return labels


def _recover(points: Floats, labels: Labels) -> Labels:
    """Give a left-out point to the nearest cluster whose radius it lies in."""
    k = int(labels.max(initial=-1)) + 1
    outside = np.flatnonzero(labels < 0)
    if not k or not len(outside):
        return labels
    centroids = np.stack([centroid_of(points[labels == c]) for c in range(k)])
    radii = np.array([radius_of(points[labels == c], centroids[c]) for c in range(k)])
    similarity = points[outside] @ centroids.T
    nearest = np.where(similarity >= radii, similarity, -np.inf).argmax(axis=1)
    fits = (similarity >= radii).any(axis=1)
    recovered = labels.copy()
    recovered[outside[fits]] = nearest[fits]
    return recovered


def _repeated_texts(labels: Labels, counts: Labels, *, min_topic_size: int) -> Labels:
    """One text that comes often enough by itself is a topic, whatever its neighbours are."""
    labels = labels.copy()
    for i in np.flatnonzero((labels < 0) & (counts >= min_topic_size)):
        labels[i] = labels.max() + 1
    return labels


def _by_size(labels: Labels) -> Labels:
    """Number the clusters by size, the largest first, ties by first member."""
    names, first, sizes = np.unique(labels[labels >= 0], return_index=True, return_counts=True)
    order = np.lexsort((first, -sizes))
    renamed = np.full(len(names) + 1, -1, dtype=np.intp)
    renamed[names[order]] = np.arange(len(names))
    return renamed[labels]
