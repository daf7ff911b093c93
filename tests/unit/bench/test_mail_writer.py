"""How a customer's requests become a message."""

import numpy as np
import pytest

from bench.mail_phrases import Phrases
from bench.mail_writer import MailWriter, Written

_PHRASES = Phrases(
    greeting=("Dear {agent},",),
    remark=("It rains.",),
    connector=("Also,",),
    closing=("Yours",),
    name=("Ann Lee",),
    signature=("{name}, Acme",),
    disclaimer=("Confidential.",),
    quote_header=("|Yesterday {name} got:",),
    agent=("We are on it.",),
    agent_close=("The team",),
    form=("Name|Order|Text|Call me",),
    machine=("Out of office.",),
)
_REQUESTS = ["where is a < b", "my card is lost"]
_N = 200


def _written(channel: str) -> list[Written]:
    """Many messages of a channel, enough for both results of each random choice."""
    writer = MailWriter(_PHRASES, {"fees": ["why a fee"]}, np.random.default_rng(0))
    return [writer.write(_REQUESTS, channel=channel) for _ in range(_N)]


@pytest.mark.parametrize("channel", ["chat", "app", "web form"])
def test_only_mail_has_quotes_signatures_and_html(channel: str) -> None:
    """Messages of other channels have the requests in order, and nothing of a mail program."""
    for written in _written(channel):
        assert written.quoted_intent is None
        assert written.text.index("here is a < b") < written.text.index("Also, my card is lost")
        assert not any(part in written.text for part in ("Acme", "Confidential", "<div>", "> "))


def test_a_form_names_its_fields() -> None:
    """A web form has the name, an eight-digit number, the text, and an optional last field."""
    for written in _written("web form"):
        name, number, text, *_, last = written.text.split("\n")
        assert (name, last) == ("Name: Ann Lee", "Call me: yes")
        assert number.startswith("Order: ")
        assert len(number.removeprefix("Order: ")) == 8
        assert text.startswith("Text: ")


def test_html_is_escaped() -> None:
    """A customer's `<` is escaped in HTML and kept in plain mail."""
    texts = [w.text for w in _written("email")]
    pages = [t for t in texts if t.startswith("<html>")]
    plain = [t for t in texts if not t.startswith("<html>")]
    assert 0 < len(pages) < _N
    assert all("a &lt; b" in t and "a < b" not in t for t in pages)
    assert all("a < b" in t and "Dear Ann Lee," in t for t in plain)


def test_quoted_history_is_marked_and_names_its_intent() -> None:
    """After a header that starts with `|`, every quoted line starts with `> `."""
    plain = [w for w in _written("email") if not w.text.startswith("<html>")]
    quoting = [w for w in plain if w.quoted_intent]
    assert 0 < len(quoting) < len(plain)
    for written in quoting:
        own, quoted = written.text.split("\nYesterday Ann Lee got:\n")
        assert written.quoted_intent == "fees"
        assert "why a fee" not in own
        assert all(line.startswith("> ") for line in quoted.split("\n"))
        assert quoted.endswith("> why a fee")
    assert all("why a fee" not in w.text for w in plain if not w.quoted_intent)


def test_questions_get_their_mark() -> None:
    """A request without an end mark gets a question mark if it is a question, else a full stop."""
    texts = "".join(w.text for w in _written("app"))
    assert "here is a < b?" in texts
    assert "here is a < b." not in texts
    assert "my card is lost." in texts
    assert "my card is lost?" not in texts
