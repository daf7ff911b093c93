"""`nlp.intents.variants`: spellings of one intent are one intent."""

import pytest

from nlp.intents import checks
from nlp.intents.variants import join, key_of
from nlp.records import Intent, LabelledExample


def _examples(*intents: str) -> list[LabelledExample]:
    return [LabelledExample(f"text {n}", intent) for n, intent in enumerate(intents)]


def _names(*intents: str, known: tuple[str, ...] = ()) -> list[str]:
    return [one.intent for one in join(_examples(*intents), known).examples]


@pytest.mark.parametrize(
    ("intents", "known", "names"),
    [
        (("Billing", "billing", "billing"), (), ["billing"] * 3),
        (("Lost card", "lost_card", "LOST-CARD", "LostCard"), (), ["Lost card"] * 4),
        (("Lost card", "lost_card"), ("lost-card",), ["lost-card"] * 2),
        (("a b", "ab", "a_b "), (), ["a b"] * 3),
        (("card", "cards"), (), ["card", "cards"]),
        (("R\u00fcckgabe", "r\u00dcckgabe", "r\u00dcckgabe"), (), ["r\u00dcckgabe"] * 3),
        (("???", "!!!"), (), ["???", "!!!"]),
    ],
)
def test_the_most_frequent_spelling_stands_for_all(
    intents: tuple[str, ...], known: tuple[str, ...], names: list[str]
) -> None:
    """Of equals the first stands, and one that is known already outranks them."""
    assert _names(*intents, known=known) == names


def test_what_was_joined_is_said() -> None:
    """One sentence for each intent with several spellings, none for the others."""
    joined = join(_examples("Pay", "pay ", "pay", "pay", "loan"), ())
    assert joined.lines() == ["Joined as 'pay': 'Pay', 'pay '"]
    assert key_of("Pay-out") == key_of("pay_out")


def test_a_rare_intent_is_left_out_and_the_others_stay() -> None:
    """An intent with one example, or none, is named with its number; the rest can be learnt."""
    labelled = _examples("pay", "pay", "loan", "loan", "gift")
    taxonomy = [Intent(name) for name in ("gift", "loan", "none", "pay")]
    kept, examples, left_out = checks.learnable(taxonomy, labelled)
    assert [one.name for one in kept] == ["loan", "pay"]
    assert len(examples) == 4
    assert left_out == [("gift", 1), ("none", 0)]
    assert checks.learnable(taxonomy, []) == (taxonomy, [], [])
