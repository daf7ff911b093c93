"""No text of 50,000 characters takes long on its way through `nlp.text`."""

import time
from itertools import cycle, islice

import pytest

from nlp.text.clean import clean, normalise
from nlp.text.redact import Redactor
from nlp.text.sentences import sentences
from nlp.text.zones import separate_own_words

N_CHARS = 50_000
SECONDS = 1.5
"""The promise is .5 s on an idle machine; the bound leaves room for slow ones."""
REDACTOR = Redactor()
CHARACTERS = [
    *"aZ01 .,;:!?-_/\\|()[]{}<>@#$£%&*+=~^`'\"\n\t",
    *(
        "é",
        "ß",
        "ا",
        "漢",
        "。",
        "１",
        "²",
        "😀",
        "\ud83d",
        "\udc00",
        "\u0301",
        "\u200b",
        "\u200d",
        "\u034f",
    ),
    *(
        "\u00a0",
        "\u2028",
        "\ufe0f",
        "\u20e3",
        "\u202e",
        "\x00",
        "\ufffd",
        "ﬀ",
        "–",
        "…",
        "“",
        "\U000e0041",
    ),
]
PREFIXES = [
    *("1 ", "12 ", "07 ", "+1(", "(0", "1.", "1,", "1/", "1-", "1:", "00:", "a:", "::", "1.1.1.1 ", "0x", "4111 "),
    *("4111-", "4111, ", "DE89", "DE89 ", "ab12", "AB 12 34 56 C ", "A1 1AA ", "{1", "{$1}", "{{1}}", "XX", "XX/"),
    *("x-", "**1", "a@", "a@b.", "@b.", "a.", "://", "a://b", "http://a@", "https://x?token=", "www.", "&nbsp;", "&#", "&"),
    *("&lt;", "<b>", "</b>", "<a ", "<!--", "<div>", "<div><p>", "<table><tr><td>", "<!DOCTYPE", "<img src=", "<style>"),
    *("> ", ">", ">> ", "--\n", "-- \n", "___\n", "=20", "=3D", "=\n", "QUJD", "QUJDREVG\n", "data:image/png;base64,A"),
    *("![](", "](", "Content-Type: ", "--abcdef\ncontent-", "MIME-Version: ", "boundary=", "On Mon, 3 Mar wrote:\n"),
    *("On 3 March 2026 at 09:12 ", "From: a\n", "From: ", "Sent: 1\n", "name: b\n", "Name: ", "Re: ", "Dear ", "Hi ", "Hi Ann, "),
    *("Thanks, ", "Regards\n", "Regards\nAnn\n", "Sent from my iPhone\n", "Ann ", "Ann Bo ", "ANN ", "A. ", "Ann de ", "de ", "O'"),
    *("a'", "a-", "Mr ", "my name is ", "told ", "I am ", "account ", "account 1", "account: ", "sort code ", "pin ", "pin 1"),
    *("password ", "password is ", "password: a", "code ", "the code ", "otp 12", "cvv ", "passport ", "passport A", "ni ", "born "),
    *("born 1 ", "1 January ", "IBAN ", "card ", "card 4", "visa 4111 ", "1 Ab ", "12 High ", "12 a ", "12 Rue ", "rue ", "Am ", "Flat 1, "),
    *("address: ", "my address is 1 ", "12 Mill Lane, ", "NY 12207 ", "12345 Köln ", "e\u0301", "1\ufe0f\u20e3", "a\u200b", "4\u200d"),
]  # fmt: skip
PAIRS = [f"{a}{b}" for a, b in zip(PREFIXES, islice(cycle(CHARACTERS), 7, None), strict=False)]
UNITS = [*CHARACTERS, *PREFIXES, *PAIRS]


def whole_way(text: str) -> None:
    """Take a text through all that is done to it but language and embedding."""
    words, parts = separate_own_words(text)
    for part in (words, *(part.text for part in parts)):
        redacted = REDACTOR.redact(clean(part)).text
        sentences(redacted)
        normalise(redacted)


def seconds(text: str) -> float:
    """Return the processor's seconds."""
    started = time.process_time()
    whole_way(text)
    return time.process_time() - started


def test_there_are_enough_texts() -> None:
    """At least 200 texts are tried, each another one."""
    assert len(set(UNITS)) >= 200


@pytest.mark.parametrize("unit", UNITS, ids=ascii)
def test_each_ends_soon(unit: str) -> None:
    """A text that repeats one sign or one beginning of a pattern takes no longer than prose."""
    whole_way("Hi Ann, call 07700 900123")
    assert seconds((unit * N_CHARS)[:N_CHARS]) < SECONDS


@pytest.mark.parametrize("unit", ["1", "{", "1.", "a ", "Ann ", "> a\n", "<div>", "12 High ", "{1"])
def test_twice_the_text_takes_twice_the_time(unit: str) -> None:
    """The time grows with the length, and not with its square."""
    short, long = ((unit * n)[:n] for n in (60_000, 120_000))
    whole_way(short[:1_000])
    least = min(seconds(short) for _ in range(3))
    assert min(seconds(long) for _ in range(3)) < 2.6 * least + 0.05


@pytest.mark.parametrize("depth", [100, 25_000])
def test_nested_braces_are_one_amount(depth: int) -> None:
    """Nested braces around an amount go at once, as deep as they may be."""
    assert normalise("{" * depth + "$5.20" + "}" * depth) == "$5.20"
