"""Linear candidates: logistic regression on embeddings, and a linear SVM that also sees words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from nlp.intents.data import Examples, Inputs, Refits
from nlp.intents.lexicon import Lexicon
from nlp.records import Floats

_EMBEDDING_SCALE = 2.0
"""Weight of an embedding beside words and character n-grams, each of length 1."""


@dataclass(frozen=True)
class LinearScorer:
    """Weights on an embedding and, for some kinds, on words."""

    kind: str
    weights: Floats
    """(dimension, n_intents)."""
    bias: Floats
    """(n_intents,)."""
    lexicon: Lexicon | None = None
    words: Floats | None = None
    """(n_terms, n_intents)."""

    def scores(self, inputs: Inputs) -> Floats:
        """See `nlp.intents.data.Scorer`."""
        out: Floats = inputs.embeddings @ self.weights + self.bias
        if self.lexicon is not None:
            out = out + self.lexicon.transform(inputs.texts) @ self.words
        return out

    def arrays(self) -> dict[str, NDArray[Any]]:
        """See `nlp.intents.data.Scorer`."""
        arrays: dict[str, NDArray[Any]] = {"linear_weights": self.weights, "linear_bias": self.bias}
        if self.lexicon is not None and self.words is not None:
            arrays |= {"linear_words": self.words, **self.lexicon.arrays()}
        return arrays

    @classmethod
    def from_arrays(cls, kind: str, arrays: Mapping[str, NDArray[Any]]) -> "LinearScorer":
        """Return the scorer of `arrays`."""
        has_words = "linear_words" in arrays
        return cls(
            kind,
            arrays["linear_weights"],
            arrays["linear_bias"],
            Lexicon.from_arrays(arrays) if has_words else None,
            arrays["linear_words"] if has_words else None,
        )


@dataclass(frozen=True)
class Logistic:
    """Multinomial logistic regression on embeddings."""

    name: ClassVar[str] = "logistic"
    cost: ClassVar[int] = 0
    penalty: ClassVar[float] = 10.0
    """Chosen by cross-validation on Banking77 train; 3 and 30 are within .003 of it."""

    def study(self, examples: Examples) -> Refits:
        """See `nlp.intents.data.Candidate`."""
        return Refits(self._fit, examples)

    def _fit(self, examples: Examples) -> LinearScorer:
        from sklearn.linear_model import LogisticRegression
        from threadpoolctl import threadpool_limits

        if len(np.unique(examples.y)) == 1:
            return _constant(self.name, examples)
        model = LogisticRegression(C=self.penalty, max_iter=1_000)
        # With its many small products, two threads take 27 times as long as one.
        with threadpool_limits(1, user_api="blas"):
            model.fit(examples.inputs.embeddings, examples.y, sample_weight=examples.weight)
        return _spread(self.name, model, examples.n_intents)


@dataclass(frozen=True)
class LinearSvm:
    """One against the rest, squared hinge loss, on embedding, words and character n-grams."""

    name: ClassVar[str] = "svm"
    cost: ClassVar[int] = 2
    penalty: ClassVar[float] = 0.5

    def study(self, examples: Examples) -> Refits:
        """See `nlp.intents.data.Candidate`."""
        return Refits(self._fit, examples)

    def _fit(self, examples: Examples) -> LinearScorer:
        from scipy.sparse import csr_matrix, hstack
        from sklearn.svm import LinearSVC

        if len(np.unique(examples.y)) == 1:
            return _constant(self.name, examples)
        lexicon = Lexicon.of(examples.inputs.texts)
        dense = csr_matrix(examples.inputs.embeddings * np.float32(_EMBEDDING_SCALE))
        rows = hstack([dense, lexicon.transform(examples.inputs.texts)], format="csr")
        model = LinearSVC(C=self.penalty, random_state=0)
        model.fit(rows, examples.y, sample_weight=examples.weight)
        whole = _spread(self.name, model, examples.n_intents)
        dimension = examples.inputs.embeddings.shape[1]
        return LinearScorer(
            self.name,
            whole.weights[:dimension] * np.float32(_EMBEDDING_SCALE),
            whole.bias,
            lexicon,
            whole.weights[dimension:],
        )


def _constant(kind: str, examples: Examples) -> LinearScorer:
    """The scorer for examples of a single intent: it always answers that intent."""
    weights = np.zeros((examples.inputs.embeddings.shape[1], examples.n_intents), dtype=np.float32)
    bias = np.full(examples.n_intents, -1e3, dtype=np.float32)
    bias[examples.y[0]] = 0
    return LinearScorer(kind, weights, bias)


def _spread(kind: str, model: Any, n_intents: int) -> LinearScorer:
    """One column per intent, also where the fit saw only some, or two share one column."""
    coefficients, intercepts = model.coef_, model.intercept_
    if len(model.classes_) == 2:
        coefficients = np.stack([-coefficients[0], coefficients[0]]) / 2
        intercepts = np.array([-intercepts[0], intercepts[0]]) / 2
    weights = np.zeros((coefficients.shape[1], n_intents), dtype=np.float32)
    bias = np.full(n_intents, -1e3, dtype=np.float32)
    weights[:, model.classes_] = coefficients.T
    bias[model.classes_] = intercepts
    return LinearScorer(kind, weights, bias)
