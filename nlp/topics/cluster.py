"""Themes of a window: cut fine by UMAP and HDBSCAN, then joined where neighbourhoods mix.

McInnes et al. 2018 (UMAP), Campello et al. 2013 (HDBSCAN). No share of n is the right size of a
cluster everywhere, so the fine cut only has to be pure; what belongs together is told by
interconnectivity (Karypis et al. 1999, CHAMELEON): two clusters are one theme when the nearest
neighbours of their members lie across as densely as within. The same joining, carried on, groups
themes into areas. Distinct texts are clustered once; a text with no company stays out.
"""

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlp.records import Floats
from nlp.topics.assign import centroid_of, radius_of
from nlp.topics.neighbors import nearest

Labels = NDArray[np.intp]
Counts = NDArray[np.float64]

_N_NEIGHBORS = 15
_N_COMPONENTS = 10
_FEWEST_EPOCHS, _MOST_EPOCHS, _EPOCH_POINTS = 200, 300, 300_000
"""Like UMAP's own, more epochs for fewer points, so that a day's cost grows the less as its window
fills; its 500 for fewer than 10,000 points cost 2.5 times as much and gained nothing."""
_N_NEGATIVES = 3
"""UMAP's own 5 take 1.6 times as long; mean accuracy on parts of 1,800 texts of Banking77 train and
HWU64 train and on DSTC11 insurance, three seeds, is .626 with 3 and .622 with 5."""
_FEWEST_FOR_UMAP = 60
"""Distinct texts under which a neighbour graph says little: then distances speak directly."""
_SMALLEST_FINE = 5
_POINTS_PER_FINE = 500
"""Distinct texts a unit of the smallest fine cluster. Chosen on Banking77 train, HWU64 train, four
parts of each, and DSTC11 insurance: mean accuracy .595 at 200, .606 at 300, .603 at 500, and on all
of Banking77 train .612, .622, .642."""
_THEME_MIXING = 0.32
"""Density of neighbours across over that within, from which two clusters are one theme. Chosen on
4,500 texts of Banking77 train, as many of HWU64 train, and DSTC11 insurance, three seeds: mean
accuracy .484 at .26, .598 at .29, .604 at .32."""
_ONE_MIXING, _APART_MIXING = 0.36, 0.27
"""The same for topics that stand: they merge only where they mix more than that, and split only
where their parts mix less. Chosen on streams of `bench` with seeds 11 and 12, which it does not
report: where both were .32 or above, topics went to pieces and accuracy fell by .03."""
_USUAL_SHARE = 0.25
"""Share of all texts beyond which a theme must mix the more, in proportion, to grow: where little
sets themes apart, they would else join in a chain into one that means nothing."""
_AREA_MIXING, _USUAL_AREA = 0.15, 0.1
"""For areas. Chosen on the 18 scenarios of HWU64 train, two draws of 3,000 texts: 20 areas, with
adjusted Rand index .58; .2 and .25 gave 32 with .49, and half of the sample inbox in one."""
_LEAST_REACH, _MOST_NEIGHBORS = 8, 300
_POWER = 2.0
_OUTLIER_NEIGHBOR = 5
_OUTLIER_SIGMAS = 2.5
"""A text is an outlier where its similarity to its 5th neighbour lies so many standard deviations
under the median; the deviation is that of the upper half, which outliers do not touch."""
_COMPANY = 0.5
"""Similarity of the 5th neighbour from which a text has company, however tight other themes are."""


@dataclass(frozen=True, slots=True)
class Clustering:
    """The clusters of n messages."""

    labels: Labels
    """(n,), 0..k-1; -1 = unclustered. Larger clusters have smaller numbers."""
    tight: Labels
    """(n,), the same joined less: what is together here belongs together beyond doubt."""
    loose: Labels
    """(n,), the same joined more: what is apart here is apart beyond doubt."""
    areas: Labels
    """(k,), the area of each cluster, 0..; larger areas have smaller numbers."""

    @property
    def n_clusters(self) -> int:
        """How many clusters there are."""
        return int(self.labels.max(initial=-1)) + 1


def cluster(embeddings: Floats, *, min_topic_size: int, seed: int) -> Clustering:
    """Cluster `embeddings` (n, d), rows of length 1; repeats to the bit.

    `min_topic_size` is the smallest cluster worth a person's time, in messages.
    """
    if len(embeddings) < min_topic_size:
        nobody = np.full(len(embeddings), -1, dtype=np.intp)
        return Clustering(nobody, nobody, nobody, np.zeros(0, dtype=np.intp))
    distinct, inverse, counts = np.unique(
        embeddings, axis=0, return_inverse=True, return_counts=True
    )
    inverse = inverse.reshape(-1)
    neighbors, similarity = _nearest_others(distinct, _MOST_NEIGHBORS)
    inliers = np.flatnonzero(~outliers(similarity))
    fine = np.full(len(distinct), -1, dtype=np.intp)
    fine[inliers] = _fine_cut(distinct[inliers], seed=seed)
    full = _nearest_cluster(distinct, fine, inliers)
    levels = []
    for mixing in (_ONE_MIXING, _THEME_MIXING, _APART_MIXING):
        full = _join(full, neighbors, similarity, mixing, usual=_USUAL_SHARE)
        levels.append(full)
    areas = _join(full, neighbors, similarity, _AREA_MIXING, usual=_USUAL_AREA)
    tight, themes, loose = (np.where(fine >= 0, level, -1) for level in levels)
    themes = _recover(distinct, themes, inliers)
    themes = _repeated_texts(themes, counts, min_topic_size=min_topic_size)
    themes = _drop_small(themes, counts, min_topic_size=min_topic_size)
    labels = _by_size(themes[inverse])
    return Clustering(labels, tight[inverse], loose[inverse], _areas(labels, areas[inverse]))


def _nearest_others(points: Floats, k: int) -> tuple[Labels, Floats]:
    return nearest(points, points, min(k, len(points) - 1), selves=np.arange(len(points)))


def outliers(similarity: Floats) -> NDArray[np.bool_]:
    """Tell which texts have no company, by the similarities (n, k) to their nearest others."""
    if len(similarity) < _FEWEST_FOR_UMAP:
        return np.zeros(len(similarity), dtype=bool)
    company = similarity[:, min(_OUTLIER_NEIGHBOR, similarity.shape[1]) - 1]
    middle, upper = np.percentile(company, [50, 75])
    sigma = (upper - middle) / 0.6745
    lonely: NDArray[np.bool_] = company < min(middle - _OUTLIER_SIGMAS * sigma, _COMPANY)
    return lonely


def _fine_cut(points: Floats, *, seed: int) -> Labels:
    size = max(_SMALLEST_FINE, round(len(points) / _POINTS_PER_FINE))
    if len(points) < size:
        return np.full(len(points), -1, dtype=np.intp)
    if len(points) >= _FEWEST_FOR_UMAP:
        points = _reduce(points, seed=seed)
    return _condense(points, size)


def _reduce(points: Floats, *, seed: int) -> Floats:
    import umap

    # Handed over, for UMAP's own search calls Python for every pair of fewer than 4,096 points.
    neighbors, similarity = _nearest_others(points, _N_NEIGHBORS - 1)
    indices = np.hstack([np.arange(len(points))[:, None], neighbors])
    distances = np.hstack([np.zeros_like(similarity[:, :1]), np.maximum(1 - similarity, 0)])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a note on one thread, which the seed asks for
        reduced: Floats = umap.UMAP(
            n_neighbors=_N_NEIGHBORS,
            n_components=_N_COMPONENTS,
            min_dist=0.0,
            metric="cosine",
            precomputed_knn=(indices, distances),
            n_epochs=int(np.clip(_EPOCH_POINTS // len(points), _FEWEST_EPOCHS, _MOST_EPOCHS)),
            negative_sample_rate=_N_NEGATIVES,
            random_state=seed % 2**32,
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


def _nearest_cluster(points: Floats, labels: Labels, among: Labels) -> Labels:
    """Give every left-out point of `among` to the cluster whose centroid is nearest."""
    k = int(labels.max(initial=-1)) + 1
    full = labels.copy()
    left = among[labels[among] < 0]
    if k and len(left):
        centroids = np.stack([centroid_of(points[labels == c]) for c in range(k)])
        full[left] = (points[left] @ centroids.T).argmax(axis=1)
    return full


def _join(
    full: Labels, neighbors: Labels, similarity: Floats, mixing: float, *, usual: float
) -> Labels:
    """Join clusters (n,) until no two of them mix as much as `mixing`; return the joined labels.

    Beyond the share `usual` of all texts they must mix the more.

    How far a neighbourhood reaches follows from the size of the cluster that a typical text is in,
    so it is told anew after every round of joins.
    """
    joined = full.copy()
    while len(np.unique(joined[joined >= 0])) > 1:
        links, sizes = _links(joined, neighbors, similarity)
        joins = _agglomerate(links, sizes, mixing, usual=usual)
        for kept, absorbed in joins:
            joined[joined == absorbed] = kept
        if not joins:
            break
    return joined


def _links(full: Labels, neighbors: Labels, similarity: Floats) -> tuple[Counts, Counts]:
    """Count the nearest neighbours that lie in each other cluster (k, k), and the members (k,)."""
    k = int(full.max(initial=-1)) + 1
    inside = np.flatnonzero(full >= 0)
    sizes = np.bincount(full[inside], minlength=k).astype(float)
    typical = (sizes**2).sum() / max(sizes.sum(), 1.0)
    reach = int(min(max(typical, _LEAST_REACH), neighbors.shape[1]))
    near = full[neighbors[inside, :reach]]
    own = np.repeat(full[inside], reach).reshape(near.shape)
    closest = similarity[inside, :_LEAST_REACH].mean(axis=1, keepdims=True)
    weight = np.clip(similarity[inside, :reach] / np.maximum(closest, 1e-6), 0, 1) ** _POWER
    counted = near >= 0
    links = np.zeros((k, k))
    np.add.at(links, (own[counted], near[counted]), weight[counted])
    return links + links.T, sizes


def _agglomerate(
    links: Counts, sizes: Counts, mixing: float, *, usual: float
) -> list[tuple[int, int]]:
    """Join two by two, the most mixed first: (kept, absorbed)."""
    joins: list[tuple[int, int]] = []
    alive = np.flatnonzero(sizes > 0)
    while len(alive) > 1:
        part, n = links[np.ix_(alive, alive)], sizes[alive]
        within = np.diag(part) / np.maximum(n * (n - 1), 1)
        scale = np.sqrt(np.maximum(np.outer(within, within), 1e-12))
        found = part / np.outer(n, n) / scale
        share = np.add.outer(n, n) / sizes[alive].sum()
        found /= np.maximum(share / usual, 1.0)
        np.fill_diagonal(found, -1.0)
        a, b = np.unravel_index(int(found.argmax()), found.shape)
        if found[a, b] < mixing:
            break
        kept, absorbed = sorted((int(alive[a]), int(alive[b])))
        joins.append((kept, absorbed))
        links[kept] += links[absorbed]
        links[:, kept] += links[:, absorbed]
        sizes[kept] += sizes[absorbed]
        alive = alive[alive != absorbed]
    return joins


def _recover(points: Floats, labels: Labels, inliers: Labels) -> Labels:
    """Give a left-out inlier to the nearest cluster whose radius it lies in."""
    names = np.unique(labels[labels >= 0])
    left = inliers[labels[inliers] < 0]
    if not len(names) or not len(left):
        return labels
    centroids = np.stack([centroid_of(points[labels == c]) for c in names])
    radii = np.array([radius_of(points[labels == c], centroids[n]) for n, c in enumerate(names)])
    similarity = points[left] @ centroids.T
    best = np.where(similarity >= radii, similarity, -np.inf)
    fits = np.isfinite(best).any(axis=1)
    recovered = labels.copy()
    recovered[left[fits]] = names[best[fits].argmax(axis=1)]
    return recovered


def _repeated_texts(labels: Labels, counts: Labels, *, min_topic_size: int) -> Labels:
    """One text that comes often enough by itself is a topic, whatever its neighbours are."""
    labels = labels.copy()
    for i in np.flatnonzero((labels < 0) & (counts >= min_topic_size)):
        labels[i] = labels.max() + 1
    return labels


def _drop_small(labels: Labels, counts: Labels, *, min_topic_size: int) -> Labels:
    kept = labels.copy()
    for c in np.unique(labels[labels >= 0]):
        if counts[labels == c].sum() < min_topic_size:
            kept[labels == c] = -1
    return kept


def _by_size(labels: Labels) -> Labels:
    """Number the clusters by size, the largest first, ties by first member."""
    names, first, sizes = np.unique(labels[labels >= 0], return_index=True, return_counts=True)
    order = np.lexsort((first, -sizes))
    renamed = np.full(int(labels.max(initial=-1)) + 2, -1, dtype=np.intp)
    renamed[names[order]] = np.arange(len(names))
    return renamed[labels]


def _areas(labels: Labels, areas: Labels) -> Labels:
    """The area that most members of each cluster lie in."""
    k = int(labels.max(initial=-1)) + 1
    found = np.array(
        [np.bincount(areas[labels == c] + 1).argmax() - 1 for c in range(k)], dtype=np.intp
    )
    return _by_size_of(found, np.bincount(labels[labels >= 0], minlength=k))


def _by_size_of(areas: Labels, sizes: Labels) -> Labels:
    names = np.unique(areas)
    order = sorted(names.tolist(), key=lambda a: (-int(sizes[areas == a].sum()), a))
    rank = {a: n for n, a in enumerate(order)}
    return np.array([rank[a] for a in areas.tolist()], dtype=np.intp)
