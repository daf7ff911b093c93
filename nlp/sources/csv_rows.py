"""Rows of a CSV file in any dialect and encoding."""

import csv
import io
import sys
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from nlp.sources.columns import Columns
from nlp.sources.dialect import N_ABOVE, describe_dialect, guess_dialect
from nlp.sources.encoding import Utf8
from nlp.sources.limits import Limits
from nlp.sources.unpack import TooLargeError

Rows = Iterator[tuple[dict[str, Any], str | None]]
"""The fields of each row, and why it cannot be read, else None."""
Say = Callable[[str], None]
"""Takes what a person should know of a file: how it was read, where that was not plain."""
NOT_UTF8 = "The row holds bytes that are not UTF-8"
_BLOCK = 1 << 16


class UnreadableError(Exception):
    """A reader cannot continue; `nlp.sources.files.read_rows` adds the position."""


def csv_rows(
    stream: Any, name: str, columns: Columns, limits: Limits, *, say: Say, encoding: str | None
) -> Rows:
    """Yield the rows of a stream of bytes. Raises UnreadableError, SourceError, TooLargeError."""
    csv.field_size_limit(min(sys.maxsize, limits.row))

    def on_guess(guess: str) -> None:
        say(f"{name}: read as {guess}")

    utf8 = Utf8(stream, encoding=encoding, may_guess=True, on_guess=on_guess)
    buffered = io.BufferedReader(utf8, _BLOCK)
    sample = buffered.peek(_BLOCK).decode("utf-8", "surrogateescape")
    if not sample:
        return
    is_whole = len(sample) < _BLOCK // 4
    dialect = guess_dialect(sample + "\n" * is_whole, columns)
    if not dialect.is_plain:
        say(f"{name}: read as {describe_dialect(dialect)}")
    # A byte that is not UTF-8 becomes a surrogate, so it affects only its own row.
    lines = io.TextIOWrapper(buffered, "utf-8", errors="surrogateescape", newline="")
    try:
        if dialect.has_sep_line:
            lines.readline(limits.row)
        reader = csv.reader(_bounded(lines, limits), **dialect.options)
        yield from _rows(reader, name, columns, limits)
    finally:
        lines.detach()  # the caller closes the file


def _bounded(lines: io.TextIOWrapper, limits: Limits) -> Iterator[str]:
    """Yield the lines; raises TooLargeError where one is longer than a row may be."""
    while line := lines.readline(limits.row + 1):
        if len(line) > limits.row:
            raise TooLargeError(_too_long(limits))
        yield line


def _too_long(limits: Limits) -> str:
    return (
        f"a row has more than {limits.row:,} bytes. Correct the file, or raise TRIAGE_MAX_ROW_BYTES"
    )


def _rows(reader: Any, name: str, columns: Columns, limits: Limits) -> Rows:
    header = _header(reader, columns, name)
    at = columns.bind(header, name)
    while True:
        begins = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            if "unexpected end" in str(error):
                raise UnreadableError(f"a quote in line {begins} is never closed") from error
            if "field limit" in str(error):
                raise TooLargeError(_too_long(limits)) from error
            yield {}, _quote_problem(begins, reader.line_num)
            continue
        if cells is None:
            return
        if cells:
            yield columns.picked(cells, at), _problem(cells, len(header), limits)


def _header(reader: Any, columns: Columns, name: str) -> list[str]:
    """Return the first row that is not blank, or the one below a title that has all columns.

    Only a row that names every required column is taken for a header further down.
    """
    first: list[str] = []
    try:
        filled = (cells for cells in reader if any(cell.strip() for cell in cells))
        cells: list[str]
        for cells in islice(filled, N_ABOVE):
            first = first or cells
            if columns.places(cells, name).keys() >= set(columns.required):
                return cells
    except csv.Error as error:
        if not first:
            raise UnreadableError("the header has a quote that is not closed") from error
    return first


def _quote_problem(first: int, last: int) -> str:
    where = f"line {first}" if first == last else f"lines {first} to {last}, read as one row,"
    return f"A quote in {where} of the file is not closed or not doubled"


def _problem(cells: list[str], n_columns: int, limits: Limits) -> str | None:
    if not all(map(is_utf8, cells)):
        return NOT_UTF8
    if len(cells) < n_columns or any(cells[n_columns:]):  # Excel adds cells that are empty
        return f"The row has {len(cells)} cells, the header {n_columns}"
    if any(len(cell) > limits.field for cell in cells):
        return field_problem(limits)
    return None


def field_problem(limits: Limits) -> str:
    """Return the sentence about a row with a value that is too long."""
    return f"A value has more than {limits.field:,} characters (TRIAGE_MAX_FIELD_CHARS)"


def is_utf8(cell: str) -> bool:
    """Whether a text that was decoded with `surrogateescape` holds no byte that is not UTF-8."""
    return cell.isascii() or not any("\udc80" <= c <= "\udcff" for c in cell)
