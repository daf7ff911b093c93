"""Find problems in labelled data before anything is trained on it."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from nlp.errors import LabelError, TrainingError
from nlp.intents.names import readable_name
from nlp.records import Floats, Intent, LabelledExample
from nlp.text.own import own_text

_ALIKE = 90
"""RapidFuzz ratio from which two texts are near-duplicates."""
_NEAR = 0.85
"""Cosine from which two texts are compared letter by letter."""
_OVERLAP = 0.3
"""Two intents overlap when this share of one has its nearest example in the other."""
_MOST_TOLD = 20
_FEWEST = 2
"""Examples from which on an intent can be learnt: one to learn from, one to judge."""
_BLOCK = 1_024


@dataclass(frozen=True, slots=True)
class DataReport:
    """What a person should look at; none of it stops training."""

    conflicts: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    """A text and the intents that it is labelled with; it is left out of training."""
    near_duplicates: list[tuple[str, str, str, str]] = field(default_factory=list)
    """Text and intent, then the other text and its intent; the letters are nearly the same."""
    left_out: list[tuple[str, int]] = field(default_factory=list)
    """An intent that the model does not learn, and how many examples it has: none or one."""
    overlaps: list[tuple[str, str, float]] = field(default_factory=list)
    """Two intents, and the share of the first whose nearest example is of the second."""

    def left_out_lines(self) -> list[str]:
        """One sentence for each text and intent that is not learnt, at most twenty of each kind."""
        return [
            *(
                f"Left out, {'one example' if n else 'no example'}: {intent!r}. Label another, or "
                f"retire it: triage retire-intent {intent}"
                for intent, n in self.left_out[:_MOST_TOLD]
            ),
            *(
                f"Conflict, left out: {text!r} is labelled {' and '.join(intents)}"
                for text, intents in self.conflicts[:_MOST_TOLD]
            ),
        ]

    def lines(self) -> list[str]:
        """One sentence per finding, at most twenty of each kind."""
        return [
            *self.left_out_lines(),
            *(
                f"Nearly the same text: {a!r} is {x}, {b!r} is {y}"
                for a, x, b, y in self.near_duplicates[:_MOST_TOLD]
            ),
            *(
                f"Overlap: {share:.0%} of {x} lie nearest to {y}"
                for x, y, share in self.overlaps[:_MOST_TOLD]
            ),
        ]


def resolve_labels(
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


def check_taxonomy(taxonomy: Sequence[Intent]) -> None:
    """Raise LabelError where two intents have one name.

    Names that differ only in case, spaces or underscores are the same name.
    """
    same: dict[str, list[str]] = defaultdict(list)
    for one in taxonomy:
        same[" ".join(readable_name(one.name).replace("-", " ").split())].append(one.name)
    twice = next((names for names in same.values() if len(names) > 1), None)
    if twice:
        raise LabelError(
            f"Intents {' and '.join(map(repr, twice))} have the same name. Join them: "
            f"triage rename-intent {twice[1]!r} {twice[0]!r}"
        )


def learnable(
    taxonomy: Sequence[Intent], examples: Sequence[LabelledExample]
) -> tuple[list[Intent], list[LabelledExample], list[tuple[str, int]]]:
    """Return what can be learnt, and the intents that cannot with their number of examples.

    One rare intent must not stop all others: it is left out. A taxonomy without any example is a
    cold start and stays whole. Raises TrainingError, as `check_enough` does.
    """
    if not examples:
        return list(taxonomy), [], []
    check_enough(examples)
    counts = Counter(e.intent for e in examples)
    left_out = [(one.name, counts[one.name]) for one in taxonomy if counts[one.name] < _FEWEST]
    names = {one.name for one in taxonomy} - {name for name, _ in left_out}
    kept = [one for one in taxonomy if one.name in names]
    return kept, [e for e in examples if e.intent in names], left_out


def check_enough(examples: Sequence[LabelledExample]) -> None:
    """Raise TrainingError where fewer than two intents have two examples, one label a text."""
    counts = Counter(e.intent for e in examples)
    enough = [name for name, n in counts.items() if n >= _FEWEST]
    if len(enough) > 1:
        return
    what = "There is no labelled example"
    if len(counts) == 1:
        what = f"All examples are of {next(iter(counts))!r}"
    elif counts:
        names = ", ".join(map(repr, list(counts)[:5]))
        what = f"Of {len(counts)} intents ({names}) {len(enough)} has two examples of its own"
    raise TrainingError(f"{what}: at least 2 intents with 2 examples each are needed")


def report(
    examples: Sequence[LabelledExample],
    embeddings: Floats,
    conflicts: list[tuple[str, tuple[str, ...]]],
    left_out: Sequence[tuple[str, int]] = (),
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
    return DataReport(conflicts, duplicates, list(left_out), sorted(overlaps, key=lambda o: -o[2]))
