"""`nlp.text.contract`."""

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.records import RawRow
from nlp.text.contract import Broken, Draft, check, customer_hash

DAY = dt.date(2026, 3, 2)
GOOD = {"external_id": "a1", "created_at": "2026-03-02T09:00:00+00:00", "text": "Hello there"}
SECRET = "4111 1111 1111 1111"


def checked(zone: dt.tzinfo = dt.UTC, **fields: Any) -> Draft:
    """Check a good row with some fields changed."""
    row = RawRow("day.csv, row 1", {**GOOD, **fields})
    return check(row, arrived_on=DAY, zone=zone, max_chars=1_000, hash_key=b"key")


def reason(zone: dt.tzinfo = dt.UTC, **fields: Any) -> str:
    """Return the reason for which such a row is rejected; the sentence quotes no raw text."""
    with pytest.raises(Broken) as broken:
        checked(zone, **fields)
    assert len(str(broken.value)) > 15
    assert SECRET not in str(broken.value)
    return broken.value.reason


def test_a_good_row_becomes_a_draft() -> None:
    """The time is in UTC, the day is that of the zone, the text is clean."""
    draft = checked(
        ZoneInfo("America/New_York"), created_at="2026-03-02t03:00:00+01:00", text=" Hi\0 \r\nyou "
    )
    assert draft.created_at == dt.datetime(2026, 3, 2, 2, tzinfo=dt.UTC)
    assert draft.created_at.tzinfo is dt.UTC
    assert draft.day == dt.date(2026, 3, 1)
    assert draft.text == "Hi \nyou"
    assert (draft.channel, draft.customer_hash, draft.language, draft.attributes) == (
        *(None,) * 3,
        {},
    )


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (17, "17"),
        (17.0, "17"),
        (Decimal("17.00"), "17"),
        (" a ", "a"),
        (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
    ],
)
def test_ids_of_other_types_become_text(value: object, expected: str) -> None:
    """Whole numbers and UUIDs, as in databases and Parquet, are accepted as ids."""
    assert checked(external_id=value).external_id == expected


@pytest.mark.parametrize(
    "value",
    [None, "", "  ", "\0", "x" * 201, True, 1.5, float("nan"), float("inf"), {"a": 1}, b"a"],
)
def test_rows_without_an_id_are_turned_away(value: object) -> None:
    """An id is 1 to 200 visible characters, or a whole number."""
    assert reason(external_id=value) == "no_id"


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("2026-03-02T09:00:00", "no_offset"),
        ("2026-03-02", "no_offset"),
        (dt.datetime(2026, 3, 2), "no_offset"),  # noqa: DTZ001 - the case
        ("yesterday " + SECRET, "bad_created_at"),
        ("02/03/2026 09:00", "bad_created_at"),
        ("2026-02-30T09:00:00Z", "bad_created_at"),
        ("", "bad_created_at"),
        (None, "bad_created_at"),
        (1_772_442_000, "bad_created_at"),
        (dt.date(2026, 3, 2), "bad_created_at"),
        ("2026-03-03T00:00:00Z", "future"),
        ("9999-12-31T23:59:59Z", "future"),
        ("1989-12-31T23:59:59Z", "absurd_date"),
        ("0001-01-01T00:00:00+14:00", "absurd_date"),
    ],
)
def test_times_that_cannot_be_are_turned_away(value: object, code: str) -> None:
    """A time without offset, not ISO 8601, after the pulled day or before 1990 has its reason."""
    assert reason(created_at=value) == code


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
@pytest.mark.parametrize("value", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_the_edge_of_the_calendar_breaks_nothing(value: str, zone: str) -> None:
    """A time without a day in the project's zone is rejected like any other."""
    assert reason(ZoneInfo(zone), created_at=value) in {"absurd_date", "future"}


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (None, "empty_text"),
        ("", "empty_text"),
        (" \n\t\0\u200b", "empty_text"),
        ("\u200d\u200c", "empty_text"),
        (17, "text_not_text"),
        (b"bytes", "text_not_text"),
        (["a"], "text_not_text"),
        (float("nan"), "text_not_text"),
        (SECRET * 100, "too_long"),
        ("x" * 1_000_000, "too_long"),
        ("a\u0301" * 500_000, "too_long"),
    ],
)
def test_texts_that_say_nothing_or_too_much_are_turned_away(value: object, code: str) -> None:
    """Empty, invisible and overlong texts, and values that are not text, have their reason."""
    assert reason(text=value) == code


def test_an_unreadable_row_says_what_the_reader_said() -> None:
    """The reason is the reader's problem, whatever the fields contain."""
    row = RawRow("day.csv, row 1", GOOD, "The row is not JSON")
    with pytest.raises(Broken, match="not JSON") as broken:
        check(row, arrived_on=DAY, zone=dt.UTC, max_chars=1_000, hash_key=b"key")
    assert broken.value.reason == "unreadable_row"


def test_a_customer_is_known_by_a_keyed_hash_alone() -> None:
    """One customer has one hash per key, and the id cannot be read from it."""
    one, same = checked(customer_id="c-1").customer_hash, checked(customer_id=" c-1 ").customer_hash
    assert one == same == customer_hash("c-1", b"key")
    assert one != customer_hash("c-1", b"another key")
    assert one
    assert len(one) == 32
    assert checked(customer_id="").customer_hash is None
    assert checked(customer_id=float("nan")).customer_hash is None
    assert reason(customer_id=["c"]) == "bad_customer_id"


def test_a_channel_is_a_short_text() -> None:
    """A channel is text; one that is too long or not text is rejected."""
    assert checked(channel=" web\0 ").channel == "web"
    assert checked(channel="").channel is None
    assert reason(channel="x" * 101) == "bad_channel"
    assert reason(channel={"a": 1}) == "bad_channel"


@pytest.mark.parametrize(
    ("value", "expected"),
    [("en", "en"), ("EN", "en"), ("de_AT", "de"), ("pt-BR", "pt"), ("xx", None), ("English", None),
     (None, None), (7, None), (float("nan"), None)],
)  # fmt: skip
def test_a_language_is_a_code_or_ignored(value: object, expected: str | None) -> None:
    """Only ISO 639-1 codes count as the language of a row."""
    assert checked(language=value).language == expected


@pytest.mark.parametrize("value", [{"a": 1, "b": None, "c": "x", "d": 1.5}, '{"a": 1}', "", None])
def test_attributes_are_a_flat_object(value: object) -> None:
    """An object, or the JSON of one, is accepted; a missing value is an empty object."""
    assert isinstance(checked(attributes=value).attributes, dict)


@pytest.mark.parametrize(
    ("value", "expected"),
    [(None, "customer"), ("", "customer"), ("Agent", "agent"), ("bot", "bot")],
)
def test_an_author_is_a_customer_unless_the_row_says_otherwise(
    value: object, expected: str
) -> None:
    """Messages by an agent or a bot are context only."""
    assert checked(author=value).author == expected
    assert reason(author="somebody else") == "bad_author"


def test_subject_and_conversation_are_short_texts() -> None:
    """Subject and conversation are short texts, and optional."""
    draft = checked(subject=" Lost card ", conversation_id=17)
    assert (draft.subject, draft.conversation_id) == ("Lost card", "17")
    assert checked().subject is None
    assert reason(subject="x" * 1_001) == "bad_subject"
    assert reason(conversation_id="x" * 201) == "bad_conversation_id"


def test_attributes_are_cleaned() -> None:
    """Keys and texts lose the characters that Postgres cannot store."""
    assert checked(attributes={"a\0": "b\0\ud800"}).attributes == {"a": "b"}


@pytest.mark.parametrize(
    "value",
    [{"a": [1]}, {"a": {"b": 1}}, '["a"]', "not JSON", '{"a": NaN}', {"a": float("inf")}, 7,
     "[" * 100_000, '{"a": ' + "9" * 5_000 + "}", {"a": "x" * 10_001}, {"a": b"x"}],
)  # fmt: skip
def test_other_attributes_are_turned_away(value: object) -> None:
    """Attributes that are nested, not JSON, not finite or too large have their reason."""
    assert reason(attributes=value) == "bad_attributes"


ANYTHING = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.binary(), st.datetimes(),
    st.datetimes(timezones=st.timezones()), st.decimals(allow_nan=False), st.dates(), st.uuids(),
    st.lists(st.text()), st.dictionaries(st.text(), st.one_of(st.text(), st.floats(), st.binary())),
)  # fmt: skip
FIELDS = (
    "external_id", "created_at", "text", "channel", "customer_id", "language", "attributes",
    "subject", "conversation_id", "author",
)  # fmt: skip


@given(st.dictionaries(st.sampled_from(FIELDS), ANYTHING))
def test_no_value_of_any_type_stops_a_pull(fields: dict[str, Any]) -> None:
    """Any row is either accepted or rejected with a sentence."""
    try:
        outcome: Draft | Broken = checked(**fields)
    except Broken as broken:
        outcome = broken
    assert str(outcome)
    assert not isinstance(outcome, Draft) or outcome.day <= DAY


def test_a_draft_hides_its_text_from_logs() -> None:
    """The printed form of a draft contains nothing that is not redacted yet."""
    draft = checked(text="secret words", channel="secret", attributes={"a": "secret"})
    assert "secret" not in repr(draft)
