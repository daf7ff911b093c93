"""The quality of one batch of topics and its labels, compared with true intents."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlp.intents.names import readable_name
from nlp.records import Floats
from nlp.topics.assign import centroid_of


@dataclass(frozen=True, slots=True)
class BatchScores:
    """Figures of one batch; `assigned` counts unclustered messages in the nearest topic."""

    acc: float
    nmi: float
    ari: float
    acc_assigned: float
    nmi_assigned: float
    ari_assigned: float
    coverage: float


def batch_scores(gold: Sequence[str], labels: NDArray[np.intp], embeddings: Floats) -> BatchScores:
    """Score `labels` (n,), -1 = unclustered (one cluster of its own in the honest figures)."""
    _, y = np.unique(np.asarray(gold), return_inverse=True)
    assigned = nearest_topic(labels, embeddings)
    return BatchScores(
        *_figures(y, labels), *_figures(y, assigned), coverage=float((labels >= 0).mean())
    )


def nearest_topic(labels: NDArray[np.intp], embeddings: Floats) -> NDArray[np.intp]:
    """Return `labels` with every unclustered message assigned to the nearest centroid."""
    k = int(labels.max(initial=-1)) + 1
    if not k:
        return labels
    centroids = np.stack([centroid_of(embeddings[labels == c]) for c in range(k)])
    nearest = (embeddings @ centroids.T).argmax(axis=1)
    return np.where(labels < 0, nearest, labels)


def accuracy(gold: NDArray[np.intp], result: NDArray[np.intp]) -> float:
    """Return the share right under the optimal one-to-one match; unmatched topics are wrong."""
    return float(is_right(gold, result).mean())


def is_right(gold: NDArray[np.intp], result: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Return (n,) whether each message's topic is the one matched to its true intent."""
    from scipy.optimize import linear_sum_assignment

    _, a = np.unique(gold, return_inverse=True)
    _, b = np.unique(result, return_inverse=True)
    table = np.zeros((a.max() + 1, b.max() + 1))
    np.add.at(table, (a, b), 1)
    rows, columns = linear_sum_assignment(-table)
    match = np.full(len(table), -1)
    match[rows] = columns
    right: NDArray[np.bool_] = match[a] == b
    return right


def label_at_1(
    labels: Sequence[str],
    majority: Sequence[str],
    intents: Sequence[str],
    encode: Callable[[Sequence[str]], Floats],
) -> float:
    """Return the share of topics whose label is nearest to the name of their majority intent."""
    names = sorted(set(intents))
    nearest = (encode(list(labels)) @ encode([readable_name(n) for n in names]).T).argmax(axis=1)
    return float(np.mean([names[i] == m for i, m in zip(nearest, majority, strict=True)]))


def _figures(gold: NDArray[np.intp], result: NDArray[np.intp]) -> tuple[float, float, float]:
    from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

    nmi = float(normalized_mutual_info_score(gold, result))
    return accuracy(gold, result), nmi, float(adjusted_rand_score(gold, result))
