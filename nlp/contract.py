"""The contract of a message: which rows keep it, and what to say of those that do not."""

import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nlp.clean import clean
from nlp.records import RawRow

_EARLIEST = dt.date(1990, 1, 1)


@dataclass(frozen=True, slots=True)
class Draft:
    """A row that keeps the contract; its text is clean and not yet redacted."""

    external_id: str
    created_at: dt.datetime
    day: dt.date
    text: str
    channel: str | None
    customer_hash: str | None
    language: str | None
    attributes: Mapping[str, Any]


class Broken(Exception):  # noqa: N818 - says what a row is, and never leaves the ingest job
    """A row breaks the contract; `reason` is a short code, the message a person's sentence."""

    def __init__(self, reason: str, sentence: str) -> None:
        super().__init__(sentence)
        self.reason = reason


def check(
    row: RawRow, *, arrived_on: dt.date, zone: dt.tzinfo, max_chars: int, hash_key: bytes
) -> Draft:
    """Return the draft of a row, or raise Broken with what is wrong; says no raw text.

    `arrived_on` is the day that was pulled: a message created after it is from the future.
    """
    if row.problem:
        raise Broken("unreadable_row", row.problem)
    fields = row.fields
    external_id = external_id_of(row)
    if external_id is None:
        raise Broken("no_id", "The row has no external_id of 1 to 200 characters")
    created_at = _created_at(fields.get("created_at"))
    day = created_at.astimezone(zone).date()
    if day > arrived_on:
        raise Broken("future", f"Created on {day}, after the day it was pulled for, {arrived_on}")
    if day < _EARLIEST:
        raise Broken("absurd_date", f"Created on {day}, before {_EARLIEST}")
    customer_id = _optional(fields.get("customer_id"))
    return Draft(
        external_id=external_id,
        created_at=created_at.astimezone(dt.UTC),
        day=day,
        text=_text(fields.get("text"), max_chars),
        channel=_optional(fields.get("channel")),
        customer_hash=customer_id and customer_hash(customer_id, hash_key),
        language=_language(fields.get("language")),
        attributes=_attributes(fields.get("attributes")),
    )


def external_id_of(row: RawRow) -> str | None:
    """Return the id of a row as text, None where it has none that can be one."""
    value = _optional(row.fields.get("external_id"))
    return value if value and len(value) <= 200 else None


def customer_hash(customer_id: str, key: bytes) -> str:
    """Return 32 hex digits of HMAC-SHA256: the same customer, but nobody knows who."""
    return hmac.new(key, customer_id.encode(), hashlib.sha256).hexdigest()[:32]


def _created_at(value: Any) -> dt.datetime:
    if isinstance(value, str):
        try:
            value = dt.datetime.fromisoformat(value.strip())
        except ValueError:
            value = None
    if not isinstance(value, dt.datetime):
        raise Broken(
            "bad_created_at", "created_at is not an ISO 8601 time such as 2026-03-02T09:30:00+00:00"
        )
    if value.tzinfo is None:
        raise Broken("no_offset", "created_at has no offset from UTC: add Z or +01:00")
    try:
        return value.astimezone(dt.UTC)
    except OverflowError:
        raise Broken("absurd_date", "created_at is at the edge of the calendar") from None


def _text(value: Any, max_chars: int) -> str:
    if value is None:
        raise Broken("empty_text", "The text is empty")
    if not isinstance(value, str):
        raise Broken("text_not_text", f"The text is of type {type(value).__name__}, not text")
    if len(value) > max_chars:
        raise Broken("too_long", f"The text has {len(value):,} characters, at most {max_chars:,}")
    text = clean(value)
    if not text:
        raise Broken("empty_text", "The text is empty")
    return text


def _optional(value: Any) -> str | None:
    if value is None or isinstance(value, bool) or value != value:  # noqa: PLR0124 - NaN
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return clean(str(value)) or None


def _language(value: Any) -> str | None:
    code = (_optional(value) or "").lower().replace("_", "-").split("-")[0]
    return code if len(code) == 2 and code.isascii() and code.isalpha() else None


def _attributes(value: Any) -> Mapping[str, Any]:
    if isinstance(value, str):
        try:
            value = json.loads(value) if value.strip() else None
        except json.JSONDecodeError:
            value = ()
    if value is None:
        return {}
    flat = (str, int, float, bool, type(None))
    if not isinstance(value, Mapping) or not all(isinstance(v, flat) for v in value.values()):
        raise Broken("bad_attributes", "attributes is not a flat JSON object")
    return dict(value)
