"""How mail programs format a mail and its quotes."""

import datetime as dt
from dataclasses import replace

import pytest

from nlp.apps.sample.mail.markup import document, is_html
from nlp.apps.sample.mail.people import customer
from nlp.apps.sample.mail.programs import HARD_SPACE, PROGRAMS, Program, Turn, plain, shortened
from nlp.apps.sample.mail.wrap import planted_around
from tests.sample_inbox import readable

_LONG = "The card machine at Kettle & Crumb said no three times in a row, with a queue behind me."


def _turn(program: Program, words: str, *, earlier: Turn | None = None) -> Turn:
    return Turn(
        sender="Anna Nowak",
        sender_address="anna.nowak@example.org",
        to="The Bank",
        to_address="bank@example.org",
        moment=dt.datetime(2026, 3, 3, 9, 12, tzinfo=dt.UTC),
        subject="Card",
        blocks=("Hello,", words),
        signature="Anna",
        disclaimer="",
        program=program,
        earlier=earlier,
    )


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.name)
def test_plain_mail_tells_the_quote_from_the_words(program: Program) -> None:
    """A quote starts with its sender; its lines are marked unless headers separate it."""
    text = plain(_turn(program, _LONG, earlier=_turn(program, "What came before.")))
    words, quote = text.index("The card machine"), text.index("What came before.")
    assert "Anna Nowak" in text[: max(words, quote)]
    assert (quote < words) == program.answers_below
    assert ("> What came before." in text) == (program.manner == "wrote")
    assert " ".join(text.split()).count(_LONG) == 1


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.name)
def test_html_mail_reads_like_the_plain_one(program: Program) -> None:
    """HTML is escaped, closes its tags, and contains the words of the mail."""
    page = document(_turn(program, _LONG, earlier=_turn(program, "What came <b>efore.")))
    assert is_html(page)
    assert "Kettle &amp; Crumb" in page
    assert "What came &lt;b&gt;efore." in page
    assert _LONG in readable(page)
    for tag in ("div", "p", "blockquote", "body"):
        assert page.count(f"<{tag}>") + page.count(f"<{tag} ") == page.count(f"</{tag}>"), tag


def test_lines_are_broken_between_words_and_not_in_personal_data() -> None:
    """A program with a line length keeps to it, but never breaks at a hard space."""
    gmail = PROGRAMS[0]
    value = HARD_SPACE.join(["4242"] * 12)
    lines = plain(_turn(gmail, f"{_LONG} {value} {_LONG}")).split("\n")
    assert all(len(line) <= gmail.width for line in lines)
    assert [line for line in lines if value in line]


def test_a_mail_quotes_only_the_last_ones() -> None:
    """A mail in a long conversation quotes only the given number of earlier mails."""
    turn = _turn(PROGRAMS[0], "mail 0")
    for n in range(1, 6):
        turn = _turn(PROGRAMS[0], f"mail {n}", earlier=turn)
    short = shortened(turn, n_quoted=2)
    assert short is not None
    words = [f"mail {n}" in plain(short) for n in range(6)]
    assert words == [False, False, False, True, True, True]


def test_a_customer_writes_the_same_way_every_time() -> None:
    """A customer depends only on the number, and signs with their own name."""
    one = customer(17)
    customer.cache_clear()
    assert customer(17) == one
    signers = [customer(n) for n in range(300) if customer(n).personal]
    assert len(signers) > 50
    assert all(p.name in p.signature.replace(HARD_SPACE, " ") for p in signers)


def test_names_are_recorded_as_they_are_written() -> None:
    """Names are found as whole words, in the case in which they are written."""
    tom, mei = replace(customer(1), first="Tom", last="Hollis"), replace(customer(2), first="Mei")
    assert planted_around("custom cheers, tom", [tom, mei], []) == [("PERSON", "tom", "around")]
    assert planted_around("A customer", [tom], [("PHONE", "12")]) == []
