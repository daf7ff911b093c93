"""A plain calibrated classifier of intents: multinomial logistic regression on embeddings.

Its probabilities are tempered on held-out folds (Guo et al. 2017, temperature scaling). An
artefact holds arrays only and loads without running code.
"""

import hashlib
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlp.errors import ModelError, TrainingError
from nlp.records import Floats, Prediction

_N_FOLDS = 5
_PENALTY_C = 10.0
"""Chosen by cross-validation on Banking77 train; 3 and 30 are within .003 of it."""


@dataclass(frozen=True, slots=True)
class IntentModel:
    """A trained classifier."""

    version: str
    encoder: str
    intents: tuple[str, ...]
    weights: Floats
    """(n_intents, dimension), the temperature divided in."""
    bias: Floats
    """(n_intents,), likewise."""

    def probabilities(self, embeddings: Floats) -> Floats:
        """Return (n, n_intents) calibrated probabilities of `embeddings` (n, dimension)."""
        return _softmax(embeddings @ self.weights.T + self.bias)

    def dump(self) -> bytes:
        """Return the artefact."""
        names = json.dumps([self.version, self.encoder, *self.intents]).encode()
        buffer = io.BytesIO()
        np.savez(
            buffer, names=np.frombuffer(names, dtype=np.uint8), weights=self.weights, bias=self.bias
        )
        return buffer.getvalue()


def load(artefact: bytes) -> IntentModel:
    """Return the model of an artefact. Raises ModelError where it is none."""
    try:
        with np.load(io.BytesIO(artefact), allow_pickle=False) as arrays:
            names = json.loads(arrays["names"].tobytes())
            return IntentModel(
                names[0], names[1], tuple(names[2:]), arrays["weights"], arrays["bias"]
            )
    except (ValueError, KeyError, OSError) as error:
        raise ModelError("The artefact is no intent model: train anew") from error


def train(
    embeddings: Floats, intents: Sequence[str], *, encoder: str, seed: int
) -> tuple[IntentModel, dict[str, float]]:
    """Fit on `embeddings` (n, d) and their `intents`; return the model and held-out figures.

    Raises TrainingError with fewer than two intents or fewer than two examples of each.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    names, y = np.unique(np.asarray(intents), return_inverse=True)
    counts = np.bincount(y) if len(y) else np.zeros(0, dtype=int)
    if len(names) < 2:
        raise TrainingError(f"There are examples of {len(names)} intents: at least 2 are needed")
    if counts.min() < 2:
        raise TrainingError(
            f"Intent {str(names[counts.argmin()])!r} has one example: at least 2 are needed"
        )
    classifier = LogisticRegression(C=_PENALTY_C, max_iter=1000)
    folds = StratifiedKFold(
        min(_N_FOLDS, int(counts.min())), shuffle=True, random_state=seed % 2**32
    )
    scores = cross_val_predict(classifier, embeddings, y, cv=folds, method="decision_function")
    if len(names) == 2:
        scores = _two_columns(scores)
    temperature = _temperature(scores, y)
    classifier.fit(embeddings, y)
    weights, bias = classifier.coef_, classifier.intercept_
    if len(names) == 2:
        weights, bias = _two_columns(weights[0]).T, _two_columns(bias)[0]
    digest = hashlib.sha256(embeddings.tobytes() + json.dumps(list(intents)).encode())
    model = IntentModel(
        version=f"lr-{digest.hexdigest()[:12]}",
        encoder=encoder,
        intents=tuple(names.tolist()),
        weights=(weights / temperature).astype(np.float32),
        bias=(bias / temperature).astype(np.float32),
    )
    held_out = _softmax(scores / temperature)
    accuracy = float((held_out.argmax(axis=1) == y).mean())
    return model, {
        "n_examples": float(len(y)),
        "accuracy": accuracy,
        "ece": expected_calibration_error(held_out.max(axis=1), held_out.argmax(axis=1) == y),
    }


def predict(
    model: IntentModel, message_ids: Sequence[str], embeddings: Floats, *, threshold: float
) -> list[Prediction]:
    """Return one prediction a message; below `threshold` it abstains and still says its guess."""
    if not len(message_ids):
        return []
    probabilities = model.probabilities(embeddings)
    order = np.argsort(-probabilities, axis=1, kind="stable")[:, :4]
    out = []
    for message_id, row, best in zip(message_ids, probabilities, order, strict=True):
        ranked = [(model.intents[i], round(float(row[i]), 4)) for i in best]
        abstained = ranked[0][1] < threshold
        reason = "low_probability" if abstained else None
        out.append(Prediction(message_id, *ranked[0], tuple(ranked[1:]), abstained, reason))
    return out


def expected_calibration_error(
    confidence: Floats, correct: NDArray[np.bool_], *, n_bins: int = 15
) -> float:
    """Return the mean gap of confidence and accuracy over equal-width bins (Naeini et al. 2015)."""
    at = np.minimum((confidence * n_bins).astype(int), n_bins - 1)
    gaps = [
        abs(float(confidence[at == b].mean()) - float(correct[at == b].mean())) * (at == b).mean()
        for b in np.unique(at)
    ]
    return float(sum(gaps))


def _temperature(scores: Floats, y: NDArray[np.intp]) -> float:
    from scipy.optimize import minimize_scalar

    def loss(log_temperature: float) -> float:
        p = _softmax(scores / np.exp(log_temperature))
        return float(-np.log(np.maximum(p[np.arange(len(y)), y], 1e-12)).mean())

    return float(np.exp(minimize_scalar(loss, bounds=(-2, 4), method="bounded").x))


def _two_columns(scores: Floats) -> Floats:
    """A binary model gives one score; its softmax twin is half of it, against and for."""
    both = np.stack([-scores / 2, scores / 2], axis=-1).reshape(-1, 2)
    return np.asarray(both, dtype=np.float32)


def _softmax(scores: Floats) -> Floats:
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    result: Floats = shifted / shifted.sum(axis=1, keepdims=True)
    return result
