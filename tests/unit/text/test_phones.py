"""`nlp.text.phones`."""

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.text.phones import PhoneFinder, blanked

DIGITS = st.text(alphabet=string.digits, min_size=9, max_size=9)


def numbers_in(text: str, *, region: str = "GB") -> list[str]:
    """What is found if no number is in service."""
    finder = PhoneFinder((region, "GB", "US"), in_service=lambda _: [])
    return [text[start:end] for start, end in finder.find(text)]


@pytest.mark.parametrize(
    "number",
    [
        *("07700900708", "01632960123", "0770 090 0708", "077 00 90 07 08", "07700-900-708"),
        *("07700.900.708", "01632/960123", "(07700)900708", "(07700) 900 708", "016977 2345"),
        *("+447700900708", "+44 7700 900708", "+44(0)7700 900708", "+44 (0) 7700 900708"),
        *("00447700900708", "00 44 7700 900708", "+33 6 39 98 12 34", "+33639981234"),
        *("+999 123 456 789", "+290 12345", "07700 9007081", "0207 946 00189"),
    ],
)
def test_finds_a_number_however_it_is_written(number: str) -> None:
    """A number of the right length or the usual form is found whole, in service or not."""
    for text in ("{}", "I am on {}, thanks", "Mob:{}.", "Hello.{} is it", "({})", "{}/07700900709"):
        assert numbers_in(text.format(number))[0].strip("()") == number.strip("()"), text


@pytest.mark.parametrize("word", ["call me on", "my number is", "Mobile:", "whatsapp", "Tel."])
@pytest.mark.parametrize("number", ["7700900708", "7700 900 708", "4155550123", "415 555 0123"])
def test_a_word_tells_a_number_without_its_zero(word: str, number: str) -> None:
    """Near words about phones, ten digits are a number even without a leading 0 or +."""
    assert numbers_in(f"{word} {number}") == [number]


@pytest.mark.parametrize(
    "text",
    [
        "order 07700900708 and order no. is 01632960123",
        "ref: 0123456789, tracking #01632960123, ORD-01632960123",
        "about 4155550123, and I tell you the contactless payment of 4155550123 failed",
        "account 01234567, sort code 01-23-45 01234567",
        "I called about 1234567 and paid 1234567.89 or 31050.62",
        "24 hours, 24/7, since 2023 2024 2025 2026",
        "open 0900-1700 0900-1700, 0900 1700 and 09:00-17:00",
        "on 12/03/2026-14/03/2026, 2026-03-02-17-30-59, 2026-03-02 12:30:59",
        "at 20260302123059, that is 02.03.26 10.30",
        "rates 0.123456789, 10.0712345678 and v1.07700900708",
        "padded 0000123456, 000012345678 and 0012345678",
        "£10 000 000, 1 234 567 890, 0712345678 EUR, $0712345678",
        "+1234567 points, 0 1 2 3 4 5 6 7 8 9 10",
        "error code 0581-4903",
    ],
)
def test_leaves_other_figures(text: str) -> None:
    """Order numbers, amounts, dates, times, fractions and padded ids are not phone numbers."""
    assert numbers_in(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("07700 900708 24 hours", ["07700 900708"]),
        ("+447700900708 24 hours", ["+447700900708"]),
        ("07700900708 £20 was taken", ["07700900708"]),
        ("07700900708,01632960123 or 07700900709", ["07700900708", "01632960123", "07700900709"]),
        ("order 12345, 07700900708", ["07700900708"]),
        ("about my order, please text 07700900708", ["07700900708"]),
        ("no order, so 415-555-0123", ["415-555-0123"]),
        ("12/03/2026 07700900708", ["07700900708"]),
    ],
)
def test_takes_the_number_and_no_more(text: str, expected: list[str]) -> None:
    """Amounts, hours and ids beside a number stay, and do not hide it."""
    assert numbers_in(text) == expected


@pytest.mark.parametrize(
    ("region", "number", "is_found"),
    [
        *[("FR", "06.39.98.12.34", True), ("DE", "030 23125 123 45", True)],
        *[("IT", "012345678", True), ("ES", "012345678", False)],
        *[("NO", "call me: 215 55 123", True), ("GB", "call me: 215 55 123", False)],
    ],
)
def test_length_is_that_of_the_region(region: str, number: str, is_found: bool) -> None:
    """The country decides which length is enough for a number."""
    assert bool(numbers_in(number, region=region)) is is_found


@given(tail=DIGITS, lead=st.sampled_from(["01", "02", "03", "07", "08"]), cuts=st.sets(
    st.integers(3, 9), max_size=3), glue=st.sampled_from([" ", "-"]))  # fmt: skip
def test_no_national_number_is_missed(tail: str, lead: str, cuts: set[int], glue: str) -> None:
    """Eleven digits that begin with one 0 are found whole, however they are grouped."""
    number = "".join(f"{glue}{c}" if i in cuts else c for i, c in enumerate(lead + tail))
    assert numbers_in(f"so {number} it is") == [number]


@given(number=st.from_regex(r"\+[1-9][0-9]{7,14}", fullmatch=True))
def test_no_international_number_is_missed(number: str) -> None:
    """A plus and 8 to 15 digits are found whole, whether or not a country has such numbers."""
    assert numbers_in(f"so {number} it is") == [number]


@given(text=st.text(alphabet=string.digits + "+(). -/#£a", max_size=60))
def test_spans_are_of_the_text(text: str) -> None:
    """In any text, spans begin and end with a digit, a plus or a bracket."""
    for number in numbers_in(text):
        assert re.fullmatch(r"[+(\d].*\d", number)


def test_blanking_keeps_every_place() -> None:
    """A blanked text has bars in the place of the spans and is otherwise unchanged."""
    assert blanked("call 123 now", [(5, 8)]) == "call ||| now"
