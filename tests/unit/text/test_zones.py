"""Promises of `nlp.text.zones` on any text: nothing lost, no errors, linear time."""

import time
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.states import Zone
from nlp.text.zones import Part, own_words, readable_lines, zones_of

ANY_TEXT = st.text(st.characters())
LINES = st.lists(
    st.one_of(
        st.sampled_from(
            [
                *(
                    "",
                    "Hi Ann,",
                    "Hello",
                    "It leaks.",
                    "Can I return it?",
                    "Thanks",
                    "Kind regards,",
                ),
                *(
                    "Ann Poole",
                    "-- ",
                    "_____",
                    "> quoted",
                    ">> deeper",
                    "Order: 4411",
                    "Message: it leaks",
                ),
                *("From: Ann <a@b.example>", "Sent: 6 February 2026 14:05", "To: me", "Subject: x"),
                *(
                    "On 6 Feb 2026 at 14:05, Ann <a@b.example> wrote:",
                    "Sent from my iPhone",
                    "01632 960001",
                ),
                *("This message is confidential and intended for the recipient.", "PS: call me"),
            ]
        ),
        st.text(st.characters(exclude_characters="<>&=\r\x0b\x0c\x85\u2028\u2029"), max_size=20),
    ),
    max_size=14,
)
SENTENCES = [
    "I lost my card and need a new one.",
    "Hi, my transfer has not arrived",
    "why was i charged twice??",
    "Hello there, can you help me please",
    "  spaces around  ",
    "Mein Konto ist gesperrt – was nun?",
    "為什麼我的卡被拒絕？",
    "Error: card declined",
    "thank you for nothing, my card is still blocked",
    "Thanks for the card, but it does not work",
    "> 50 % of my payments fail",
]
UNITS = [
    *(
        "<div>",
        "<a ",
        "<!--",
        "<",
        "&",
        ">",
        ">\n",
        "> x\n\n",
        "> > > x\n",
        "\n",
        " ",
        "_____\n",
        "-- \n",
    ),
    *(
        "From: a@b\n",
        "On 3 Mar wrote:\n",
        "x wrote:\n> y\nz\n",
        "Thanks\nTom\n\n",
        "Label: value 1\n",
    ),
    *(
        "QUJDREVGR0g1",
        "data:image/png;base64,AAAA ",
        "=C3=A9=\n",
        "Ã©",
        "<blockquote>x",
        "---x---\n",
    ),
    *(
        "<font color=1><b>",
        "Content-Type: a\n--boundary\n",
        "Content-Type: message/rfc822\n\n",
        "a@b ",
        "你好",
        "confidential mail\n",
        "1 2 ",
    ),
]


def visible(text: str) -> Counter[str]:
    return Counter(character for character in text if not character.isspace())


@pytest.mark.parametrize("text", SENTENCES)
def test_one_plain_sentence_is_unchanged(text: str) -> None:
    """A message of one plain sentence is returned unchanged as one OWN part."""
    assert zones_of(text) == (Part(Zone.OWN, text),)


@pytest.mark.parametrize("text", ["", " ", "\n\t\n", "<br>", "<p>&nbsp;</p>"])
def test_blank_text_has_no_parts(text: str) -> None:
    """A blank text has no parts and no own words."""
    assert zones_of(text) == ()
    assert own_words(()) == ""


@given(ANY_TEXT)
def test_any_text_is_divided_without_loss(text: str) -> None:
    """No text raises an error; everything readable is in exactly one part; results are stable."""
    parts = zones_of(text)
    whole = "" if text.isspace() else "".join(line.text for line in readable_lines(text))
    assert visible("".join(part.text for part in parts)) == visible(whole)
    assert parts == zones_of(text)


@given(LINES)
def test_mail_is_divided_without_loss(lines: list[str]) -> None:
    """Every visible character of a plain mail is in exactly one part, in order."""
    text = "\n".join(lines)
    parts = zones_of(text)
    whole = "".join(line.text for line in readable_lines(text))
    assert "".join("".join(part.text for part in parts).split()) == "".join(whole.split())
    assert all(part.text.strip() for part in parts)


@pytest.mark.parametrize(
    "around", [("Hi Ann,\n\n", "\n\nRegards\nTom"), ("", "\n\n> What leaks?"), ("", "")]
)
def test_own_words_are_their_own(around: tuple[str, str]) -> None:
    """Dividing the own words of a message again gives only own words."""
    own = own_words(zones_of(f"{around[0]}It leaks.\nSince Friday I cannot use it.{around[1]}"))
    assert zones_of(own) == (Part(Zone.OWN, own),)


@pytest.mark.parametrize("unit", UNITS)
def test_time_grows_linearly(unit: str) -> None:
    """Twice the text takes about twice the time, whatever is repeated."""
    seconds = []
    for n_chars in (50_000, 100_000):
        text = "My card.\n" + (unit * n_chars)[:n_chars]
        seconds.append(min(_seconds(text) for _ in range(2)))
    assert seconds[1] < 3 * seconds[0] + 1


def _seconds(text: str) -> float:
    started = time.process_time()
    zones_of(text)
    return time.process_time() - started


def test_two_megabytes_of_base64_around_a_sentence() -> None:
    """A screenshot pasted into a message costs no more than a moment."""
    picture = "iVBORw0KGgoAAAANSUhEUgAA1b" * 80_000
    started = time.process_time()
    parts = zones_of(f'It leaks.\n<img src="data:image/png;base64,{picture}">\nSee the base.')
    assert own_words(parts) == "It leaks.\n[image]\nSee the base."
    assert time.process_time() - started < 2
