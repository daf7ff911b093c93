"""Kernel ridge on embedding and words: what learns intents.

The kernel is a mean of two Gaussian kernels on the sphere (one on the embedding, one on the
embedding whitened by its scatter within intents) and a linear one on TF-IDF. Ridge has a closed
form for the scores of an example, or of a whole group of intents, by a fit without it (Rifkin and
Lippert 2007), so that calibration needs no further fit where examples are many.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from nlp.intents.config import DEFAULT, IntentConfig
from nlp.intents.data import Examples, Indices, Inputs, Refits, rows_of
from nlp.intents.lexicon import Lexicon
from nlp.intents.symmetric import gram_of_terms, inverse_of
from nlp.records import Floats

_REFITTED = 2_000
"""Up to this many examples refits are cheap, and needed: on 336 examples of 28 intents the closed
form gave an accuracy of .93 where refits give .78."""
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
    config: IntentConfig
    kind: ClassVar[str] = "kernel"

    def scores(self, inputs: Inputs) -> Floats:
        """See `nlp.intents.data.Scorer`."""
        out = np.asarray(self.lexicon.transform(inputs.texts) @ self.words, dtype=np.float32)
        for start in range(0, len(out), _BLOCK):
            rows = inputs.embeddings[start : start + _BLOCK]
            kernel = _exp(rows @ self._wide)
            kernel += _exp(_unit(rows @ self.whitening) @ self._wide_white)
            out[start : start + _BLOCK] += kernel @ self._scaled
        return out

    # Cached, because computing these takes longer than answering a single text. The operands
    # contain the width and the offset of the Gaussian, which saves two passes over the kernel.

    @cached_property
    def _wide(self) -> Floats:
        wide: Floats = self.embeddings.T * np.float32(self.config.width)
        return wide

    @cached_property
    def _wide_white(self) -> Floats:
        wide: Floats = _unit(self.embeddings @ self.whitening).T * np.float32(self.config.width)
        return wide

    @cached_property
    def _scaled(self) -> Floats:
        width, lexical = self.config.width, self.config.lexical
        scaled: Floats = self.alpha * np.float32(np.exp(-width) * (1 - lexical) / 2)
        return scaled

    def arrays(self) -> dict[str, NDArray[Any]]:
        """See `nlp.intents.data.Scorer`; embeddings and words are stored in half precision."""
        return {
            "kernel_embeddings": self.embeddings.astype(np.float16),
            "kernel_whitening": self.whitening,
            "kernel_alpha": self.alpha,
            "kernel_words": self.words.astype(np.float16),
            "kernel_numbers": np.array([self.config.width, self.config.lexical]),
            **self.lexicon.arrays(),
        }

    @classmethod
    def from_arrays(cls, arrays: Any) -> "KernelScorer":
        """Return the scorer of `arrays`; earlier versions stored no numbers: today's defaults."""
        numbers = dict(zip(("width", "lexical"), arrays.get("kernel_numbers", ()), strict=False))
        return cls(
            arrays["kernel_embeddings"].astype(np.float32),
            arrays["kernel_whitening"],
            arrays["kernel_alpha"],
            Lexicon.from_arrays(arrays),
            arrays["kernel_words"].astype(np.float32),
            IntentConfig(**numbers),
        )


@dataclass(frozen=True)
class KernelStudy:
    """A solved kernel ridge: held-out scores are y - (block of the inverse)⁻¹ alpha."""

    examples: Examples
    inverse: Floats
    """(n, n) of the regularised kernel."""
    alpha: Floats
    """(n, n_intents)."""
    whitening: Floats
    lexicon: Lexicon
    config: IntentConfig

    def scorer(self) -> KernelScorer:
        """See `nlp.intents.data.Study`."""
        inputs = self.examples.inputs
        terms = self.lexicon.transform(inputs.texts)
        words = np.asarray(terms.T @ self.alpha, dtype=np.float32)
        return KernelScorer(
            _half(inputs.embeddings),
            self.whitening,
            self.alpha,
            self.lexicon,
            _half(words * (self.config.lexical / 2)),
            self.config,
        )

    def held_out(self, folds: Sequence[Indices]) -> Floats:
        """See `nlp.intents.data.Study`; in closed form for many examples, else by refits.

        In the closed form, words and whitening are those of all examples. With fewer examples
        than an embedding has dimensions, the whitening alone would reveal their labels.
        """
        if len(self.examples.y) <= _REFITTED:
            fit = KernelRidge(self.config).fit
            return Refits(fit, self.examples).held_out(folds)
        return self.in_closed_form(folds)

    def in_closed_form(self, folds: Sequence[Indices]) -> Floats:
        """Return what `held_out` returns for many examples."""
        y = _one_hot(self.examples)
        out = np.zeros_like(y)
        for rows in folds:
            block = self.inverse[np.ix_(rows, rows)]
            out[rows] = y[rows] - np.linalg.solve(block, self.alpha[rows])
        return out

    def out_of_scope(self, groups: Sequence[Indices]) -> Floats:
        """See `nlp.intents.data.Study`."""
        return self.held_out(rows_of(groups, self.examples.y))


@dataclass(frozen=True)
class KernelRidge:
    """The learner; see the module."""

    config: IntentConfig = DEFAULT
    name: ClassVar[str] = "kernel"

    def fit(self, examples: Examples) -> KernelScorer:
        """Return what has learnt the examples."""
        return self.study(examples).scorer()

    def study(self, examples: Examples) -> KernelStudy:
        """Learn the examples; n³ multiplications for n examples."""
        lexicon = Lexicon.of(examples.inputs.texts)
        whitening = _whitening(examples, shrinkage=self.config.shrinkage)
        inverse = inverse_of(_gram(examples, lexicon, whitening, self.config))
        alpha = inverse @ _one_hot(examples)
        return KernelStudy(examples, inverse, alpha, whitening, lexicon, self.config)


def _gram(examples: Examples, lexicon: Lexicon, whitening: Floats, config: IntentConfig) -> Floats:
    """The regularised kernel (n, n)."""
    rows = _half(examples.inputs.embeddings)
    white = _unit(rows @ whitening)
    gram = _gauss(rows @ rows.T, config.width)
    gram += _gauss(white @ white.T, config.width)
    gram *= (1 - config.lexical) / 2
    gram += gram_of_terms(
        lexicon.transform(examples.inputs.texts) * np.float32((config.lexical / 2) ** 0.5)
    )
    gram[np.diag_indices(len(gram))] += config.ridge / examples.weight
    return gram


def _whitening(examples: Examples, *, shrinkage: float) -> Floats:
    rows = _half(examples.inputs.embeddings)
    sums = np.zeros((examples.n_intents, rows.shape[1]), dtype=np.float32)
    np.add.at(sums, examples.y, rows)
    counts = np.maximum(np.bincount(examples.y, minlength=examples.n_intents), 1)
    apart = rows - (sums / counts[:, None])[examples.y]
    variance, axes = np.linalg.eigh((apart.T @ apart / len(rows)).astype(np.float64))
    mean = max(float(variance.mean()), 1e-6)
    shrunk = (1 - shrinkage) * np.maximum(variance, 0) + shrinkage * mean
    result: Floats = (axes * (mean / shrunk) ** 0.5).astype(np.float32)
    return result


def _one_hot(examples: Examples) -> Floats:
    return np.eye(examples.n_intents, dtype=np.float32)[examples.y]


def _gauss(cosines: Floats, width: float) -> Floats:
    cosines -= 1
    cosines *= width
    return np.exp(cosines, out=cosines)


def _exp(values: Floats) -> Floats:
    return np.exp(values, out=values)


def _unit(rows: Floats) -> Floats:
    result: Floats = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
    return result


def _half(values: Floats) -> Floats:
    """Round to what the artefact stores, so that a loaded model is identical."""
    return values.astype(np.float16).astype(np.float32)
