"""Promises of `nlp.text.clean`."""

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.text.clean import clean, normalise

# Lone surrogates included: JSON can carry them, and Postgres refuses them.
ANY_TEXT = st.text(st.characters())
MASKED = st.lists(
    st.sampled_from(
        [
            *"x/-*•{}7 a(\n",
            *["XX", "XXXX", "xx", "**", "$1.00", "1234", "<CARD>", "<PERSON>", "<CA", "RD>"],
        ]
    ),
    max_size=12,
).map("".join)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  cafe\u0301 \n", "caf\u00e9"),
        ("a\0b\x07c\x7f", "abc"),
        ("one\r\ntwo\rthree\u2028four", "one\ntwo\nthree\nfour"),
        ("pay \u202egnp.exe\u202c now", "pay gnp.exe now"),
        ("4111\u200b1111\u00ad1111\u20601111", "4111111111111111"),
        ("bad \ud83d half", "bad  half"),
        ("\u0645\u0631\u062d\u0628\u0627 \U0001f468\u200d\U0001f467 \u2764\ufe0f",) * 2,
        ("tab\there\n\nkept", "tab\there\n\nkept"),
    ],
)
def test_cleans(text: str, expected: str) -> None:
    """Invisible characters go; accents, emoji, right-to-left text and line breaks stay."""
    assert clean(text) == expected


@given(ANY_TEXT)
def test_cleaning_is_idempotent_and_storable(text: str) -> None:
    """A cleaned text is stable, encodable and without control characters, whatever the input."""
    once = clean(text)
    assert clean(once) == once
    assert once.encode("utf-8").decode("utf-8") == once
    assert all(c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cs"} for c in once)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("my card <CARD> is  lost\n\nhelp", "my card is lost help"),
        ("paid XXXX on XX/XX/2022, again XX/XX/XXXX", "paid on , again"),
        ("card XXXX-XXXX-XXXX-1234 or ****1234 or 4111XXXXXXXX1111", "card or or"),
        ("onXX/XX/XXXX the XXXXloan", "on the loan"),
        ("charged {$123.00} and {$1,000}", "charged $123.00 and $1,000"),
        ("<CARD> XXXX <PERSON>", ""),
        ("XXL shirt, thanks xx, **bold**, 12/03/2024",) * 2,
    ],
)
def test_normalises(text: str, expected: str) -> None:
    """Placeholders and masks are removed; what only looks like one stays."""
    assert normalise(text) == expected


@given(st.one_of(ANY_TEXT, MASKED))
def test_normalising_is_idempotent(text: str) -> None:
    """A normalised text has no placeholder, `XXXX` or double space, and is stable."""
    once = normalise(text)
    assert normalise(once) == once
    assert "XXXX" not in once
    assert "<CARD>" not in once
    assert "  " not in once


@pytest.mark.parametrize("unit", ["1", "1/", "x", "XX ", "*", "{", "{$1}", "<CARD>", "a\u0301"])
def test_long_odd_texts_end_soon(unit: str) -> None:
    """Cleaning 50,000 characters takes well under a second, whatever they are."""
    started = time.process_time()
    normalise(clean((unit * 50_000)[:50_000]))
    assert time.process_time() - started < 2
