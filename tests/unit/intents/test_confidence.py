"""Promises of `nlp.intents.confidence`: thresholds, neighbours, and probabilities that hold."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from nlp.intents import confidence as sure

_SHARES = st.floats(0, 1, allow_nan=False)
_ANSWERS = st.lists(st.tuples(_SHARES, st.booleans()), min_size=1, max_size=80)


def _arrays(answers: list[tuple[float, bool]]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    probability, right = zip(*answers, strict=True)
    return np.array(probability, dtype=np.float64), np.array(right, dtype=bool)


@given(answers=_ANSWERS, precision=st.sampled_from([0.5, 0.8, 0.95, 1.0]))
def test_a_threshold_keeps_its_promise(answers: list[tuple[float, bool]], precision: float) -> None:
    """Of distinct confidences, those from the threshold on hold the precision; none: no answer."""
    probability, right = _arrays(list({p: (p, r) for p, r in answers}.values()))
    threshold = sure.threshold_for(probability, right, precision=precision)
    answered = probability >= threshold
    if answered.any():
        assert right[answered].mean() >= precision
    else:
        assert threshold > 1
        assert not (right & (probability == probability.max())).any() or precision > 1


def test_the_threshold_is_the_lowest_that_holds() -> None:
    """An early mistake is made up for by what follows."""
    probability = np.array([0.9, 0.8, 0.7, 0.6, 0.5])
    right = np.array([False, True, True, True, False])
    assert sure.threshold_for(probability, right, precision=0.75) == 0.6
    assert sure.threshold_for(probability, right, precision=0.6) == 0.5
    assert sure.threshold_for(probability, right, precision=0.9) > 1


@given(answers=_ANSWERS)
def test_the_calibration_error_is_a_share(answers: list[tuple[float, bool]]) -> None:
    """It lies between 0 and 1, whatever the confidences."""
    assert 0 <= sure.expected_calibration_error(*_arrays(answers)) <= 1


def test_the_calibration_error_of_a_constant() -> None:
    """Always .8 sure and always right is .2 too modest; half right, .3 too bold."""
    eighty = np.full(10, 0.8)
    right = np.ones(10, dtype=bool)
    assert sure.expected_calibration_error(eighty, right) == pytest.approx(0.2)
    right[::2] = False
    assert sure.expected_calibration_error(eighty, right) == pytest.approx(0.3)
    assert sure.expected_calibration_error(eighty[:0], right[:0]) == 0


@pytest.mark.parametrize("seed", [0, 1])
def test_neighbours_are_those_of_a_search_one_by_one(seed: int) -> None:
    """The nearest example of each intent is found also across the blocks of a large batch."""
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(60, 8)).astype(np.float32)
    y = np.concatenate([np.arange(5), rng.integers(0, 5, 55)])
    asked = rng.normal(size=(sure._BLOCK + 3, 8)).astype(np.float32)
    near = sure.Neighbours.of(rows, y, 5).nearest(asked)
    expected = np.stack([(asked @ rows[y == intent].T).max(axis=1) for intent in range(5)], axis=1)
    np.testing.assert_allclose(near, expected, rtol=1e-5)
    assert sure.Neighbours.of(rows, y, 5).nearest(asked[:0]).shape == (0, 5)


@pytest.mark.parametrize("true", [0.25, 1.0, 4.0])
def test_the_temperature_undoes_a_scale(true: float) -> None:
    """Scores that are too large by a factor get this factor as their temperature."""
    rng = np.random.default_rng(5)
    scores = rng.normal(scale=2, size=(4_000, 4)).astype(np.float32)
    shares = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    y = np.array([rng.choice(4, p=row / row.sum()) for row in shares.astype(np.float64)])
    fitted = sure.fit_temperature(scores * np.float32(true), y)
    assert fitted == pytest.approx(true, rel=0.15)


def _fitted(seed: int) -> tuple[sure.Confidence, NDArray[np.float64], NDArray[np.bool_]]:
    """A confidence fitted on signs of which the first tells whether a guess is right."""
    rng = np.random.default_rng(seed)
    inside, outside = rng.normal(size=(2_000, 4)), rng.normal(size=(400, 4)) - [2, 0, 0, 0]
    right = rng.random(2_000) < 1 / (1 + np.exp(-1.5 * inside[:, 0] - 1))
    return sure.fit_confidence(inside, right, outside, temperature=1.0), inside, right


def test_probabilities_are_calibrated_where_they_were_fitted() -> None:
    """Of guesses with a probability, about this share is right; what is outside gets less."""
    fitted, inside, right = _fitted(2)
    probability = fitted.probability(inside)
    assert sure.expected_calibration_error(probability, right) < 0.04
    assert probability[right].mean() > probability[~right].mean() + 0.1
    assert fitted.probability(inside - [3, 0, 0, 0]).mean() < probability.mean() - 0.2


@given(signs=st.lists(st.floats(-1e6, 1e6), min_size=4, max_size=4))
def test_a_probability_is_one_and_rises_with_the_ranking(signs: list[float]) -> None:
    """It stays within 0..1 for any signs, and rises along the ranking."""
    fitted, _, _ = _FITTED
    low = np.array([signs])
    high = low + 0.5 * fitted.rank / np.linalg.norm(fitted.rank)
    (a,), (b,) = fitted.probability(low), fitted.probability(high)
    assert 0 <= a <= b <= 1


_FITTED = _fitted(3)


@pytest.mark.parametrize(("n_intents", "n_groups"), [(1, 4), (3, 4), (10, 4), (77, 4)])
def test_every_intent_is_held_out_once(n_intents: int, n_groups: int) -> None:
    """The groups are parts of all intents, of nearly equal size, the same for a seed."""
    groups = sure.groups_of_intents(n_intents, n_groups=n_groups, seed=3)
    assert sorted(np.concatenate(groups).tolist()) == list(range(n_intents))
    sizes = [len(group) for group in groups]
    assert max(sizes) - min(sizes) <= 1
    again = sure.groups_of_intents(n_intents, n_groups=n_groups, seed=3)
    assert all((a == b).all() for a, b in zip(groups, again, strict=True))
