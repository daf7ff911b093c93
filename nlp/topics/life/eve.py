"""The topics on the eve of a day: those the last run left, and those people restored since."""

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from nlp.states import LabelSource


@dataclass(frozen=True, slots=True)
class Candidate:
    """A topic that may stand on the eve, with what is known of it before the day."""

    topic_id: int
    known_on: dt.date | None
    """The day of its latest state; None where a person split it off and no run has seen it."""
    label_source: LabelSource
    was_unmerged: bool
    """A person restored it after a merge."""
    retired_on: dt.date | None
    """The day on which a run last retired it."""
    is_decided: bool
    """See `nlp.lives.Life.is_decided`."""

    @property
    def is_held(self) -> bool:
        """See `nlp.lives.Life.is_held`."""
        return self.is_decided or self.label_source == LabelSource.PERSON


def standing(
    candidates: Iterable[Candidate], *, eve: dt.date | None, gone: Collection[int]
) -> list[Candidate]:
    """Return those that stand on the eve, in order of id.

    `eve` is the last day that was discovered before the day; `gone` are the topics that people
    merged away. A topic that the run of the eve did not see stands if a person split it off, or
    restored it and it has not retired since.
    """
    latest: dict[int, Candidate] = {}
    for one in sorted(candidates, key=lambda c: c.known_on or dt.date.max):
        latest[one.topic_id] = one
    return [
        one
        for topic, one in sorted(latest.items())
        if topic not in gone and (one.known_on in (None, eve) or _is_back(one, one.known_on))
    ]


def _is_back(one: Candidate, known_on: dt.date | None) -> bool:
    return one.was_unmerged and (
        one.retired_on is None or known_on is None or one.retired_on < known_on
    )
