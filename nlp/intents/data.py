"""What intents are learnt from, and what learns them."""

from collections.abc import Callable, Sequence
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
    """(n,) weight of each example; 1 for a label that a person gave."""
    n_intents: int

    def take(self, rows: Indices) -> "Examples":
        """Return the examples at `rows`; the intents stay the same."""
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
        """Names the class that reads its arrays."""
        ...

    def scores(self, inputs: Inputs) -> Floats:
        """Return (n, n_intents); larger means likelier, but these are not probabilities."""
        ...

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return its whole state as arrays without objects."""
        ...


class Study(Protocol):
    """A candidate fitted on examples, with its scores for examples held out of the fit."""

    def scorer(self) -> Scorer:
        """Return the fit on all examples; the same examples give the same bits."""
        ...

    def held_out(self, folds: Sequence[Indices]) -> Floats:
        """Return (n, n_intents): scores of each example by a fit without its fold.

        Examples in no fold are part of every fit; their scores are zeros.
        """
        ...

    def out_of_scope(self, groups: Sequence[Indices]) -> Floats:
        """Return (n, n_intents): scores by a fit without the whole group of intents.

        `groups` are indices of intents; together they contain each intent once.
        """
        ...


@dataclass(frozen=True, slots=True)
class Refits:
    """The plain `Study`: one fit per fold, for candidates without a closed form."""

    fit: Callable[[Examples], Scorer]
    examples: Examples

    def scorer(self) -> Scorer:
        """See `Study`."""
        return self.fit(self.examples)

    def held_out(self, folds: Sequence[Indices]) -> Floats:
        """See `Study`."""
        n = len(self.examples.y)
        out = np.zeros((n, self.examples.n_intents), dtype=np.float32)
        for rows in folds:
            rest = self.examples.take(np.setdiff1d(np.arange(n), rows))
            out[rows] = self.fit(rest).scores(self.examples.inputs.take(rows))
        return out

    def out_of_scope(self, groups: Sequence[Indices]) -> Floats:
        """See `Study`."""
        return self.held_out(rows_of(groups, self.examples.y))


def rows_of(groups: Sequence[Indices], y: Indices) -> list[Indices]:
    """Return the rows of each group of intents."""
    return [np.flatnonzero(np.isin(y, group)) for group in groups]
