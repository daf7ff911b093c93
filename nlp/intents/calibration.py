"""Calibrate a model on held-out examples: the probability of its guess and its thresholds."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlp.intents import confidence as sure
from nlp.intents.data import Examples, Indices, Study
from nlp.intents.folds import folds_of
from nlp.records import Floats

_N_GROUPS = 4
_MANY = 40
"""An intent with at least this many guesses has a threshold of its own."""


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Held-out guesses, for the figures, the confusion matrix and the reliability diagram."""

    y: Indices
    guess: Indices
    probability: NDArray[np.float64]
    outside: NDArray[np.float64]
    """Probabilities of the guesses where the whole intent was held out."""

    @property
    def right(self) -> NDArray[np.bool_]:
        """Whether each guess is the label."""
        return np.asarray(self.guess == self.y)


@dataclass(frozen=True, slots=True)
class Calibration:
    """How far a model can be trusted, measured on held-out examples."""

    confidence: sure.Confidence
    thresholds: Floats
    """(n_intents,)."""
    usual: float
    """Median cosine of a held-out example to its nearest other one."""
    held_out: HeldOut


def calibrate(
    study: Study, examples: Examples, *, n: int, seed: int, precision: float
) -> Calibration:
    """Calibrate on the first `n` examples; the others are learnt too, but not used to judge.

    `precision` is the share of answers that should be right.
    """
    y = examples.y[:n]
    folds = folds_of(y, seed=seed)
    groups = sure.groups_of_intents(examples.n_intents, n_groups=_N_GROUPS, seed=seed)
    held, outside = study.held_out(folds)[:n], study.out_of_scope(groups)[:n]
    temperature = sure.fit_temperature(held, y)
    near = _nearest_by_folds(examples, folds, n)
    guess, _, held_signs = sure.signs(held, near, temperature=temperature)
    near = _nearest_by_groups(examples, groups, n)
    _, _, out_signs = sure.signs(outside, near, temperature=temperature)
    right = guess == y
    fitted = sure.fit_confidence(held_signs, right, out_signs, temperature=temperature)
    probability = fitted.probability(held_signs)
    thresholds = _thresholds(guess, probability, right, examples.n_intents, precision=precision)
    held_out = HeldOut(y, guess, probability, fitted.probability(out_signs))
    return Calibration(fitted, thresholds, float(np.median(held_signs[:, 3])) / 10, held_out)


def _nearest_by_folds(examples: Examples, folds: list[Indices], n: int) -> Floats:
    """Cosine (n, n_intents) to the nearest example of each intent outside the example's fold."""
    rows = examples.inputs.embeddings
    out = np.zeros((n, examples.n_intents), dtype=np.float32)
    for fold in folds:
        rest = np.setdiff1d(np.arange(len(rows)), fold)
        out[fold] = _nearest(rows[fold], rows[rest], examples.y[rest], examples.n_intents)
    return out


def _nearest_by_groups(examples: Examples, groups: list[Indices], n: int) -> Floats:
    """Cosine (n, n_intents) to the nearest example outside the example's group of intents."""
    rows = examples.inputs.embeddings
    out = np.zeros((n, examples.n_intents), dtype=np.float32)
    for group in groups:
        inside = np.flatnonzero(np.isin(examples.y[:n], group))
        rest = np.flatnonzero(~np.isin(examples.y, group))
        out[inside] = _nearest(rows[inside], rows[rest], examples.y[rest], examples.n_intents)
    return out


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
    """One threshold per intent: the overall one, averaged with its own from `_MANY` guesses on."""
    overall = sure.threshold_for(probability, right, precision=precision)
    out = np.full(n_intents, overall, dtype=np.float32)
    for intent in range(n_intents):
        at = guess == intent
        if at.sum() >= _MANY:
            own = sure.threshold_for(probability[at], right[at], precision=precision)
            out[intent] = (min(own, 1.0) + overall) / 2
    return out
