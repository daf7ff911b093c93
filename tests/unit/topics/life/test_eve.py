"""Which topics stand on the eve of a day, by what is known before it."""

import datetime as dt
from dataclasses import replace

import pytest

from nlp.topics.life.eve import Candidate, standing

EVE = dt.date(2026, 3, 9)
BEFORE = EVE - dt.timedelta(3)
TOPIC = Candidate(
    20260302001,
    BEFORE,
    label_source="model",  # type: ignore[arg-type]
    was_unmerged=False,
    retired_on=None,
    is_decided=False,
)


@pytest.mark.parametrize(
    ("changes", "stands"),
    [
        ({"known_on": EVE}, True),
        ({"known_on": None}, True),
        ({}, False),
        ({"was_unmerged": True}, True),
        ({"was_unmerged": True, "retired_on": BEFORE - dt.timedelta(1)}, True),
        ({"was_unmerged": True, "retired_on": BEFORE}, False),
        ({"was_unmerged": True, "retired_on": EVE}, False),
    ],
)
def test_a_topic_stands_that_the_last_run_saw_or_a_person_brought_back(
    changes: dict[str, object], stands: bool
) -> None:
    """One that the eve's run left out stands only if a person restored it, until it retires."""
    result = standing([replace(TOPIC, **changes)], eve=EVE, gone=())  # type: ignore[arg-type]
    assert bool(result) == stands


def test_what_people_merged_away_does_not_stand() -> None:
    """Not even where the run of the eve saw it."""
    one = replace(TOPIC, known_on=EVE)
    assert standing([one], eve=EVE, gone={TOPIC.topic_id}) == []


def test_of_two_states_the_latest_counts_and_the_order_is_by_id() -> None:
    """A topic that was unmerged and that the last run saw stands once, in that run's state."""
    old, new = replace(TOPIC, was_unmerged=True), replace(TOPIC, known_on=EVE)
    earlier = replace(TOPIC, topic_id=20260301001, known_on=EVE)
    assert standing([new, earlier, old], eve=EVE, gone=()) == [earlier, new]


@pytest.mark.parametrize(
    ("source", "is_decided", "is_held"),
    [("model", False, False), ("person", False, True), ("model", True, True)],
)
def test_a_person_holds_what_is_named_or_decided(
    source: str, is_decided: bool, is_held: bool
) -> None:
    """A name that a person gave holds a topic as a merge or split does."""
    one = replace(TOPIC, label_source=source, is_decided=is_decided)  # type: ignore[arg-type]
    assert one.is_held == is_held
