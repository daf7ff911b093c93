"""Labels by an author, such as a language model: what it is shown, and whether a label fits."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from nlp.records import Floats
from nlp.topics.assign import centroid_of, radius_of


@dataclass(frozen=True, slots=True)
class Excerpt:
    """What an author is shown of a theme."""

    topic_id: int
    messages: tuple[tuple[str, str], ...]
    """Ids and redacted texts of typical messages, the most typical first."""
    siblings: tuple[tuple[str, ...], ...]
    """The label of each other theme with its keywords, the nearest theme first."""


class Author(Protocol):
    """Gives themes their labels; whatever goes wrong, phrases do."""

    def labels(self) -> Mapping[int, str]:
        """The last label that it gave, by topic."""
        ...

    def label(self, excerpt: Excerpt) -> str | None:
        """A label for a theme, None where there is none that can be used."""
        ...

    def refuse(self, reason: str) -> None:
        """Count the last label as refused; `reason` shows none of it."""
        ...


class Places:
    """Where clusters lie: `labels` (n,) of messages with `rows` (n, d), -1 = unclustered."""

    def __init__(
        self,
        rows: Floats,
        labels: NDArray[np.intp],
        encode: Callable[[Sequence[str]], Floats],
    ) -> None:
        self._encode = encode
        members = {int(c): rows[labels == c] for c in np.unique(labels[labels >= 0])}
        self._at = {c: n for n, c in enumerate(members)}
        self._centroids = np.stack([centroid_of(own) for own in members.values()])
        self._radii = [radius_of(own, self._centroids[n]) for n, own in enumerate(members.values())]

    def fits(self, label: str, cluster: int, *, instead_of: str | None = None) -> bool:
        """Whether a label says what a cluster is about.

        It lies nearer to this cluster than to any other one, and as near as a message that belongs,
        or as the phrase that it stands `instead_of`. So a label that a message asks for, or that is
        in another language, is none.
        """
        own = self._at[cluster]
        near = self._encode([label, instead_of or label]) @ self._centroids.T
        least = self._radii[own] if instead_of is None else min(self._radii[own], near[1, own])
        return bool(near[0].argmax() == own and near[0, own] >= least)

    def nearest(self, cluster: int) -> list[int]:
        """Return the other clusters, the nearest first."""
        near = self._centroids @ self._centroids[self._at[cluster]]
        others = [c for c in self._at if c != cluster]
        return sorted(others, key=lambda c: (-near[self._at[c]], c))
