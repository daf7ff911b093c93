"""The classifier of intents."""

import numpy as np
import pytest

from nlp import intents
from nlp.errors import ModelError, TrainingError
from nlp.records import Floats


def _blobs(n: int, names: list[str], *, spread: float = 0.15) -> tuple[Floats, list[str]]:
    rng = np.random.default_rng(3)
    centres = np.eye(len(names), 8, dtype=np.float32)
    rows = np.repeat(centres, n, axis=0) + rng.normal(0, spread, (n * len(names), 8))
    return rows.astype(np.float32), [name for name in names for _ in range(n)]


@pytest.mark.parametrize("names", [["a", "b"], ["a", "b", "c", "d"]])
def test_what_was_learnt_is_told_again_after_a_round_trip(names: list[str]) -> None:
    """A model that is dumped and loaded predicts the same, to the bit, and rightly."""
    rows, labels = _blobs(30, names)
    model, metrics = intents.train(rows, labels, encoder="e", seed=1)
    again = intents.load(model.dump())
    first = intents.predict(model, list(map(str, range(len(rows)))), rows, threshold=0.5)
    second = intents.predict(again, list(map(str, range(len(rows)))), rows, threshold=0.5)
    assert first == second
    assert np.mean([p.intent == label for p, label in zip(first, labels, strict=True)]) > 0.95
    assert metrics["accuracy"] > 0.9


def test_a_guess_below_the_threshold_abstains_and_is_still_told() -> None:
    """Between two intents the model names both and decides for neither."""
    rows, labels = _blobs(200, ["a", "b"], spread=0.5)
    model, _ = intents.train(rows, labels, encoder="e", seed=1)
    between = np.array([[0.5, 0.5, 0, 0, 0, 0, 0, 0]], dtype=np.float32)
    (found,) = intents.predict(model, ["m"], between, threshold=0.95)
    assert found.abstained
    assert found.reason == "low_probability"
    assert {found.intent, found.runners_up[0][0]} == {"a", "b"}


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (["a"] * 4, "1 intents: at least 2"),
        (["a", "a", "a", "b"], "'b' has one example"),
        ([], "0 intents: at least 2"),
    ],
)
def test_examples_that_do_not_suffice_are_refused(labels: list[str], message: str) -> None:
    """Too few intents or examples are named."""
    rows = np.ones((len(labels), 3), dtype=np.float32)
    with pytest.raises(TrainingError, match=message):
        intents.train(rows, labels, encoder="e", seed=1)


def test_bytes_that_are_no_model_are_refused() -> None:
    """An artefact that cannot be read is an error, and runs no code."""
    with pytest.raises(ModelError, match="no intent model"):
        intents.load(b"not a model")


def test_a_sure_and_right_model_has_no_calibration_error() -> None:
    """The expected calibration error is the gap of confidence and accuracy."""
    confidence = np.array([1.0, 1.0, 0.5, 0.5], dtype=np.float32)
    right = np.array([True, True, True, False])
    assert intents.expected_calibration_error(confidence, right) == 0.0
    assert intents.expected_calibration_error(confidence, ~right) == 0.5
