"""Linear models as earlier versions trained them, so that one in service goes on answering.

They were logistic regression on embeddings, and a support vector machine on words besides.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from nlp.intents.data import Inputs
from nlp.intents.lexicon import Lexicon
from nlp.records import Floats


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
