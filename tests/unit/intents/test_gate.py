"""Promises of `nlp.intents.gate`: what refuses a challenger, and what does not."""

from collections.abc import Sequence
from itertools import zip_longest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.intents.gate import GateResult, judge
from nlp.records import Prediction

_INTENTS = ("card_lost", "pin_change", "refund")


def _predictions(intents: Sequence[str], *, probability: float = 0.9) -> list[Prediction]:
    """One prediction a message, none of them abstained."""
    return [
        Prediction(str(n), intent, probability, (), abstained=False, reason=None)
        for n, intent in enumerate(intents)
    ]


def _judge(
    gold: Sequence[str],
    champion: Sequence[str],
    challenger: Sequence[str],
    *,
    milliseconds: tuple[float, float] = (0.1, 0.1),
    recall_loss: float = 0.05,
) -> GateResult:
    return judge(
        gold,
        _predictions(champion),
        _predictions(challenger),
        milliseconds=milliseconds,
        recall_loss=recall_loss,
    )


def _wrong(gold: Sequence[str], rows: Sequence[int]) -> list[str]:
    """The gold labels, with another intent at `rows`."""
    answers = list(gold)
    for row in rows:
        answers[row] = _INTENTS[(_INTENTS.index(gold[row]) + 1) % len(_INTENTS)]
    return answers


def test_a_challenger_that_answers_alike_passes() -> None:
    """Nothing changed is no reason against a model."""
    gold = [*_INTENTS * 10]
    result = _judge(gold, gold, gold)
    assert result.passed
    assert (result.won, result.lost, result.changed) == (0, 0, 0.0)
    assert result.record()["verdict"] == "pass"
    assert "**Passes the gate.** Both judged on the same 30 held-out messages." in result.markdown()


@pytest.mark.parametrize(("lost", "passes"), [(4, True), (5, False)])
def test_losses_beyond_chance_refuse(lost: int, passes: bool) -> None:
    """McNemar's exact test: of five changes to the worse, one in 32 is chance; of four, 1 in 16.

    They are spread over the intents, so that no single one loses three.
    """
    gold = [*_INTENTS * 20]
    result = _judge(gold, gold, _wrong(gold, range(lost)), recall_loss=1.0)
    assert result.p_worse == pytest.approx(0.5**lost)
    assert result.passed is passes
    assert passes or "accuracy 0.917 against 1.000 (p = 0.031)" in result.reasons[0]


def test_as_many_won_as_lost_is_no_loss() -> None:
    """A model that errs elsewhere as often is as good."""
    gold = [*_INTENTS * 20]
    result = _judge(gold, _wrong(gold, range(9)), _wrong(gold, range(9, 18)), recall_loss=1.0)
    assert (result.won, result.lost) == (9, 9)
    assert result.changed == pytest.approx(18 / 60)
    assert result.passed


def test_an_intent_must_not_pay_for_the_others() -> None:
    """More right in all, but one intent loses three of six: refused, with the recalls."""
    gold = ["refund"] * 6 + ["card_lost"] * 30
    champion = _wrong(gold, range(6, 16))
    result = _judge(gold, champion, _wrong(gold, range(3)))
    assert result.losses == {"refund": (1.0, 0.5)}
    assert result.challenger["accuracy"] > result.champion["accuracy"]
    assert result.record()["verdict"] == "refund falls from recall 1.00 to 0.50"


def test_two_messages_of_a_rare_intent_are_chance() -> None:
    """Two of four lost is half the recall, but could be luck."""
    gold = ["refund"] * 4 + ["card_lost"] * 30
    assert _judge(gold, gold, _wrong(gold, range(2))).passed


def test_a_model_that_is_surer_than_it_may_be_is_refused() -> None:
    """The same answers with probabilities that say less about them are worse."""
    gold = [*_INTENTS * 20]
    answers = _wrong(gold, range(6))
    result = judge(
        gold,
        _predictions(answers, probability=0.9),
        _predictions(answers, probability=0.99),
        milliseconds=(0.1, 0.1),
        recall_loss=0.05,
    )
    assert result.reasons == ["calibration error 0.090 against 0.000"]


@pytest.mark.parametrize(
    ("milliseconds", "passes"),
    [((0.1, 0.9), True), ((1.0, 1.9), True), ((1.0, 2.1), False), ((0.4, 1.1), False)],
)
def test_slower_counts_where_somebody_would_notice(
    milliseconds: tuple[float, float], passes: bool
) -> None:
    """Twice the time is refused, but below a millisecond nobody notices."""
    gold = [*_INTENTS * 10]
    result = _judge(gold, gold, gold, milliseconds=milliseconds)
    assert result.passed is passes
    assert passes or result.reasons[0].endswith(f"against {milliseconds[0]:.2f}")


def test_nothing_to_judge_on_is_no_error() -> None:
    """Without a held-out message all figures are 0, and nothing stands against the model."""
    result = _judge([], [], [])
    assert result.n_messages == 0
    assert result.champion["accuracy"] == result.challenger["accuracy"] == 0.0
    assert result.passed


_ROWS = st.lists(st.tuples(*[st.sampled_from(_INTENTS)] * 3), min_size=1, max_size=60)


@given(rows=_ROWS)
def test_the_figures_add_up(rows: list[tuple[str, str, str]]) -> None:
    """Won less lost is the difference in right answers; a copy of the champion always passes."""
    gold, champion, challenger = (list(column) for column in zip_longest(*rows))
    result = _judge(gold, champion, challenger)
    right = (result.challenger["accuracy"] - result.champion["accuracy"]) * len(rows)
    assert result.won - result.lost == pytest.approx(right)
    assert result.won + result.lost <= result.changed * len(rows) + 1e-9
    assert all(after < before for before, after in result.losses.values())
    assert _judge(gold, champion, champion).passed
