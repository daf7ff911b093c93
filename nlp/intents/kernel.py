"""Kernel ridge on embedding and words: the candidate that wins on every set measured so far.

The kernel is a mean of two Gaussian kernels on the sphere (one on the embedding, one on the
embedding whitened by its scatter within intents) and a linear one on TF-IDF. Ridge has closed
forms for the scores of an example, or of a whole group of intents, by a fit without it (Rifkin and
Lippert 2007), so that calibration costs no further fit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from nlp.intents.data import Examples, Indices, Inputs, rows_of
from nlp.intents.lexicon import Lexicon
from nlp.records import Floats

_LEXICAL = 0.15
"""Share of the kernel on words. On Banking77 train .1 to .3 are within .001 of it."""
_WIDTH = 3.0
"""exp(width (cosine - 1)); 6 is .002 worse."""
_RIDGE = 0.1
"""Divided by the weight of an example; .05 to .2 are within .001 of it."""
_SHRINKAGE = 0.3
"""Of the scatter within intents, towards a multiple of the identity."""
_BLOCK = 2_048


@dataclass(frozen=True)
class KernelScorer:
    """A fitted kernel ridge."""

    embeddings: Floats
    """(n, dimension) of the examples."""
    whitening: Floats
    """(dimension, dimension)."""
    alpha: Floats
    """(n, n_intents)."""
    lexicon: Lexicon
    words: Floats
    """(n_terms, n_intents) weights of the terms."""
    kind: ClassVar[str] = "kernel"

    def scores(self, inputs: Inputs) -> Floats:
        """See `nlp.intents.data.Scorer`."""
        out = np.asarray(self.lexicon.transform(inputs.texts) @ self.words, dtype=np.float32)
        white = _unit(self.embeddings @ self.whitening)
        for start in range(0, len(out), _BLOCK):
            rows = inputs.embeddings[start : start + _BLOCK]
            kernel = _gauss(rows @ self.embeddings.T)
            kernel += _gauss(_unit(rows @ self.whitening) @ white.T)
            out[start : start + _BLOCK] += kernel @ self.alpha * ((1 - _LEXICAL) / 2)
        return out

    def arrays(self) -> dict[str, NDArray[Any]]:
        """See `nlp.intents.data.Scorer`; half precision, which `fitted` has rounded to."""
        return {
            "kernel_embeddings": self.embeddings.astype(np.float16),
            "kernel_whitening": self.whitening,
            "kernel_alpha": self.alpha,
            "kernel_words": self.words.astype(np.float16),
            **self.lexicon.arrays(),
        }

    @classmethod
    def from_arrays(cls, arrays: Any) -> "KernelScorer":
        """Return the scorer of `arrays`."""
        return cls(
            arrays["kernel_embeddings"].astype(np.float32),
            arrays["kernel_whitening"],
            arrays["kernel_alpha"],
            Lexicon.from_arrays(arrays),
            arrays["kernel_words"].astype(np.float32),
        )


@dataclass(frozen=True)
class KernelRidge:
    """The candidate; see the module."""

    name: ClassVar[str] = "kernel"
    cost: ClassVar[int] = 1

    def fit(self, examples: Examples) -> KernelScorer:
        """See `nlp.intents.data.Candidate`; n³/3 multiplications for n examples."""
        from scipy.linalg import solve

        gram, terms, lexicon, whitening = _gram(examples)
        alpha = solve(gram, _one_hot(examples), assume_a="pos", overwrite_a=True)
        words = np.asarray(terms.T @ alpha, dtype=np.float32) * (_LEXICAL / 2)
        return KernelScorer(
            _half(examples.inputs.embeddings), whitening, alpha, lexicon, _half(words)
        )

    def held_out(self, examples: Examples, *, folds: Sequence[Indices]) -> Floats:
        """See `nlp.intents.data.Candidate`. Words and whitening are those of all examples."""
        return _without(examples, folds)

    def out_of_scope(self, examples: Examples, *, groups: Sequence[Indices]) -> Floats:
        """See `nlp.intents.data.Candidate`."""
        return _without(examples, rows_of(groups, examples.y))


def _without(examples: Examples, parts: Sequence[Indices]) -> Floats:
    """Scores of each part by a fit without it: y - (inverse of the part)⁻¹ alpha."""
    y = _one_hot(examples)
    inverse = _inverse(_gram(examples)[0])
    alpha = inverse @ y
    out = np.zeros_like(y)
    for rows in parts:
        block = inverse[np.ix_(rows, rows)]
        out[rows] = y[rows] - np.linalg.solve(block, alpha[rows])
    return out


def _inverse(gram: Floats) -> Floats:
    """The inverse of a positive definite matrix by its Cholesky factor, half the usual work."""
    from scipy.linalg import cho_factor
    from scipy.linalg.lapack import spotri

    factor, _ = cho_factor(gram, lower=True, overwrite_a=True, check_finite=False)
    lower, _ = spotri(factor, lower=1, overwrite_c=1)
    result: Floats = np.tril(lower)
    result += np.tril(lower, -1).T
    return result


def _gram(examples: Examples) -> tuple[Floats, Any, Lexicon, Floats]:
    """The regularised kernel (n, n), the terms (n, n_terms), their lexicon and the whitening."""
    rows = _half(examples.inputs.embeddings)
    lexicon = Lexicon.of(examples.inputs.texts)
    terms = lexicon.transform(examples.inputs.texts)
    whitening = _whitening(rows, examples)
    white = _unit(rows @ whitening)
    gram = _gauss(rows @ rows.T)
    gram += _gauss(white @ white.T)
    gram *= (1 - _LEXICAL) / 2
    gram += (terms @ terms.T).toarray() * (_LEXICAL / 2)
    gram[np.diag_indices(len(gram))] += _RIDGE / examples.weight
    return gram, terms, lexicon, whitening


def _whitening(rows: Floats, examples: Examples) -> Floats:
    sums = np.zeros((examples.n_intents, rows.shape[1]), dtype=np.float32)
    np.add.at(sums, examples.y, rows)
    counts = np.maximum(np.bincount(examples.y, minlength=examples.n_intents), 1)
    apart = rows - (sums / counts[:, None])[examples.y]
    variance, axes = np.linalg.eigh((apart.T @ apart / len(rows)).astype(np.float64))
    mean = max(float(variance.mean()), 1e-6)
    shrunk = (1 - _SHRINKAGE) * np.maximum(variance, 0) + _SHRINKAGE * mean
    result: Floats = (axes * (mean / shrunk) ** 0.5).astype(np.float32)
    return result


def _one_hot(examples: Examples) -> Floats:
    return np.eye(examples.n_intents, dtype=np.float32)[examples.y]


def _gauss(cosines: Floats) -> Floats:
    cosines -= 1
    cosines *= _WIDTH
    return np.exp(cosines, out=cosines)


def _unit(rows: Floats) -> Floats:
    result: Floats = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
    return result


def _half(values: Floats) -> Floats:
    """Round to what the artefact keeps, so that a loaded model is the very same."""
    return values.astype(np.float16).astype(np.float32)
