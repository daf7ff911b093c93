"""The rows of one conversation: a message each, as the contract wants them."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from nlp.records import RawRow
from nlp.sources.columns import Columns, lookup
from nlp.sources.csv_rows import field_problem
from nlp.sources.desks.description import Description
from nlp.sources.desks.writing import is_own
from nlp.sources.limits import Limits
from nlp.sources.optional import EXTRA, flat

_MILLISECONDS = 100_000_000_000
"""A larger number of seconds is one of milliseconds."""


@dataclass(frozen=True)
class Finding:
    """The messages of a conversation, and what of it is no message."""

    rows: tuple[RawRow, ...]
    n_attachments: int
    n_wordless: int
    """Parts without a text: changes of state, pictures alone."""


def rows_of(record: Mapping[str, Any], desk: Description, limits: Limits) -> Finding:
    """Return the messages of a conversation that has its parts in it; deleted ones are left out."""
    parts = next((v for p in desk.turns.at if isinstance(v := lookup(record, p), list)), [])
    columns = _columns(desk)
    ident = str(plain_id(lookup(record, desk.id)) or "")
    rows = []
    for n, turn in enumerate(desk.turns.of(record), 1):
        if says(turn["turn"], desk.part_is_gone):
            continue
        fields = columns.values(turn)
        if is_own(fields.get("author"), fields.get("text")):
            continue
        if n == 1 and desk.first_id:
            fields["external_id"] = desk.first_id.replace("{id}", ident)
        rows.append(_row(f"{position_of(ident)}, message {n}", fields, limits))
    n_wordless = sum(
        not isinstance(part, Mapping) or not lookup(part, desk.turns.text) for part in parts
    )
    n_attachments = sum(_n_attachments(part) for part in (*parts, record.get("source")))
    return Finding(tuple(rows), n_attachments, n_wordless)


def position_of(ident: str) -> str:
    """Return how a person is told which conversation a row is of."""
    return f"conversation {ident}"


def plain_id(value: Any) -> str | None:
    """Return an id as text, None for what is no id."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return str(value).strip()[:200] or None


def says(record: Any, words: Mapping[str, str]) -> bool:
    """Whether one of the paths has its word for a value, whatever its case."""
    return any(str(lookup(record, path)).lower() == word for path, word in words.items())


def time_of(value: Any) -> dt.datetime | None:
    """Return a time that a desk wrote: ISO 8601 with an offset, or seconds since 1970."""
    if isinstance(value, bool):
        return None
    try:
        if isinstance(value, str) and not value.strip().replace(".", "", 1).isdigit():
            at = dt.datetime.fromisoformat(value.strip().upper())
            return at.astimezone(dt.UTC) if at.tzinfo else None
        if not isinstance(value, str | int | float):
            return None
        seconds = float(value)
        seconds = seconds / 1000 if seconds > _MILLISECONDS else seconds
        return dt.datetime.fromtimestamp(seconds, dt.UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _columns(desk: Description) -> Columns:
    extra = {f"{EXTRA}{name}": name for name in desk.attributes}
    base = Columns({})
    return Columns({**desk.columns, **extra}, base.required, (*base.fields, *extra))


def _row(position: str, fields: dict[str, Any], limits: Limits) -> RawRow:
    if any(isinstance(v, str) and len(v) > limits.field for v in fields.values()):
        return RawRow(position, {}, field_problem(limits))
    named = {k: _named(v) if k.startswith(EXTRA) else v for k, v in fields.items()}
    flattened = flat(named)
    if (time := time_of(flattened.get("created_at"))) is not None:
        flattened["created_at"] = time
    return RawRow(position, flattened)


def _named(value: Any) -> Any:
    """Return custom fields that come as a list of ids and values by their ids."""
    if isinstance(value, list) and value and all(map(_is_field, value)):
        return dict(_fields(value))
    return value


def _is_field(value: Any) -> bool:
    return isinstance(value, Mapping) and {"id", "value"} <= value.keys()


def _fields(value: list[Any]) -> Iterator[tuple[str, Any]]:
    for one in value:
        if one["value"] not in (None, "", [], {}):
            yield str(one["id"]), one["value"]


def _n_attachments(part: Any) -> int:
    attached = part.get("attachments") if isinstance(part, Mapping) else None
    return len(attached) if isinstance(attached, list) else 0
