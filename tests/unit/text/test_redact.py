"""`nlp.text.redact`."""

import random
import socket
import string
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.errors import SettingError
from nlp.text.clean import PLACEHOLDER, clean
from nlp.text.personal.spans import Kind
from nlp.text.redact import Redactor

REDACTOR = Redactor()
WORDS = st.text(
    alphabet=st.one_of(st.sampled_from(string.ascii_letters + " .,;:!?'()\n"), st.characters()),
    max_size=60,
).map(clean)
FULL_WIDTH = "".join(chr(ord(c) + 0xFEE0) for c in "4111111111111111")
SEPARATORS = st.sampled_from(["", " ", "-", ".", "  ", "\u00a0", "\u2013", "\u200d"])
# Issuer prefix and length: Visa, Mastercard, American Express, Discover, Diners, JCB, UnionPay.
SCHEMES = [
    *[("4", 13), ("4", 16), ("4", 19), ("51", 16), ("2221", 16), ("34", 15), ("37", 15)],
    *[("6011", 16), ("65", 16), ("36", 14), ("3528", 16), ("62", 16), ("5018", 12)],
]


def luhn_completed(digits: str) -> str:
    """Append the digit that makes `digits` pass Luhn."""
    total = sum(
        sum(divmod(int(d) * 2, 10)) if i % 2 == 0 else int(d) for i, d in enumerate(digits[::-1])
    )
    return f"{digits}{-total % 10}"


@st.composite
def cards(draw: st.DrawFn) -> str:
    """A valid card number, in groups of four with some separator."""
    prefix, length = draw(st.sampled_from(SCHEMES))
    n_free = length - len(prefix) - 1
    free = draw(st.text(alphabet=string.digits, min_size=n_free, max_size=n_free))
    digits = luhn_completed(prefix + free)
    return draw(SEPARATORS).join(digits[i : i + 4] for i in range(0, length, 4))


@st.composite
def ibans(draw: st.DrawFn) -> str:
    """A valid German, Dutch, British, French or Spanish IBAN, in groups of four or as one."""
    country, letters, n_digits = draw(
        st.sampled_from([("DE", 0, 18), ("NL", 4, 10), ("GB", 4, 14), ("FR", 0, 23), ("ES", 0, 20)])
    )
    bank = draw(st.text(alphabet=string.ascii_uppercase, min_size=letters, max_size=letters))
    account = bank + draw(st.text(alphabet=string.digits, min_size=n_digits, max_size=n_digits))
    number = int("".join(str(int(c, 36)) for c in f"{account}{country}00"))
    iban = f"{country}{98 - number % 97:02}{account}"
    written = draw(st.sampled_from([" ", "-", ""])).join(
        iban[i : i + 4] for i in range(0, len(iban), 4)
    )
    return draw(st.sampled_from([written, written.lower()]))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("card 4111 1111 1111 1111 12/27 123 ok", "card <CARD> 12/27 123 ok"),
        ("card 4111-1111-1111-1111.", "card <CARD>."),
        ("card " + FULL_WIDTH, "card <CARD>"),
        ("Card4111111111111111", "Card<CARD>"),
        ("mail jane.doe+x@mail.example.co.uk, please", "mail <EMAIL>, please"),
        ("write to a@b.xn--p1ai or é@bücher.example", "write to <EMAIL> or <EMAIL>"),
        ("IBAN DE89370400440532013000 please help", "IBAN <IBAN> please help"),
        ("ES91 2100 0418 4502 0005 1332 will you", "<IBAN> will you"),
        ("order AB12, iban gb29nwbk60161331926819", "order AB12, iban <IBAN>"),
        ("my ssn is 123-45-6789", "my ssn is <SSN>"),
        ("Social Security no. 123 45 6789", "Social Security no. <SSN>"),
        ("from 192.168.10.25 and 2001:db8::8a2e:370:7334", "from <IP> and <IP>"),
        ("https://bob:s3cret@host.example/a?b", "<URL>"),
        ("postgres://u:p/a@ss@db:5432/x then", "<URL> then"),
        ("https://x.example/cb?token=abc123 then", "<URL> then"),
        ("ring 07700 900123 or +44 20 7946 0018", "ring <PHONE> or <PHONE>"),
        ("ring 07700900708 or +447700900708", "ring <PHONE> or <PHONE>"),
        ("call me on (555) 010-9999 today", "call me on <PHONE> today"),
        ("my mobile is 4155552671", "my mobile is <PHONE>"),
        ("DE89370400440532013000@bank.example", "<IBAN>"),
    ],
)
def test_replaces_each_kind(text: str, expected: str) -> None:
    """Each kind of personal data is replaced by its own placeholder, and the rest stays."""
    assert REDACTOR.redact(text).text == expected


@pytest.mark.parametrize(
    "text",
    [
        "my order number is 4155552671",
        "transaction 2125551234 of 2026-03-02 12:30:59",
        "charged £1,234,567.89 and 7654321.00 EUR on 12/03/2026, 12-03-2026 and 12.03.26",
        "reference 415 555 2671",
        "ratio 1:2:3, std::vector, see add:: later",
        "card ending 1234, account 12345678, sort code 12-34-56",
        "https://example.com/help?page=2",
        "I typed <CARD> myself",
        "<PHONE> 4155552671",
    ],
)
def test_leaves_what_is_no_personal_data(text: str) -> None:
    """Order numbers, amounts, dates, plain links and numbers with wrong check digits stay."""
    assert REDACTOR.redact(text).text == text
    assert REDACTOR.redact(text).entities == ()


@pytest.mark.parametrize(
    ("text", "entities"),
    [
        ("4111 1111 1111 1111 and a@b.com and c@d.com", ("CARD", "EMAIL")),
        ("https://4111111111111111:x@host.example", ("URL",)),
        ("DE89 3704 0044 0532 0130 00", ("IBAN",)),
    ],
)
def test_names_the_kinds_once(text: str, entities: tuple[str, ...]) -> None:
    """Kinds are sorted and named once; where two overlap, the more specific one counts."""
    assert REDACTOR.redact(text).entities == entities


@given(before=WORDS, card=cards(), after=WORDS)
def test_no_card_survives(before: str, card: str, after: str) -> None:
    """A card number that passes Luhn is removed in any context."""
    text = REDACTOR.redact(f"{before} {card} {after}").text
    assert card not in text
    assert "CARD" in REDACTOR.redact(f"{before} {card} {after}").entities or "<URL>" in text


@given(before=WORDS, iban=ibans(), after=WORDS)
def test_no_iban_survives(before: str, iban: str, after: str) -> None:
    """An IBAN with a valid checksum is removed, in upper or lower case, with or without spaces."""
    assert iban not in REDACTOR.redact(f"{before} {iban} {after}").text


@given(before=WORDS, email=st.emails(), after=WORDS)
def test_no_email_survives(before: str, email: str, after: str) -> None:
    """An e-mail address is removed, whatever its domain, and without a look-up."""
    assert email not in REDACTOR.redact(f"{before} {email} {after}").text


@given(parts=st.lists(st.one_of(WORDS, cards(), ibans(), st.emails(), st.from_regex(
    r"[+(]?[0-9]{2,4}[ )./:-]{1,2}[0-9]{3,7}([ .-][0-9]{2,4})?", fullmatch=True)), max_size=6),
    glue=st.sampled_from([" ", "", "-", "\n"]))  # fmt: skip
def test_redacting_again_changes_nothing(parts: list[str], glue: str) -> None:
    """Redacting a redacted text finds nothing more."""
    once = REDACTOR.redact(glue.join(parts)).text
    again = REDACTOR.redact(once)
    assert (again.text, again.entities) == (once, ())


def test_what_a_replacement_uncovers_is_found_too() -> None:
    """A number that a long address separates from its keyword is found in the first pass."""
    text = "call me, long.enough.to.be.in.the.way.of.it@mail.example 4155552671"
    assert REDACTOR.redact(text).text == "call me, <EMAIL> <PHONE>"


def test_needs_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every kind is found without a network socket."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("redaction opened a socket")

    monkeypatch.setattr(socket, "socket", refuse)
    text = "a@b.com 4111111111111111 020 7946 0018 10.0.0.1 DE89370400440532013000 123-45-6789"
    result = Redactor().redact(text).entities
    assert result == ("CARD", "EMAIL", "IBAN", "IP", "PHONE", "SSN")


def test_logs_no_raw_text(caplog: pytest.LogCaptureFixture) -> None:
    """No candidate, valid or not, reaches a log."""
    with caplog.at_level(0):
        REDACTOR.redact("DE89 3704 0044 0532 0130 01, 4111 1111 1111 1112, secret@mail.example")
    assert not any(s in caplog.text for s in ("3704", "1112", "secret"))


@pytest.mark.parametrize(
    "unit",
    ["a", "a.", "1 ", "ab12", "@", "a@", "a@b.", "://a:", "1.", "a:", "(0", "07 ", "+1(", "DE89 "],
)
def test_long_odd_texts_end_soon(unit: str) -> None:
    """Redacting 50,000 characters made to slow down the search takes seconds, not minutes."""
    started = time.process_time()
    REDACTOR.redact((unit * 50_000)[:50_000] + "@x")
    assert time.process_time() - started < 20


def test_person_names_by_a_spacy_pipeline(tmp_path: Path) -> None:
    """A pipeline given by its folder also finds person names, even next to placeholders."""
    import spacy

    pipeline = spacy.blank("en")
    ruler = pipeline.add_pipe("entity_ruler")
    patterns = ["Jane Doe", "Bob", "<CARD> Bob"]
    ruler.add_patterns([{"label": "PERSON", "pattern": p} for p in patterns])
    pipeline.to_disk(tmp_path)
    redactor = Redactor(spacy_model=str(tmp_path))
    result = redactor.redact("I am Jane Doe, 4111111111111111 Bob knows me")
    assert result.text == "I am <PERSON>, <CARD> <PERSON> knows me"
    assert result.entities == ("CARD", "PERSON")
    assert redactor.redact(result.text).entities == ()


def test_a_missing_pipeline_names_the_remedy() -> None:
    """A spaCy model that is not installed is a setting error with a remedy."""
    with pytest.raises(SettingError, match=r"TRIAGE_SPACY_MODEL names 'no_such_model'.*Install"):
        Redactor(spacy_model="no_such_model").redact("Hello")


def test_placeholders_are_all_known_to_normalisation() -> None:
    """`nlp.text.clean` removes every placeholder that redaction leaves."""
    assert all(PLACEHOLDER.fullmatch(f"<{kind}>") for kind in Kind)


def test_a_day_in_random_order_gives_the_same() -> None:
    """What is found in a text does not depend on earlier texts."""
    texts = ["a@b.com", "call 020 7946 0018", "4111111111111111", "order 4155552671", "10.0.0.1"]
    alone = {t: Redactor().redact(t).text for t in texts}
    random.Random(1).shuffle(texts)
    assert {t: REDACTOR.redact(t).text for t in texts} == alone


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("mobile_number", "7700900708", "<PHONE>"),
        ("homePhone", "4155550123", "<PHONE>"),
        ("order_id", "4155550123", "4155550123"),
        ("id", "a@b.com", "<EMAIL>"),
        ("socialSecurity", "123 45 6789", "<SSN>"),
        ("4111 1111 1111 1111", "7", "7"),
    ],
)
def test_a_name_says_what_its_value_is(name: str, value: str, expected: str) -> None:
    """A field's name counts as context before its value, but is not returned."""
    assert REDACTOR.redact_named(name, value) == expected
