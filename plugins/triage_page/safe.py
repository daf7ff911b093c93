"""Rows as CSV and JSON that are safe to open in a spreadsheet or a browser."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sql.cells import cell, plain

_LINES = 200


def csv_lines(names: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """Yield a CSV file, 200 lines at a time, so that memory is bounded."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(names)
    for n, row in enumerate(rows, 1):
        writer.writerow([cell(row[name]) for name in names])
        if n % _LINES == 0:
            yield _taken(buffer)
    yield _taken(buffer)


def json_lines(names: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """Yield a JSON array of objects in the same way."""
    buffer, between = io.StringIO("["), ""
    buffer.seek(1)
    for n, row in enumerate(rows, 1):
        buffer.write(between + as_json({name: row[name] for name in names}))
        between = ",\n"
        if n % _LINES == 0:
            yield _taken(buffer)
    buffer.write("]\n")
    yield _taken(buffer)


def as_json(value: Any) -> str:
    """JSON with dates in ISO 8601; `<` is escaped, so that it is never markup."""
    return json.dumps(value, default=plain, ensure_ascii=False).replace("<", "\\u003c")


def _taken(buffer: io.StringIO) -> bytes:
    data = buffer.getvalue().encode()
    buffer.seek(0)
    buffer.truncate()
    return data
