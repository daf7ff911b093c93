"""Find problems in labelled data before anything is trained on it."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from nlp.errors import LabelError, TrainingError
from nlp.intents.names import spoken
from nlp.records import Floats, Intent, LabelledExample
from nlp.text.own import own_text

_ALIKE = 90
"""RapidFuzz ratio from which two texts are near-duplicates."""
_NEAR = 0.85
"""Cosine from which two texts are compared letter by letter."""
_OVERLAP = 0.3
"""Two intents overlap when this share of one has its nearest example in the other."""
_MOST_TOLD = 20
_BLOCK = 1_024


@dataclass(frozen=True, slots=True)
class DataReport:
    """What a person should look at; none of it stops training."""

    conflicts: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    """A text and the intents that it is labelled with; it is left out of training."""
    near_duplicates: list[tuple[str, str, str, str]] = field(default_factory=list)
    """Text and intent, then the other text and its intent; the letters are nearly the same."""
    overlaps: list[tuple[str, str, float]] = field(default_factory=list)
    """Two intents, and the share of the first whose nearest example is of the second."""

    def lines(self) -> list[str]:
        """One sentence per finding, at most twenty of each kind."""
        return [
            *(
                f"Conflict, left out: {text!r} is labelled {' and '.join(intents)}"
                for text, intents in self.conflicts[:_MOST_TOLD]
            ),
            *(
                f"Nearly the same text: {a!r} is {x}, {b!r} is {y}"
                for a, x, b, y in self.near_duplicates[:_MOST_TOLD]
            ),
            *(
                f"Overlap: {share:.0%} of {x} lie nearest to {y}"
                for x, y, share in self.overlaps[:_MOST_TOLD]
            ),
        ]


def settle(
    examples: Sequence[LabelledExample], corrected: Sequence[LabelledExample]
) -> tuple[list[LabelledExample], list[tuple[str, tuple[str, ...]]]]:
    """Return one label per text, and the conflicts.

    A correction outranks examples of the same text; where corrections, or examples, disagree
    among themselves, the text is left out and reported.
    """
    ranked: list[dict[str, list[LabelledExample]]] = []
    for part in (corrected, examples):
        by_text: dict[str, list[LabelledExample]] = defaultdict(list)
        for example in part:
            by_text[own_text(example.text).text_hash].append(example)
        ranked.append(by_text)
    kept, conflicts = [], []
    for key in sorted({*ranked[0], *ranked[1]}):
        labelled = ranked[0].get(key) or ranked[1][key]
        intents = tuple(sorted({e.intent for e in labelled}))
        if len(intents) == 1:
            kept.append(labelled[0])
        else:
            conflicts.append((labelled[0].text, intents))
    return sorted(kept, key=lambda e: (e.text, e.intent)), conflicts


def check_taxonomy(taxonomy: Sequence[Intent], examples: Sequence[LabelledExample]) -> None:
    """Raise LabelError where two intents have one name, TrainingError where one has no example.

    Names that differ only in case, spaces or underscores are the same name. A taxonomy without
    any example is a cold start and passes.
    """
    same: dict[str, list[str]] = defaultdict(list)
    for one in taxonomy:
        same[" ".join(spoken(one.name).replace("-", " ").split())].append(one.name)
    twice = next((names for names in same.values() if len(names) > 1), None)
    if twice:
        raise LabelError(
            f"Intents {' and '.join(map(repr, twice))} have the same name: deactivate one of them "
            "and move its examples"
        )
    counts = Counter(e.intent for e in examples)
    empty = [one.name for one in taxonomy if not counts[one.name]]
    if examples and empty:
        raise TrainingError(
            f"No example of {', '.join(map(repr, empty[:5]))}: label some, or deactivate the intent"
        )


def report(
    examples: Sequence[LabelledExample],
    embeddings: Floats,
    conflicts: list[tuple[str, tuple[str, ...]]],
) -> DataReport:
    """Compare every example with every other; `embeddings` is (n, dimension)."""
    from rapidfuzz import fuzz

    intents = np.array([e.intent for e in examples], dtype=object)
    duplicates = []
    crossing: Counter[tuple[str, str]] = Counter()
    for start in range(0, len(examples), _BLOCK):
        cosines = embeddings[start : start + _BLOCK] @ embeddings.T
        rows = np.arange(len(cosines))
        cosines[rows, rows + start] = -1
        nearest = cosines.argmax(axis=1)
        crossing.update(zip(intents[start : start + _BLOCK], intents[nearest], strict=True))
        for i, j in np.argwhere(cosines >= _NEAR):
            a, b = examples[start + int(i)], examples[int(j)]
            differ = start + i < j and a.intent != b.intent
            if differ and fuzz.ratio(a.text.lower(), b.text.lower()) >= _ALIKE:
                duplicates.append((a.text, a.intent, b.text, b.intent))
    counts = Counter(intents.tolist())
    overlaps = [
        (x, y, n / counts[x])
        for (x, y), n in crossing.items()
        if x != y and n >= _OVERLAP * counts[x]
    ]
    return DataReport(conflicts, duplicates, sorted(overlaps, key=lambda o: -o[2]))
