"""Promises of `nlp.intents.checks`: what is reported, left out or refused before a training."""

import numpy as np
import pytest

from nlp.errors import LabelError, TrainingError
from nlp.intents.checks import (
    DataReport,
    check_enough,
    check_taxonomy,
    learnable,
    report,
    resolve_labels,
)
from nlp.records import Floats, Intent, LabelledExample


def _examples(*pairs: tuple[str, str]) -> list[LabelledExample]:
    return [LabelledExample(text, intent) for text, intent in pairs]


def _rows(*angles: float) -> Floats:
    """Directions in a plane, in degrees."""
    at = np.radians(angles)
    return np.stack([np.cos(at), np.sin(at)], axis=1).astype(np.float32)


def test_a_correction_outranks_the_file() -> None:
    """A person's later word about the same text counts alone, however the text is spaced."""
    kept, conflicts = resolve_labels(
        _examples(("Where is  my card?", "card_lost"), ("Change my pin", "pin_change")),
        _examples(("Where is my card?", "card_arrival")),
    )
    assert [(e.text, e.intent) for e in kept] == [
        ("Change my pin", "pin_change"),
        ("Where is my card?", "card_arrival"),
    ]
    assert conflicts == []


def test_people_who_disagree_are_both_left_out() -> None:
    """A text with two labels of the same rank is no example; both are named."""
    kept, conflicts = resolve_labels(
        _examples(("Change my pin", "pin_change")),
        _examples(("Change my pin", "card_lost"), ("Change my pin", "app_help")),
    )
    assert kept == []
    assert conflicts == [("Change my pin", ("app_help", "card_lost"))]


@pytest.mark.parametrize(
    ("first", "second"), [("card_lost", "Card lost"), ("card-lost", "CARD LOST"), ("a_b", "a  b")]
)
def test_two_spellings_of_one_name_are_refused(first: str, second: str) -> None:
    """The message names both, and the command that joins them."""
    with pytest.raises(LabelError, match="triage rename-intent") as error:
        check_taxonomy([Intent(first, ""), Intent("refund", ""), Intent(second, "")])
    assert repr(first) in str(error.value)
    assert repr(second) in str(error.value)
    check_taxonomy([Intent(first, ""), Intent("refund", "")])


def test_a_rare_intent_is_left_out_and_the_others_learnt() -> None:
    """An intent with one example, or none, does not stop a training."""
    taxonomy = [Intent(name, "") for name in ("card_lost", "pin_change", "rare", "empty")]
    examples = _examples(
        *((f"lost {n}", "card_lost") for n in range(3)),
        *((f"pin {n}", "pin_change") for n in range(2)),
        ("once", "rare"),
    )
    kept, learnt, left_out = learnable(taxonomy, examples)
    assert [one.name for one in kept] == ["card_lost", "pin_change"]
    assert {e.intent for e in learnt} == {"card_lost", "pin_change"}
    assert left_out == [("rare", 1), ("empty", 0)]
    lines = DataReport(left_out=left_out).left_out_lines()
    assert "one example: 'rare'" in lines[0]
    assert "no example: 'empty'" in lines[1]
    assert all("triage retire-intent" in line for line in lines)


def test_a_taxonomy_without_examples_stays_whole() -> None:
    """Descriptions alone are a cold start, not a mistake."""
    taxonomy = [Intent("card_lost", "a card is gone"), Intent("refund", "money back")]
    assert learnable(taxonomy, []) == (taxonomy, [], [])


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        ([], "There is no labelled example"),
        ([("a", "card_lost"), ("b", "card_lost")], "All examples are of 'card_lost'"),
        ([("a", "x"), ("b", "x"), ("c", "y")], "Of 2 intents .* 1 has two examples"),
    ],
)
def test_what_cannot_be_learnt_says_what_is_missing(
    pairs: list[tuple[str, str]], message: str
) -> None:
    """The error says what there is and what is needed."""
    with pytest.raises(TrainingError, match=f"{message}.*: at least 2 intents with 2 examples"):
        check_enough(_examples(*pairs))


def test_nearly_the_same_text_under_two_intents_is_reported() -> None:
    """Letters decide among texts that lie near each other; the same intent is no finding."""
    examples = _examples(
        ("Where is my new card?", "card_arrival"),
        ("Where is my new card??", "card_lost"),
        ("where is my new card!", "card_arrival"),
        ("I lost everything on the train", "card_lost"),
    )
    found = report(examples, _rows(0, 1, 2, 3), [])
    pairs = {(a, b) for a, _, b, _ in found.near_duplicates}
    assert pairs == {
        ("Where is my new card?", "Where is my new card??"),
        ("Where is my new card??", "where is my new card!"),
    }
    assert len([line for line in found.lines() if line.startswith("Nearly the same")]) == 2


def test_intents_that_lie_in_one_another_overlap() -> None:
    """The share of one intent whose nearest example is of another, the largest first."""
    examples = _examples(*((str(n), "wide") for n in range(4)), ("a", "near"), ("b", "near"))
    overlaps = report(examples, _rows(0, 3, 80, 100, 88, 92), []).overlaps
    assert overlaps == [("wide", "near", 0.5)]


def test_reports_stay_short() -> None:
    """Twenty findings of a kind are read, not two thousand."""
    conflicts = [(f"text {n}", ("a", "b")) for n in range(2_000)]
    assert len(DataReport(conflicts=conflicts).lines()) == 20
