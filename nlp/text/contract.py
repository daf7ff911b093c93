"""The contract of a message: check a row against it, and say what is wrong with a broken one."""

import datetime as dt
import hashlib
import hmac
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID

from nlp.records import RawRow
from nlp.states import Author, Violation
from nlp.text.clean import clean
from nlp.text.zones import readable_lines

_WEST = dt.timedelta(hours=12)
"""How long after midnight of UTC a day of another zone ends at most."""
_EARLIEST = dt.date(1990, 1, 1)
_MAX_ATTRIBUTES = 10_000  # characters of JSON: they are for filtering, not for documents
_EDGE = "created_at is at the very edge of the calendar"


@dataclass(frozen=True, slots=True)
class Draft:
    """A row that meets the contract; its text is clean but not yet redacted."""

    external_id: str = field(repr=False)
    created_at: dt.datetime
    """In UTC."""
    day: dt.date
    text: str = field(repr=False)
    channel: str | None = field(repr=False)
    customer_hash: str | None
    language: str | None
    """ISO 639-1; None where the row names no known language."""
    attributes: Mapping[str, Any] = field(repr=False)
    subject: str | None = field(repr=False)
    conversation_id: str | None = field(repr=False)
    author: Author


class Broken(Exception):  # noqa: N818 - describes a row, and never leaves the ingest job
    """A row breaks the contract; the message is a sentence for a person."""

    def __init__(self, reason: Violation, sentence: str) -> None:
        super().__init__(sentence)
        self.reason = reason


def check(
    row: RawRow, *, arrived_on: dt.date, zone: dt.tzinfo, max_chars: int, hash_key: bytes
) -> Draft:
    """Return the draft of a row, or raise Broken with the reason; it never quotes raw text.

    `arrived_on` is the day that was pulled: a message created after it is from the future.
    """
    if row.problem:
        raise Broken(Violation.UNREADABLE_ROW, row.problem)
    fields = row.fields
    external_id = external_id_of(row)
    if external_id is None:
        raise Broken(Violation.NO_ID, "The row has no external_id of 1 to 200 characters")
    created_at = _created_at(fields.get("created_at"))
    day = _day(created_at, zone)
    if day > arrived_on:
        raise Broken(Violation.FUTURE, _of_the_future(created_at, day, arrived_on, zone))
    if day < _EARLIEST:
        raise Broken(Violation.ABSURD_DATE, f"Created on {day}, before {_EARLIEST}")
    customer_id = _short(fields.get("customer_id"), "customer_id", at_most=200)
    return Draft(
        external_id=external_id,
        created_at=created_at,
        day=day,
        text=_text(fields.get("text"), max_chars),
        channel=_short(fields.get("channel"), "channel", at_most=100),
        customer_hash=customer_id and customer_hash(customer_id, hash_key),
        language=_language(fields.get("language")),
        attributes=_attributes(fields.get("attributes")),
        subject=_short(fields.get("subject"), "subject", at_most=1_000),
        conversation_id=_short(fields.get("conversation_id"), "conversation_id", at_most=200),
        author=_author(fields.get("author")),
    )


def external_id_of(row: RawRow) -> str | None:
    """Return the id of a row as text, None where it has no usable id."""
    return known_id(row.fields.get("external_id"))


def customer_hash(customer_id: str, key: bytes) -> str:
    """Return 32 hex digits of HMAC-SHA256: equal for one customer, and not reversible."""
    return hmac.new(key, customer_id.encode(), hashlib.sha256).hexdigest()[:32]


def known_id(value: object) -> str | None:
    """Return an id of a message or customer as the contract reads it; None where it is unusable."""
    plain = _plain(value)
    return plain if plain and len(plain) <= 200 else None


def key_mark(key: bytes) -> str:
    """Return what tells one key of the customer hash from another, and not what it is."""
    return customer_hash("the mark of this key", key)


def _created_at(value: Any) -> dt.datetime:
    if isinstance(value, str):
        try:
            value = _iso(value.strip().upper())
        except ValueError:
            value = None
    if not isinstance(value, dt.datetime):
        raise Broken(
            Violation.BAD_CREATED_AT,
            "created_at is not an ISO 8601 time such as 2026-03-02T09:30:00+00:00",
        )
    if value.tzinfo is None:
        raise Broken(Violation.NO_OFFSET, "created_at has no offset from UTC: add Z or +01:00")
    try:
        return value.astimezone(dt.UTC)
    except OverflowError:
        raise Broken(Violation.ABSURD_DATE, _EDGE) from None


def _iso(value: str) -> dt.datetime | None:
    """Digits alone may be anything: seconds since 1970, or a date without its dashes."""
    return None if value.isdigit() else dt.datetime.fromisoformat(value)


def _of_the_future(
    created_at: dt.datetime, day: dt.date, arrived_on: dt.date, zone: dt.tzinfo
) -> str:
    sentence = f"Created on {day}, after the day it was pulled for, {arrived_on}"
    end = dt.datetime.combine(arrived_on, dt.time.max, zone)
    if created_at - end < _WEST:
        sentence += f". If the days of the source are not those of {zone}, set TRIAGE_TIMEZONE"
    return sentence


def _day(created_at: dt.datetime, zone: dt.tzinfo) -> dt.date:
    try:
        return created_at.astimezone(zone).date()
    except OverflowError:
        raise Broken(Violation.ABSURD_DATE, _EDGE) from None


def _text(value: Any, max_chars: int) -> str:
    if value is None:
        raise Broken(Violation.EMPTY_TEXT, "The text is empty")
    if not isinstance(value, str):
        raise Broken(
            Violation.TEXT_NOT_TEXT, f"The text is of type {type(value).__name__}, not text"
        )
    if len(value) > max_chars:  # checked before cleaning, which is slow on a megabyte of accents
        n = sum(len(line.text) + 1 for line in readable_lines(value))  # without markup and pictures
        if n > max_chars:
            raise Broken(
                Violation.TOO_LONG, f"The text has {n:,} characters, at most {max_chars:,}"
            )
    text = clean(value)
    if not any(c.isprintable() and not c.isspace() for c in text):
        raise Broken(Violation.EMPTY_TEXT, "The text is empty, or nothing in it can be seen")
    return text


def _plain(value: Any) -> str | None:
    """Return a text, whole number or UUID as text; None for any other or missing value."""
    if isinstance(value, float | Decimal) and math.isfinite(value) and value == int(value):
        value = int(value)  # a column of whole numbers with gaps arrives as floats
    if isinstance(value, bool) or not isinstance(value, str | int | UUID):
        return None
    return clean(str(value)) or None


def _short(value: Any, name: str, *, at_most: int) -> str | None:
    """Return an optional field as text, None where it is absent or blank."""
    if value is None or (isinstance(value, str) and not clean(value)) or _is_nan(value):
        return None
    plain = _plain(value)
    if plain is None or len(plain) > at_most:
        raise Broken(
            Violation(f"bad_{name}"), f"{name} is not a text of at most {at_most} characters"
        )
    return plain


def _author(value: Any) -> Author:
    """Return who wrote a message: a customer unless the row says otherwise."""
    name = _short(value, "author", at_most=100)
    try:
        return Author.CUSTOMER if name is None else Author(name.lower())
    except ValueError:
        raise Broken(Violation.BAD_AUTHOR, f"author is none of {', '.join(Author)}") from None


def _is_nan(value: Any) -> bool:
    """Whether `value` is NaN, which a missing value becomes in a column of floats."""
    return isinstance(value, float) and math.isnan(value)


def _language(value: Any) -> str | None:
    code = (_plain(value) or "").lower().replace("_", "-").split("-")[0]
    return code if code in _iso_639_1() else None


@cache
def _iso_639_1() -> frozenset[str]:
    """The two-letter codes among the languages that CLDR has an English name for."""
    from babel import Locale

    codes = map(str, Locale("en").languages)
    return frozenset(code for code in codes if len(code) == 2)


def _attributes(value: Any) -> Mapping[str, Any]:
    if isinstance(value, str):
        try:
            value = json.loads(value) if value.strip() else None
        except (ValueError, RecursionError):  # not JSON, a number too long, nested too deep
            value = ()
    if value is None or _is_nan(value):
        return {}
    if not isinstance(value, Mapping) or not all(map(_is_flat, value.values())):
        raise Broken(Violation.BAD_ATTRIBUTES, "attributes is not a flat JSON object")
    cleaned = {clean(str(k)): clean(v) if isinstance(v, str) else v for k, v in value.items()}
    if len(json.dumps(cleaned)) > _MAX_ATTRIBUTES:
        raise Broken(
            Violation.BAD_ATTRIBUTES, f"attributes is over {_MAX_ATTRIBUTES:,} characters of JSON"
        )
    return cleaned


def _is_flat(value: Any) -> bool:
    """Whether `value` is a JSON scalar; JSON has no NaN and no infinity."""
    if isinstance(value, float):
        return math.isfinite(value)
    return value is None or isinstance(value, str | bool | int)
