"""Figures of a model on examples held out of training."""

import numpy as np

from nlp.intents.calibration import HeldOut
from nlp.intents.confidence import expected_calibration_error
from nlp.intents.model import IntentModel
from nlp.records import Floats


def metrics_of(held_out: HeldOut, thresholds: Floats) -> dict[str, float]:
    """Return accuracy, macro-F1, calibration error and figures of abstention."""
    from sklearn.metrics import f1_score, roc_auc_score

    right, probability = held_out.right, held_out.probability
    answered = probability >= thresholds[held_out.guess]
    inside = np.concatenate([np.ones(len(right)), np.zeros(len(held_out.outside))])
    everything = np.concatenate([probability, held_out.outside])
    return {
        "accuracy": float(right.mean()),
        "macro_f1": float(f1_score(held_out.y, held_out.guess, average="macro")),
        "ece": expected_calibration_error(probability, right),
        "oos_auroc": float(roc_auc_score(inside, everything)),
        "answered": float(answered.mean()),
        "precision_of_answers": float(right[answered].mean()) if answered.any() else 0.0,
    }


def by_intent(held_out: HeldOut, model: IntentModel) -> dict[str, dict[str, float]]:
    """Return precision, recall, threshold and the number of examples of each intent."""
    y, guess = held_out.y, held_out.guess
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
