"""Rows of JSON: a row a line, an array, or objects with a list of rows somewhere in them."""

import io
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from nlp.sources.columns import Columns, guess_path, lookup
from nlp.sources.csv_rows import Rows, Say, field_problem
from nlp.sources.encoding import Utf8
from nlp.sources.json_stream import values_of
from nlp.sources.limits import Limits
from nlp.sources.turns import Turns

_HEAD = 1 << 20
_N_FIRST = 50
_EACH = "*"
"""Stands for the place of rows that are the values of an object."""
_N_LEAST = 5
"""Rows from which on a field that all of them lack is the file's fault, not theirs."""
_Value = tuple[Any, str | None]


def json_rows(
    stream: Any,
    name: str,
    columns: Columns,
    limits: Limits,
    *,
    say: Say,
    encoding: str | None,
    rows_at: str | None,
    turns: Turns | None,
) -> Rows:
    """Yield the rows of a stream of bytes. Raises UnreadableError, SourceError, TooLargeError."""

    def on_guess(guess: str) -> None:
        say(f"{name}: read as {guess}")

    utf8 = Utf8(stream, encoding=encoding, may_guess=False, on_guess=on_guess)
    buffered = io.BufferedReader(utf8, _HEAD)
    values = values_of(buffered, limits)
    records = _records(values, columns, rows_at, turns)
    if turns is not None:
        records = _turns(records, turns)
    first = list(islice(records, _N_FIRST))
    _require(first, name, columns)
    for value, problem in _chain(first, records):
        yield _fields(value, problem, columns, limits)


def _chain(first: list[_Value], rest: Iterable[_Value]) -> Iterator[_Value]:
    yield from first
    yield from rest


def _fields(
    value: Any, problem: str | None, columns: Columns, limits: Limits
) -> tuple[dict[str, Any], str | None]:
    if problem or not isinstance(value, Mapping):
        return {}, problem or "The row is not a JSON object"
    fields = columns.values(value)
    if any(isinstance(v, str) and len(v) > limits.field for v in fields.values()):
        return {}, field_problem(limits)
    return fields, None


def _require(first: list[_Value], name: str, columns: Columns) -> None:
    """Refuse a file where a required field is in none of the first rows."""
    objects = [value for value, _ in first if isinstance(value, Mapping)]
    if len(objects) < _N_LEAST:
        return
    rows = [columns.values(value) for value in objects]
    missing = [f for f in columns.required if not any(f in fields for fields in rows)]
    known = [path for f in missing if (path := guess_path(f, objects[0]))]
    columns.require(missing, known, name)


def _records(
    values: Iterable[_Value], columns: Columns, rows_at: str | None, turns: Turns | None
) -> Iterator[_Value]:
    """Yield each row within each value; where the rows are is decided by the first value."""
    for value, problem in values:
        if problem:
            yield value, problem
            continue
        if rows_at is None:
            rows_at = _place(value, columns, turns)
        yield from _within(value, rows_at)


def _within(value: Any, place: str) -> Iterator[_Value]:
    inner = lookup(value, place) if place and place != _EACH else value
    if place == _EACH and isinstance(value, Mapping):
        yield from ((one, None) for one in value.values())
        return
    if isinstance(inner, list) and (place or all(isinstance(v, Mapping) for v in inner)):
        yield from ((one, None) for one in inner)
    elif inner is None and place:
        yield {}, f"The value holds no list {place!r}"
    else:
        yield inner, None


def _place(value: Any, columns: Columns, turns: Turns | None) -> str:
    """Return the path of the list of rows in a value; empty where the value itself is a row."""
    if not isinstance(value, Mapping):
        return ""
    lists = dict(_lists(value, "", 3))
    if len(value) > 1 and all(isinstance(one, Mapping) for one in value.values()):
        lists[_EACH] = next(iter(value.values()))  # rows by their ids
    scores = {path: _score(first, columns, turns) for path, first in lists.items()}
    best = max(scores, key=lambda path: (scores[path], -len(path)), default="")
    return best if best and scores[best] > _score(value, columns, turns) else ""


def _lists(value: Mapping[str, Any], prefix: str, depth: int) -> Iterator[tuple[str, Any]]:
    """Yield the path of each list of objects, with its first object."""
    for key, one in value.items():
        if isinstance(one, list) and one and isinstance(one[0], Mapping):
            yield f"{prefix}{key}", one[0]
        elif isinstance(one, Mapping) and depth > 1:
            yield from _lists(one, f"{prefix}{key}.", depth - 1)


def _score(record: Mapping[str, Any], columns: Columns, turns: Turns | None) -> tuple[bool, int]:
    """Return whether an object has all required fields under their names, and how many it has
    under usual ones, at any depth.
    """
    required = columns.required
    if turns is not None:
        record = next(turns.of(record), record)
    if all(lookup(record, columns.name(f)) is not None for f in required):
        return True, len(required)
    return False, sum(guess_path(f, record) is not None for f in required)


def _turns(records: Iterable[_Value], turns: Turns) -> Iterator[_Value]:
    for value, problem in records:
        if problem or not isinstance(value, Mapping):
            yield value, problem
        else:
            yield from ((one, None) for one in turns.of(value))
