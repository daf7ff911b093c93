"""Which column of a source is which field of the contract, whatever its case and spacing."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from typing import Any

from nlp.errors import SourceError

REQUIRED = ("external_id", "created_at", "text")
FIELDS = (
    *REQUIRED,
    "channel",
    "customer_id",
    "language",
    "attributes",
    "subject",
    "conversation_id",
    "author",
)
ALIASES: dict[str, tuple[str, ...]] = {
    "external_id": (
        "message_id", "external_id", "id", "ticket_id", "case_number", "case_id", "complaint_id",
        "conversation_id", "comment_id", "number", "key", "uuid", "guid", "_id", "ref", "reference",
    ),
    "created_at": (
        "created_at", "created", "created_time", "created_date", "creation_date", "date_created",
        "created_on", "timestamp", "date_received", "received_at", "received", "submitted_at",
        "sent_at", "sent", "date", "datetime", "time", "opened_at", "opened", "inserted_at",
    ),
    "text": (
        "text", "body", "plain_body", "body_text", "description_text", "description", "message",
        "message_body", "content", "comment", "comments", "complaint", "narrative", "feedback",
        "review", "source_body", "question", "details",
    ),
    "customer_id": ("customer_id", "requester_id", "user_id", "contact_id", "client_id",
                    "requester", "customer", "author_id", "account_id"),
    "subject": ("subject", "title", "topic"),
    "channel": ("channel", "via", "source", "origin", "medium"),
    "language": ("language", "locale", "lang"),
    "conversation_id": ("conversation_id", "thread_id"),
    "author": ("author", "author_type", "sender"),
    "attributes": ("attributes",),
    "intent": ("intent", "label", "category", "class", "target"),
}  # fmt: skip
"""Usual names of each field, the likeliest first; `triage inspect` suggests them."""


_COMPOSED = re.compile(r"[.|+]")
Ways = tuple[tuple[int, ...], ...]
"""The places of a field in a row: its alternatives, each the columns that form it."""


@cache
def normal(name: str) -> str:
    """Return a column name as lower-case words joined by `_`: `Created At`, `createdAt`."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name.replace("\ufeff", ""))
    return re.sub(r"[\W_]+", "_", spaced.casefold()).strip("_") or name.strip()


@dataclass(frozen=True)
class Columns:
    """Maps each field to what it is called in the source.

    A name may be a dotted path into nested objects (`ticket.id`), several columns whose values
    form one (`ticket_id+comment_id`), or alternatives of which the first that has a value counts
    (`plain_body|body`). A column that is called exactly so goes first.
    """

    own: Mapping[str, str]
    """Field to name; a field that is missing is called as in the contract."""
    required: tuple[str, ...] = REQUIRED
    fields: tuple[str, ...] = FIELDS

    def name(self, field: str) -> str:
        """Return what a field is called in the source."""
        return self.own.get(field, field)

    @property
    def names(self) -> frozenset[str]:
        """The normal forms of all names that a header may have."""
        ways = {way for f in self.fields for way in self.name(f).split("|")}
        parts = {part for way in ways for part in way.split("+")}
        return frozenset(map(normal, {*ways, *parts, *map(self.name, self.fields), "message_id"}))

    def bind(self, header: Sequence[str], file: str) -> dict[str, Ways]:
        """Return for each field that is there its alternatives, each the columns that form it.

        Raises SourceError where a required field is missing, or a name means two columns.
        """
        at = self.places(header, file)
        self.require([f for f in self.required if f not in at], header, file)
        return at

    def places(self, header: Sequence[str], file: str) -> dict[str, Ways]:
        """Return what `bind` does, whatever is missing."""
        places = {field: self._alternatives(field, header, file) for field in self.fields}
        return {field: tuple(ways) for field, ways in places.items() if ways}

    @staticmethod
    def picked(cells: Sequence[Any], at: Mapping[str, Ways]) -> dict[str, Any]:
        """Return the fields of a row; a row that is too short lacks some."""
        fields = {}
        for field, ways in at.items():
            there = [way for way in ways if max(way) < len(cells)]
            values = [
                cells[way[0]] if len(way) == 1 else joined([cells[i] for i in way]) for way in there
            ]
            if values:
                fields[field] = next((v for v in values if v is not None and v != ""), values[0])
        return fields

    def require(self, missing: Sequence[str], header: Iterable[str], file: str) -> None:
        """Raise SourceError where fields are missing, with the columns that they may be.

        Only names that are known are quoted: what stands in row 1 may be a customer's message.
        """
        if not missing:
            return
        names = ", ".join(map(self.name, missing))
        hints = [(f, guess(f, header)) for f in missing]
        perhaps = " and ".join(f"{f} is {column!r}" for f, column in hints if column)
        raise SourceError(
            f"{file}: row 1 names no column {names}. Add it, or map it: `columns` in "
            "TRIAGE_SOURCES, or the column options of `triage replay`"
            + (f". Perhaps {perhaps}" if perhaps else "")
        )

    def values(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """Return the fields of one JSON object; a field without a value is left out."""
        fields = {}
        for field, name, is_key in _keys(self._names, tuple(record)):
            value = record[name] if is_key else lookup(record, name)
            if value is not None:
                fields[field] = value
        return fields

    @cached_property
    def _names(self) -> tuple[tuple[str, str], ...]:
        """Each field with its name; the id has another usual one."""
        return tuple(
            (f, self.name(f) if f != "external_id" or f in self.own else "external_id|message_id")
            for f in self.fields
        )

    def _alternatives(self, field: str, header: Sequence[str], file: str) -> list[tuple[int, ...]]:
        ways = self._ways(self.name(field), header, file)
        if not ways and field == "external_id" and field not in self.own:
            ways = self._ways("message_id", header, file)
        return ways

    def _ways(self, name: str, header: Sequence[str], file: str) -> list[tuple[int, ...]]:
        if (at := _index(name, header, file)) is not None:
            return [(at,)]
        ways: list[tuple[int, ...]] = []
        for way in name.split("|"):
            parts = [_index(part, header, file) for part in [way, *way.split("+")]]
            if parts[0] is not None:
                ways.append((parts[0],))
            elif None not in parts[1:]:
                ways.append(tuple(i for i in parts[1:] if i is not None))
        return ways


@lru_cache(256)
def _keys(
    names: tuple[tuple[str, str], ...], keys: tuple[str, ...]
) -> tuple[tuple[str, str, bool], ...]:
    """Return where the fields of an object with these keys are: a key, or a name to look up.

    Objects of one file have the same keys, so that this is found out once.
    """
    ways = []
    for field, name in names:
        if name in keys:
            ways.append((field, name, True))
        elif not _COMPOSED.search(name):
            alike = next((key for key in keys if normal(key) == normal(name)), None)
            ways += [(field, alike, True)] if alike is not None else []
        else:
            ways.append((field, name, False))
    return tuple(ways)


def _index(name: str, header: Sequence[str], file: str) -> int | None:
    """Return the place of a column: by its exact name, else by its words alone."""
    if name in header:
        return header.index(name)
    alike = [i for i, column in enumerate(header) if column and normal(column) == normal(name)]
    if len({header[i].strip() for i in alike}) > 1:
        raise SourceError(
            f"{file}: {len(alike)} columns may be {name!r}. Give one of them another name, or map "
            "it by its exact name"
        )
    return alike[0] if alike else None


def lookup(record: Any, name: str) -> Any:
    """Return the value of a name in an object; None where it is missing. See `Columns`."""
    if isinstance(record, Mapping) and name in record:
        return record[name]
    for way in name.split("|"):
        value = _path(record, way)
        if value is None and "+" in way:
            parts = [_path(record, part) for part in way.split("+")]
            value = joined(parts)
        if value is not None and value != "":
            return value
    return None


def joined(parts: Sequence[Any]) -> str | None:
    """Return several values as one id; None where one of them is missing."""
    if any(part is None or part == "" for part in parts):
        return None
    return ":".join(str(part) for part in parts)


def _path(value: Any, path: str) -> Any:
    names = path.split(".")
    for n, name in enumerate(names):
        if isinstance(value, Mapping):
            rest = ".".join(names[n:])
            if rest in value:
                return value[rest]
            value = value.get(name) if name in value else _alike(value, name)
        elif isinstance(value, list) and name.isdigit():
            value = value[int(name)] if int(name) < len(value) else None
        else:
            return None
    return value


def _alike(record: Mapping[str, Any], name: str) -> Any:
    wanted = normal(name)
    return next((v for k, v in record.items() if normal(k) == wanted), None)


def guess(field: str, header: Iterable[str]) -> str | None:
    """Return the column that a field is likely called, by its usual names; None for no idea."""
    by_normal = {normal(column): column for column in reversed(list(header))}
    return next((by_normal[n] for n in ALIASES[field] if n in by_normal), None)


def paths_of(record: Mapping[str, Any], *, depth: int = 3) -> dict[str, Any]:
    """Return the scalars of nested objects by their dotted path, the shallow ones first."""
    paths: dict[str, Any] = {}
    level: list[tuple[str, Mapping[str, Any]]] = [("", record)]
    for _ in range(depth):
        deeper: list[tuple[str, Mapping[str, Any]]] = []
        for prefix, one in level:
            for key, value in one.items():
                if isinstance(value, Mapping):
                    deeper.append((f"{prefix}{key}.", value))
                elif not isinstance(value, list):
                    paths[f"{prefix}{key}"] = value
        level = deeper
    return paths


def guess_path(field: str, record: Mapping[str, Any]) -> str | None:
    """Return the dotted path that a field likely has in an object; None for no idea."""
    for name in ALIASES[field]:
        for path in paths_of(record):
            if normal(path) == name or normal(path.rsplit(".", 1)[-1]) == name:
                return path
    return None
