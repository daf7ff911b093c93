"""Where sentences start and end."""

import time

from hypothesis import given
from hypothesis import strategies as st

from nlp.text.sentences import sentences


def _texts_of(text: str) -> list[str]:
    return [text[a:b] for a, b in sentences(text)]


def test_marks_and_line_breaks_end_a_sentence() -> None:
    """A sentence ends at a mark, a closing quote or bracket after it, or a line break."""
    text = 'My card is gone. He said "pay now." (Really?) Help\nTwo lines'
    words = ["My card is gone.", 'He said "pay now."', "(Really?)", "Help", "Two lines"]
    assert _texts_of(text) == words


def test_a_sentence_ends_without_a_blank_where_the_script_has_none() -> None:
    """Chinese and Japanese marks end a sentence without a space."""
    assert _texts_of("卡丢了。我怎么办。谢谢") == ["卡丢了。", "我怎么办。", "谢谢"]


def test_a_point_within_a_word_ends_nothing() -> None:
    """Points in amounts, versions and addresses do not end a sentence."""
    text = "I paid 12.50 at shop.example for v8.2"
    assert _texts_of(text) == [text]


def test_a_long_message_has_few_sentences_and_loses_none() -> None:
    """Neighbouring sentences are joined above a limit, so that cutting stays fast."""
    text = " ".join(f"This is number {n}." for n in range(1, 200))
    spans = sentences(text)
    assert len(spans) == 40
    assert " ".join(text[a:b] for a, b in spans) == text


@given(st.text(alphabet='ab.?! \n"。', max_size=60))
def test_no_letter_lies_between_sentences(text: str) -> None:
    """Sentences are in order, not empty and stripped; only whitespace and marks are left out."""
    spans = sentences(text)
    assert all(text[a:b].strip() == text[a:b] != "" for a, b in spans)
    words = "".join(text[a:b] for a, b in spans)
    assert list(filter(str.isalnum, words)) == list(filter(str.isalnum, text))
    assert bool(spans) == bool(text.strip())


def test_an_emoji_after_a_sentence_is_none() -> None:
    """An emoji is a sentence only if it is the whole text."""
    text = "It failed again. \U0001f621 Why?\n\U0001f937"
    assert [text[a:b] for a, b in sentences(text)] == ["It failed again.", "\U0001f621 Why?"]
    assert sentences("\U0001f44d") == [(0, 1)]


def test_it_takes_linear_time() -> None:
    """Ten times the text takes about ten times as long, whatever the characters."""
    for piece in (" ", '."', ".", "\n", "a. ", ">" * 3):
        started = time.perf_counter()
        sentences(piece * 300_000)
        assert time.perf_counter() - started < 5
