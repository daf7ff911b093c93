"""What candidates learn from, and what a candidate is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from nlp.records import Floats

Indices = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Inputs:
    """Normalised texts with their embeddings (n, dimension)."""

    texts: Sequence[str]
    embeddings: Floats

    def take(self, rows: Indices) -> "Inputs":
        """Return the inputs at `rows`."""
        return Inputs([self.texts[i] for i in rows.tolist()], self.embeddings[rows])

    def __add__(self, other: "Inputs") -> "Inputs":
        return Inputs(
            [*self.texts, *other.texts], np.concatenate([self.embeddings, other.embeddings])
        )


@dataclass(frozen=True, slots=True)
class Examples:
    """Inputs with their labels."""

    inputs: Inputs
    y: Indices
    """(n,) indices into the intents."""
    weight: NDArray[np.float32]
    """(n,) how much each counts; 1 for a label that a person gave."""
    n_intents: int

    def take(self, rows: Indices) -> "Examples":
        """Return the examples at `rows`; the intents stay as they are."""
        return Examples(self.inputs.take(rows), self.y[rows], self.weight[rows], self.n_intents)

    def __add__(self, other: "Examples") -> "Examples":
        return Examples(
            self.inputs + other.inputs,
            np.concatenate([self.y, other.y]),
            np.concatenate([self.weight, other.weight]),
            self.n_intents,
        )


class Scorer(Protocol):
    """A fitted candidate."""

    @property
    def kind(self) -> str:
        """Which class reads its arrays again."""
        ...

    def scores(self, inputs: Inputs) -> Floats:
        """Return (n, n_intents), the larger the likelier; not probabilities."""
        ...

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return all its state, as arrays without objects."""
        ...


class Candidate(Protocol):
    """A way to learn intents."""

    @property
    def name(self) -> str: ...

    @property
    def cost(self) -> int:
        """Rank by cost of training; decides between candidates that are equally good."""
        ...

    def fit(self, examples: Examples) -> Scorer:
        """Learn; the same examples give the same bits."""
        ...

    def held_out(self, examples: Examples, *, folds: Sequence[Indices]) -> Floats:
        """Return (n, n_intents): scores of each example by a fit without its fold."""
        ...

    def out_of_scope(self, examples: Examples, *, groups: Sequence[Indices]) -> Floats:
        """Return (n, n_intents): scores by a fit without the whole group of intents.

        `groups` are indices of intents that together hold each intent once.
        """
        ...


def held_out_by_folds(candidate: Candidate, examples: Examples, folds: Sequence[Indices]) -> Floats:
    """The plain way to `Candidate.held_out`: one fit a fold. Rows in no fold stay in each fit."""
    n = len(examples.y)
    out = np.zeros((n, examples.n_intents), dtype=np.float32)
    for rows in folds:
        rest = np.setdiff1d(np.arange(n), rows)
        out[rows] = candidate.fit(examples.take(rest)).scores(examples.inputs.take(rows))
    return out


def rows_of(groups: Sequence[Indices], y: Indices) -> list[Indices]:
    """Return the rows of each group of intents."""
    return [np.flatnonzero(np.isin(y, group)) for group in groups]
