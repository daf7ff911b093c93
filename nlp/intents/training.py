"""Choose a candidate by cross-validation, fit it, calibrate it and set its thresholds."""

import hashlib
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlp.errors import TrainingError
from nlp.intents import confidence as sure
from nlp.intents.data import Candidate, Examples, Indices, Inputs
from nlp.intents.kernel import KernelRidge
from nlp.intents.linear import LinearSvm, Logistic
from nlp.intents.model import IntentModel
from nlp.records import Floats

CANDIDATES: tuple[Candidate, ...] = (KernelRidge(), Logistic(), LinearSvm())
_N_FOLDS = 5
_N_GROUPS = 4
_COMPARED = 1_500
"""Examples that the comparison takes at most: on all of Banking77 it would take minutes."""
_CLOSE = 0.002
"""Candidates this near to the best in accuracy are as good; then the cheapest is taken."""
_MOST = 12_000
"""Examples that a fit takes at most, each intent its share: time grows with the cube."""
_FEW = 20
"""At fewer examples an intent (median), unlabelled messages help; measured at 5 and 10."""
_PSEUDO_WEIGHT = 0.2
_PSEUDO_LEFT_OUT = (0.3, 0.15, 0.1)
"""Share of the least certain unlabelled messages that each round leaves out."""


@dataclass(frozen=True, slots=True)
class Trained:
    """A model with what was measured on its way."""

    model: IntentModel
    metrics: dict[str, float]
    """Held-out figures; `cv_<candidate>` is the accuracy of each that was compared."""
    intents: dict[str, dict[str, float]]
    """Per intent: `n_examples`, `precision`, `recall`, `threshold`."""
    held_out: "HeldOut"


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Held-out guesses, for the confusion matrix and the reliability diagram."""

    y: Indices
    guess: Indices
    probability: NDArray[np.float64]


def train(
    inputs: Inputs,
    labels: Sequence[str],
    *,
    described: dict[str, Inputs],
    encoder: str,
    seed: int,
    precision: float = 0.95,
    pool: Inputs | None = None,
    candidates: Sequence[Candidate] = CANDIDATES,
) -> Trained:
    """Learn from `inputs` and their `labels`.

    `described` holds the spoken name and description of each intent as one more example of it;
    `pool` unlabelled messages, which are used where examples are few; `precision` is the share of
    answers that should be right. Raises TrainingError with fewer than two intents, or fewer than
    two examples of one.
    """
    started = time.perf_counter()
    names, y = np.unique(np.asarray(labels, dtype=object), return_inverse=True)
    _check(names, y)
    rows = _capped(y, most=_MOST, seed=seed)
    named = _named(described, names.tolist(), dimension=inputs.embeddings.shape[1])
    given = Examples(inputs, y, np.ones(len(y), np.float32), len(names)).take(rows)
    all_examples = given + named
    n = len(given.y)
    folds = _folds(given.y, seed=seed)
    winner, compared = _choose(given, named, candidates=candidates, seed=seed)
    temperature, held, held_signs, out_signs = _measured(
        winner, all_examples, n=n, folds=folds, seed=seed
    )
    guess = held.argmax(axis=1)
    right = guess == given.y
    fitted = sure.fit_confidence(held_signs, right, out_signs, temperature=temperature)
    probability = fitted.probability(held_signs)
    thresholds = _thresholds(guess, probability, right, len(names), precision=precision)
    learnt = all_examples
    if pool is not None and np.median(np.bincount(given.y)) < _FEW and len(pool.texts):
        learnt = _with_pool(winner, all_examples, pool)
    model = IntentModel(
        version=f"{winner.name}-{_digest(inputs, labels, encoder, named, pool, precision, seed)}",
        encoder=encoder,
        intents=tuple(str(name) for name in names),
        scorer=winner.fit(learnt),
        neighbours=sure.Neighbours.of(
            all_examples.inputs.embeddings.astype(np.float16).astype(np.float32),
            all_examples.y,
            len(names),
        ),
        confidence=fitted,
        thresholds=thresholds,
        usual=float(np.median(held_signs[:, 3])) / 10,
    )
    outside = fitted.probability(out_signs)
    metrics = _metrics(given.y, guess, probability, outside, thresholds)
    metrics |= {f"cv_{name}": score for name, score in compared.items()}
    metrics |= {
        "n_examples": float(len(labels)),
        "n_intents": float(len(names)),
        "n_pool": float(len(learnt.y) - len(all_examples.y)),
        "seconds": time.perf_counter() - started,
    }
    by_intent = _by_intent(given.y, guess, model)
    return Trained(model, metrics, by_intent, HeldOut(given.y, guess, probability))


def train_cold(described: dict[str, Inputs], *, encoder: str) -> Trained:
    """Learn from names and descriptions alone: similarity to them, with no calibration.

    Raises TrainingError with fewer than two intents.
    """
    names = sorted(described)
    if len(names) < 2:
        raise TrainingError(
            f"The taxonomy has {len(names)} intents and no example: at least 2 intents are needed"
        )
    dimension = described[names[0]].embeddings.shape[1]
    examples = _named(described, names, dimension=dimension)
    model = IntentModel(
        version=f"cold-{_digest(examples.inputs, names, encoder, examples, None, 0.0, 0)}",
        encoder=encoder,
        intents=tuple(names),
        scorer=KernelRidge().fit(examples),
        neighbours=sure.Neighbours.of(examples.inputs.embeddings, examples.y, len(names)),
        # Without examples nothing can be calibrated; a plain softmax, and every answer abstains.
        confidence=sure.Confidence(0.1, np.array([1.0, 0, 0, 0]), 0.0, 1.0, 1.0, 0.0),
        thresholds=np.full(len(names), 1.01, np.float32),
        usual=1.0,
        is_cold=True,
    )
    metrics = {"n_examples": 0.0, "n_intents": float(len(names)), "cold_start": 1.0}
    nothing = np.zeros(0, dtype=np.intp)
    return Trained(model, metrics, {}, HeldOut(nothing, nothing, np.zeros(0)))


def _check(names: NDArray[np.object_], y: Indices) -> None:
    if not len(y):
        raise TrainingError(
            "There is no labelled example: 2 intents with 2 each at least are needed"
        )
    if len(names) < 2:
        raise TrainingError(f"All examples are of {str(names[0])!r}: at least 2 intents are needed")
    counts = np.bincount(y)
    if counts.min() < 2:
        lonely = ", ".join(repr(str(name)) for name in names[counts < 2][:5])
        raise TrainingError(
            f"One example is not enough: {lonely}. Label another, or set the intent inactive"
        )


def _capped(y: Indices, *, most: int, seed: int) -> Indices:
    """All rows, or `most` of them with each intent's share, at least 2."""
    if len(y) <= most:
        return np.arange(len(y))
    rng = np.random.default_rng(seed)
    kept = []
    for intent in range(int(y.max()) + 1):
        rows = np.flatnonzero(y == intent)
        n = max(2, len(rows) * most // len(y))
        kept.append(rng.permutation(rows)[:n])
    return np.sort(np.concatenate(kept))


def _named(described: dict[str, Inputs], names: list[str], *, dimension: int) -> Examples:
    have = [(i, described[name]) for i, name in enumerate(names) if name in described]
    texts = [text for _, one in have for text in one.texts]
    rows = [one.embeddings for _, one in have]
    stacked = np.concatenate(rows) if rows else np.zeros((0, dimension), np.float32)
    y = np.array([i for i, one in have for _ in one.texts], dtype=np.intp)
    return Examples(Inputs(texts, stacked), y, np.ones(len(y), np.float32), len(names))


def _folds(y: Indices, *, seed: int) -> list[Indices]:
    from sklearn.model_selection import StratifiedKFold

    n_folds = min(_N_FOLDS, int(np.bincount(y)[np.unique(y)].min()))
    split = StratifiedKFold(max(n_folds, 2), shuffle=True, random_state=seed % 2**32)
    return [test for _, test in split.split(y, y)]


def _choose(
    given: Examples, named: Examples, *, candidates: Sequence[Candidate], seed: int
) -> tuple[Candidate, dict[str, float]]:
    """Compare on the same folds of at most `_COMPARED` examples; return the winner and figures."""
    if len(candidates) == 1:
        return candidates[0], {}
    sample = given.take(_capped(given.y, most=_COMPARED, seed=seed))
    folds = _folds(sample.y, seed=seed)
    figures = {}
    for candidate in candidates:
        scores = candidate.held_out(sample + named, folds=folds)[: len(sample.y)]
        figures[candidate.name] = float((scores.argmax(axis=1) == sample.y).mean())
    best = max(figures.values())
    good = [c for c in candidates if figures[c.name] >= best - _CLOSE]
    return min(good, key=lambda c: c.cost), figures


def _measured(
    winner: Candidate, examples: Examples, *, n: int, folds: list[Indices], seed: int
) -> tuple[float, Floats, NDArray[np.float64], NDArray[np.float64]]:
    """Temperature, held-out scores, their signs, and the signs of held-out intents."""
    held = winner.held_out(examples, folds=folds)[:n]
    groups = sure.groups_of_intents(examples.n_intents, n_groups=_N_GROUPS, seed=seed)
    outside = winner.out_of_scope(examples, groups=groups)[:n]
    y, rows = examples.y[:n], examples.inputs.embeddings
    temperature = sure.fit_temperature(held, y)
    near_held = np.zeros_like(held)
    near_out = np.zeros_like(held)
    for fold in folds:
        rest = np.setdiff1d(np.arange(len(rows)), fold)
        near_held[fold] = _nearest(rows[fold], rows[rest], examples.y[rest], examples.n_intents)
    for group in groups:
        inside = np.flatnonzero(np.isin(y, group))
        rest = np.flatnonzero(~np.isin(examples.y, group))
        near_out[inside] = _nearest(rows[inside], rows[rest], examples.y[rest], examples.n_intents)
    _, _, held_signs = sure.signs(held, near_held, temperature=temperature)
    _, _, out_signs = sure.signs(outside, near_out, temperature=temperature)
    return temperature, held, held_signs, out_signs


def _nearest(rows: Floats, others: Floats, y: Indices, n_intents: int) -> Floats:
    """Cosine (m, n_intents) to the nearest of `others` of each intent, -1 where it has none."""
    present = np.unique(y)
    order = np.argsort(y, kind="stable")
    starts = np.searchsorted(y[order], present)
    out = np.full((len(rows), n_intents), -1, dtype=np.float32)
    out[:, present] = sure.Neighbours(others[order], starts).nearest(rows)
    return out


def _thresholds(
    guess: Indices,
    probability: NDArray[np.float64],
    right: NDArray[np.bool_],
    n_intents: int,
    *,
    precision: float,
) -> Floats:
    """A threshold an intent where it has 40 guesses, half its own and half everyone's."""
    overall = sure.threshold_for(probability, right, precision=precision)
    out = np.full(n_intents, overall, dtype=np.float32)
    for intent in range(n_intents):
        at = guess == intent
        if at.sum() >= 40:
            own = sure.threshold_for(probability[at], right[at], precision=precision)
            out[intent] = (min(own, 1.0) + overall) / 2
    return out


def _with_pool(candidate: Candidate, examples: Examples, pool: Inputs) -> Examples:
    """Add unlabelled messages under the labels that the model itself gives them, three times."""
    learnt = examples
    for left_out in _PSEUDO_LEFT_OUT:
        scores = candidate.fit(learnt).scores(pool)
        two = np.partition(scores, -2, axis=1)
        margin = two[:, -1] - two[:, -2]
        rows = np.flatnonzero(margin >= np.quantile(margin, left_out))
        weight = np.full(len(rows), _PSEUDO_WEIGHT, dtype=np.float32)
        pseudo = Examples(pool.take(rows), scores[rows].argmax(axis=1), weight, examples.n_intents)
        learnt = examples + pseudo
    return learnt


def _metrics(
    y: Indices,
    guess: Indices,
    probability: NDArray[np.float64],
    outside: NDArray[np.float64],
    thresholds: Floats,
) -> dict[str, float]:
    from sklearn.metrics import f1_score, roc_auc_score

    right = guess == y
    answered = probability >= thresholds[guess]
    inside = np.concatenate([np.ones(len(y)), np.zeros(len(outside))])
    return {
        "accuracy": float(right.mean()),
        "macro_f1": float(f1_score(y, guess, average="macro")),
        "ece": sure.expected_calibration_error(probability, right),
        "oos_auroc": float(roc_auc_score(inside, np.concatenate([probability, outside]))),
        "answered": float(answered.mean()),
        "precision_of_answers": float(right[answered].mean()) if answered.any() else 0.0,
    }


def _by_intent(y: Indices, guess: Indices, model: IntentModel) -> dict[str, dict[str, float]]:
    out = {}
    for i, name in enumerate(model.intents):
        hits = float(((y == i) & (guess == i)).sum())
        out[name] = {
            "n_examples": float((y == i).sum()),
            "precision": hits / max(float((guess == i).sum()), 1),
            "recall": hits / max(float((y == i).sum()), 1),
            "threshold": float(model.thresholds[i]),
        }
    return out


def _digest(
    inputs: Inputs,
    labels: Sequence[str],
    encoder: str,
    named: Examples,
    pool: Inputs | None,
    precision: float,
    seed: int,
) -> str:
    """Twelve hexadecimal digits of all that the model is made of."""
    digest = hashlib.sha256(json.dumps([encoder, precision, seed, list(labels)]).encode())
    for part in (inputs, named.inputs, pool):
        if part is not None:
            digest.update(json.dumps(list(part.texts)).encode())
            digest.update(np.ascontiguousarray(part.embeddings).tobytes())
    return digest.hexdigest()[:12]
