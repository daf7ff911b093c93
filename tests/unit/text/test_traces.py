"""What labels and notes keep of texts."""

from nlp.text.traces import phrases_in, showing

_TEXTS = ["My card is lost. The zyxquamble ate it on a train", "Ask for Maureen"]


def test_words_sentences_and_parts_are_found() -> None:
    """A note's words that are in the text, a quoted sentence, and a label that is a part of it."""
    strings = ["Zyxquamble!", "He said: the ZYXQUAMBLE ate it, on a train.", "card is lost", "pin"]
    phrases = phrases_in(_TEXTS, strings)
    assert "the zyxquamble ate it on a train" in phrases
    assert "card is lost" in phrases
    assert {"zyxquamble", "card", "train"} <= phrases
    assert not phrases & {"pin", "maureen", "my card is lost"}


def test_no_word_is_found_within_another() -> None:
    """`art` is not in `cart`, neither as a word nor in a phrase."""
    assert phrases_in(["art"], ["cart"]) == set()
    assert showing(["a cart is lost"], {"art", "art is"}) == set()


def test_strings_that_show_a_phrase_are_returned() -> None:
    """Case and marks are ignored; other strings are left out."""
    strings = ["Call Maureen", "call (Jim)", "Card is Lost", "is lost"]
    assert showing(strings, {"maureen", "card is lost"}) == {"Call Maureen", "Card is Lost"}
