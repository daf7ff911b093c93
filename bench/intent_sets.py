"""Labelled sets with their embeddings, and the figures of predictions on them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from bench.data import read
from nlp.intents.confidence import expected_calibration_error
from nlp.intents.data import Inputs
from nlp.intents.model import IntentModel
from nlp.intents.names import readable_name
from nlp.intents.training import Trained, train
from nlp.records import Prediction
from nlp.text.embed import SentenceEncoder
from nlp.text.own import own_text


@dataclass(frozen=True)
class Labelled:
    """One set with its embeddings."""

    inputs: Inputs
    labels: list[str]

    def take(self, rows: np.ndarray) -> "Labelled":
        """Return the texts at `rows`."""
        return Labelled(self.inputs.take(rows), [self.labels[i] for i in rows])


class Sets:
    """The sets, embedded at first use, and training as in the product."""

    def __init__(self, data: Path) -> None:
        self.encoder = SentenceEncoder()
        self._data = data

    @cached_property
    def bank(self) -> Labelled:
        """Banking77 train."""
        return self._set("Banking77 train")

    @cached_property
    def bank_test(self) -> Labelled:
        """Banking77 test."""
        return self._set("Banking77 test")

    @cached_property
    def home(self) -> Labelled:
        """HWU64 train."""
        return self._set("HWU64 train")

    @cached_property
    def home_test(self) -> Labelled:
        """HWU64 test."""
        return self._set("HWU64 test")

    def fit(self, data: Labelled, **options: object) -> Trained:
        """Train as in the product, with the names of intents as descriptions."""
        return train(
            data.inputs,
            data.labels,
            described=self.described(data.labels),
            encoder=self.encoder.name,
            seed=1,
            **options,
        )

    def described(self, labels: Sequence[str]) -> dict[str, Inputs]:
        """Return the name of each intent as words."""
        names = sorted(set(labels))
        words = [readable_name(n) for n in names]
        rows = self.encoder.encode(words)
        return {
            n: Inputs([w], rows[i : i + 1])
            for i, (n, w) in enumerate(zip(names, words, strict=True))
        }

    def _set(self, name: str) -> Labelled:
        texts, labels = read(self._data, name)
        texts = [own_text(t).embedded for t in texts]
        return Labelled(Inputs(texts, self.encoder.encode(texts)), labels)


def predictions(model: IntentModel, data: Labelled) -> list[Prediction]:
    """Return the model's prediction for every text."""
    return model.predict([str(i) for i in range(len(data.labels))], data.inputs)


def scores(result: Sequence[Prediction], labels: Sequence[str]) -> tuple[float, float, float]:
    """Return accuracy, macro-F1 and expected calibration error."""
    from sklearn.metrics import f1_score

    guess = [p.intent for p in result]
    right = np.array([g == label for g, label in zip(guess, labels, strict=True)])
    sure = np.array([p.probability for p in result])
    f1 = f1_score(labels, guess, average="macro")
    return float(right.mean()), float(f1), expected_calibration_error(sure, right)


def out_of_scope(
    result: Sequence[Prediction], labels: Sequence[str], inside: set[str]
) -> tuple[float, float]:
    """Return the AUROC of in-scope against out-of-scope messages, and coverage at 95% precision."""
    from sklearn.metrics import roc_auc_score

    sure = np.array([p.probability for p in result])
    known = np.array([label in inside for label in labels])
    right = np.array([p.intent == label for p, label in zip(result, labels, strict=True)])
    order = np.argsort(-sure, kind="stable")
    precision = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    enough = np.flatnonzero(precision >= 0.95)
    coverage = right[order[: enough[-1] + 1]].sum() / known.sum() if len(enough) else 0.0
    return float(roc_auc_score(known, sure)), float(coverage)


def draw(labels: Sequence[str], n_each: int, rng: np.random.Generator) -> np.ndarray:
    """Return rows of `n_each` random texts per intent, or of all its texts if it has fewer."""
    array = np.array(labels)
    of_each = [np.flatnonzero(array == name) for name in sorted(set(labels))]
    return np.concatenate([rng.choice(r, min(n_each, len(r)), replace=False) for r in of_each])


def say(line: str = "") -> None:
    """Print a line without buffering."""
    print(line, flush=True)
