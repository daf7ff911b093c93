"""From scores to the probability that the best guess is right, low for what is out of scope.

Logistic regression combines four signs: the logit of the largest softmax probability, the margin
of the scores, and the cosine to the nearest example of the guess and of any intent. It learns to
rank on held-out examples and on examples whose whole intent was held out, which stand for
out-of-scope messages. A second, increasing map is then fitted on the held-out examples alone, so
that the result is calibrated for messages that are in scope (Platt 1999; Guo et al. 2017).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlp.intents.data import Indices
from nlp.records import Floats

_N_BINS = 15
_BLOCK = 2_048
_LEAST = 1e-4


@dataclass(frozen=True)
class Neighbours:
    """Examples sorted by intent, to find the nearest of each intent."""

    embeddings: Floats
    """(n, dimension), sorted by intent."""
    starts: Indices
    """(n_intents,) row at which each intent begins; every intent has an example."""

    @classmethod
    def of(cls, embeddings: Floats, y: Indices, n_intents: int) -> "Neighbours":
        """Sort the examples; `y` contains every intent at least once."""
        order = np.argsort(y, kind="stable")
        return cls(embeddings[order], np.searchsorted(y[order], np.arange(n_intents)))

    def nearest(self, embeddings: Floats) -> Floats:
        """Return (m, n_intents): cosine to the nearest example of each intent."""
        blocks = [
            np.maximum.reduceat(embeddings[i : i + _BLOCK] @ self.embeddings.T, self.starts, axis=1)
            for i in range(0, len(embeddings), _BLOCK)
        ]
        return np.concatenate(blocks) if blocks else np.zeros((0, len(self.starts)), np.float32)


@dataclass(frozen=True)
class Confidence:
    """The fitted map from signs to a probability."""

    temperature: float
    rank: NDArray[np.float64]
    """(4,) weights of the signs."""
    centre: float
    """The median ranking; the logit has one slope above it and another below."""
    slope: float
    bend: float
    offset: float

    def probability(self, signs: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return (n,) in 0..1, increasing in the ranking `signs @ rank`."""
        from scipy.special import expit

        ranking = np.clip(signs @ self.rank - self.centre, -40, 40)
        up, down = np.logaddexp(0, ranking), np.logaddexp(0, -ranking)
        result: NDArray[np.float64] = expit(self.slope * up - self.bend * down + self.offset)
        return result


def signs(
    scores: Floats, nearest: Floats, *, temperature: float
) -> tuple[Indices, Floats, NDArray[np.float64]]:
    """Return the guesses (n,), the softmax (n, k) and the signs (n, 4) of each message."""
    from scipy.special import softmax

    shares: Floats = softmax(scores / np.float32(temperature), axis=1)
    guess = scores.argmax(axis=1)
    at = np.arange(len(scores))
    top = np.clip(shares[at, guess].astype(np.float64), _LEAST, 1 - _LEAST)
    second = np.partition(scores, -2, axis=1)[:, -2]
    columns = [
        np.log(top / (1 - top)),
        (scores[at, guess] - second) / temperature,
        nearest[at, guess] * 10,
        nearest.max(axis=1, initial=-1) * 10,
    ]
    return guess, shares, np.stack(columns, axis=1).astype(np.float64)


def fit_confidence(
    inside: NDArray[np.float64],
    right: NDArray[np.bool_],
    outside: NDArray[np.float64],
    *,
    temperature: float,
) -> Confidence:
    """Fit on the signs (n, 4) of held-out examples, whether each is right, and signs from outside.

    All outside examples together weigh a third of the inside ones: a quarter of the total.
    """
    from scipy.optimize import minimize
    from sklearn.linear_model import LogisticRegression

    rows = np.concatenate([inside, outside])
    target = np.concatenate([right, np.zeros(len(outside), dtype=bool)])
    if target.all() or not target.any():
        rank = np.array([1.0, 0, 0, 0])
    else:
        weight = np.ones(len(rows))
        weight[len(inside) :] = len(inside) / 3 / max(len(outside), 1)
        mean, spread = rows.mean(axis=0), rows.std(axis=0) + 1e-9
        model = LogisticRegression(C=1.0).fit((rows - mean) / spread, target, sample_weight=weight)
        rank = model.coef_[0] / spread
    centre = float(np.median(inside @ rank)) if len(inside) else 0.0
    ranking = np.clip(inside @ rank - centre, -40, 40)
    up, down = np.logaddexp(0, ranking), np.logaddexp(0, -ranking)
    # Half an error and half a hit are added, so that a perfect record does not promise certainty.
    soft = (right * len(right) + 0.5) / (len(right) + 1)

    def loss(p: NDArray[np.float64]) -> float:
        logit = np.exp(p[0]) * up - np.exp(p[1]) * down + p[2]
        return float((np.logaddexp(0, logit) - soft * logit).mean() + 1e-4 * (p**2).sum())

    best = minimize(loss, np.zeros(3), method="L-BFGS-B").x
    slope, bend, offset = float(np.exp(best[0])), float(np.exp(best[1])), float(best[2])
    return Confidence(temperature, rank, centre, slope, bend, offset)


def fit_temperature(scores: Floats, y: Indices) -> float:
    """Return the temperature at which the softmax of `scores` (n, k) fits `y` best."""
    from scipy.optimize import minimize_scalar
    from scipy.special import softmax

    def loss(log_temperature: float) -> float:
        p = softmax(scores / np.float32(np.exp(log_temperature)), axis=1)
        return float(-np.log(np.maximum(p[np.arange(len(y)), y], 1e-12)).mean())

    return float(np.exp(minimize_scalar(loss, bounds=(-6, 4), method="bounded").x))


def threshold_for(
    confidence: NDArray[np.float64], right: NDArray[np.bool_], *, precision: float
) -> float:
    """Return the lowest confidence from which at least `precision` of all answers are right.

    Where there is none, return 1.01, which no confidence reaches.
    """
    order = np.argsort(-confidence, kind="stable")
    share = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    enough = np.flatnonzero(share >= precision)
    return float(confidence[order[enough[-1]]]) if len(enough) else 1.01


def expected_calibration_error(
    confidence: NDArray[np.floating], correct: NDArray[np.bool_], *, n_bins: int = _N_BINS
) -> float:
    """Return the mean gap between confidence and accuracy in equal bins (Naeini et al. 2015)."""
    if not len(confidence):
        return 0.0
    at = np.minimum((confidence * n_bins).astype(int), n_bins - 1)
    gaps = [
        abs(float(confidence[at == b].mean()) - float(correct[at == b].mean())) * (at == b).mean()
        for b in np.unique(at)
    ]
    return float(sum(gaps))


def groups_of_intents(n_intents: int, *, n_groups: int, seed: int) -> list[Indices]:
    """Return the intents in `n_groups` random groups, to be held out one after the other."""
    order = np.random.default_rng(seed).permutation(n_intents)
    return [np.sort(part) for part in np.array_split(order, min(n_groups, n_intents)) if len(part)]
