"""How filler is left out, and how a message is cut into passages."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.records import Floats
from nlp.text.passages import cut, mean_rows, passages_of, spans_of, worth
from nlp.text.sentences import sentences

_AXES = np.eye(8, dtype=np.float32)


def _rows(kinds: str) -> Floats:
    """One embedding per letter; equal letters are close together."""
    rng = np.random.default_rng(1)
    rows = np.stack([_AXES["abcdefgh".index(kind)] for kind in kinds])
    rows = rows + rng.normal(scale=0.02, size=rows.shape)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def _worth(messages: list[str], *, verbatim: str = "", n_alike: int = 5) -> dict[str, list[float]]:
    """The worth of sentences by letter; sentences of a letter in `verbatim` are one text."""
    kinds = "".join(messages)
    names = [kind if kind in verbatim else f"{kind}{n}" for n, kind in enumerate(kinds)]
    texts = sorted(set(names))
    rows = _rows("".join(text[0] for text in texts))
    text_of = np.array([texts.index(name) for name in names])
    result = worth(rows, text_of, [len(m) for m in messages], n_alike=n_alike)
    return {
        k: [float(w) for kind, w in zip(kinds, result, strict=True) if kind == k] for k in kinds
    }


@pytest.mark.parametrize("verbatim", ["", "g", "gab"])
def test_what_always_has_company_is_filler(verbatim: str) -> None:
    """A subject stands alone in some messages; a greeting never does, in one wording or in many."""
    messages = ["a", "b", "ga", "gb", "a", "gab", "b", "ga", "gb", "ab"] * 3
    result = _worth(messages, verbatim=verbatim)
    assert min(result["a"] + result["b"]) > 0.9
    assert max(result["g"]) < 0.5


def test_what_is_said_often_in_the_same_words_is_judged_by_these() -> None:
    """A repeated sentence is judged by all its copies, not by the first few."""
    odd = ["gh", "gc"] * 6  # beside sentences that never stand alone
    result = _worth([*odd, *["ga", "gb", "a", "b"] * 20], verbatim="g")
    assert max(result["g"]) < 0.5


def test_nothing_is_filler_where_every_message_is_one_sentence() -> None:
    """A sentence that is the whole message has a worth of 1."""
    result = _worth(list("abcabcabc"), n_alike=2)
    assert {w for of_letter in result.values() for w in of_letter} == {1.0}


@pytest.mark.parametrize("message", ["ag", "aa", "aag"])
@pytest.mark.parametrize("verbatim", ["", "a"])
def test_a_message_does_not_speak_for_its_own_sentences(message: str, verbatim: str) -> None:
    """In a single message, all sentences have the same worth."""
    result = _worth([message], verbatim=verbatim)
    assert {w for of_letter in result.values() for w in of_letter} == {1.0}


@given(st.lists(st.text("abgh", min_size=1, max_size=4), min_size=1, max_size=12), st.data())
def test_any_messages_have_finite_worth(messages: list[str], data: st.DataObject) -> None:
    """Every worth is finite and not negative."""
    verbatim = data.draw(st.text("abgh", max_size=3))
    values = [w for of_letter in _worth(messages, verbatim=verbatim).values() for w in of_letter]
    assert np.isfinite(values).all()
    assert min(values) >= 0


@pytest.mark.parametrize(
    ("nearness", "expected"),
    [
        ([0.5, 0.6, 0.5], [(0, 2)]),  # the whole is nearer than its parts
        ([0.8, 0.6, 0.7], [(0, 1), (1, 2)]),
        ([0.6, 0.6, 0.6], [(0, 2)]),  # nothing is gained
        ([0.9, 0.6, 0.2], [(0, 2)]),  # one good part does not make up for a bad one
    ],
)
def test_a_cut_earns_its_place(nearness: list[float], expected: list[tuple[int, int]]) -> None:
    """A cut is made only if its parts are nearer to other messages, on average, than the whole."""
    assert cut(2, nearness) == expected


@given(st.integers(1, 6), st.data())
def test_a_cut_is_the_best_of_all(n: int, data: st.DataObject) -> None:
    """Parts are in order and cover everything, and no other cut has a higher mean."""
    spans = spans_of(n)
    values = data.draw(st.lists(st.floats(-1, 1), min_size=len(spans), max_size=len(spans)))
    value = dict(zip(spans, values, strict=True))
    result = cut(n, values)
    assert [a for a, _ in result] + [n] == [0, *(b for _, b in result)]
    every = [
        [0, *(i for i in range(1, n) if marks >> (i - 1) & 1), n] for marks in range(2 ** (n - 1))
    ]
    means = [np.mean([value[part] for part in pairwise(ends)]) for ends in every]
    assert np.mean([value[part] for part in result]) == pytest.approx(max(means))


def test_a_message_of_one_passage_keeps_its_text() -> None:
    """The text is unchanged, line breaks included, and the passage has the message's id."""
    text = "My card is gone.\n\nI need another one."
    (passage,) = passages_of("m", text, sentences(text), [(0, 2)])
    assert (passage.passage_id, passage.n, passage.text) == ("m", 1, text)
    assert (passage.start, passage.stop) == (0, len(text))


def test_the_passage_that_says_most_is_the_first() -> None:
    """The first has the message's id, the others stable ids; offsets give their positions."""
    text = "Gone. And how do I order another card for my sister?"
    first, second = passages_of("m", text, sentences(text), [(0, 1), (1, 2)])
    assert first.text.startswith("And how")
    assert text[second.start : second.stop] == second.text == "Gone."
    assert first.passage_id == "m" != second.passage_id
    assert passages_of("m", text, sentences(text), [(0, 1), (1, 2)])[1] == second


def test_what_was_left_out_is_not_in_the_passage() -> None:
    """The text skips the filler; the offsets span it."""
    text = "My card is gone. Sorry for the long mail. I need another one."
    spans = sentences(text)
    (passage,) = passages_of("m", text, [spans[0], spans[2]], [(0, 2)])
    assert passage.text == "My card is gone. I need another one."
    assert text[passage.start : passage.stop] == text


def test_a_mean_has_length_one() -> None:
    """Means have length 1, and the mean of one row is that row."""
    rows = _rows("ab")
    assert np.allclose(np.linalg.norm(mean_rows(rows, [(0, 2), (0, 1)]), axis=1), 1)
    assert np.allclose(mean_rows(rows, [(0, 1)])[0], rows[0], atol=1e-6)
