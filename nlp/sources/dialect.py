"""The dialect of a CSV file: its delimiter, `sep=` line, escape and header."""

import csv
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from nlp.sources.columns import Columns, normal

_DELIMITERS = (",", ";", "\t", "|")
_SEP = re.compile(r'\ufeff?"?sep=(?P<delimiter>[^\r\n])"?\r?\n?', re.IGNORECASE)
_N_ROWS = 50
N_ABOVE = 10
"""Rows in which the header is looked for: reports have a title above their table."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """How the rows of a file are written."""

    delimiter: str = ","
    has_sep_line: bool = False
    """The first line is Excel's `sep=;`, and no row."""
    escape: str | None = None
    """A backslash before a quote, as some databases write it, instead of a second quote."""
    skips_blanks: bool = False
    """Blanks follow the delimiter, before a quote."""
    has_quotes: bool = True
    """Quotes enclose values; else they are part of them, as databases write tables with tabs."""

    @property
    def options(self) -> dict[str, Any]:
        """The arguments of `csv.reader`."""
        return {
            "delimiter": self.delimiter,
            "escapechar": self.escape,
            "doublequote": True,
            "skipinitialspace": self.skips_blanks,
            "quoting": csv.QUOTE_MINIMAL if self.has_quotes else csv.QUOTE_NONE,
            # Strict, because otherwise an unclosed quote silently swallows the rest of the file.
            "strict": True,
        }

    @property
    def is_plain(self) -> bool:
        """Whether it is the usual one, which needs no word."""
        return self.delimiter == "," and self.escape is None


def guess_dialect(sample: str, columns: Columns) -> Dialect:
    """Return the dialect in which the header of `sample`, the start of a file, has most columns.

    Of equals the one whose rows have most often as many cells as the header.
    """
    sep = _SEP.match(sample)
    if sep:
        named = Dialect(sep["delimiter"], has_sep_line=True)
        return _with_escape(named, sample[sep.end() :], columns)
    plain = [Dialect(d) for d in _DELIMITERS]
    best = max(plain, key=lambda d: _fit(d, sample, columns))
    return _with_escape(best, sample, columns)


def _with_escape(dialect: Dialect, sample: str, columns: Columns) -> Dialect:
    """Return the dialect with the way of quoting in which most rows of the sample are whole."""
    header = sample.partition("\n")[0]
    is_spaced = re.search(re.escape(dialect.delimiter) + ' +"', header) is not None
    plain = replace(dialect, skips_blanks=is_spaced)
    ways = [plain]
    if '\\"' in sample:
        ways.append(replace(plain, escape="\\"))
    if dialect.delimiter == "\t" and '"' in sample:
        ways.append(replace(plain, has_quotes=False))
    return max(ways, key=lambda way: _fit(way, sample, columns))


def _fit(dialect: Dialect, sample: str, columns: Columns) -> tuple[int, int, int]:
    """Return how many fields the header has, how many rows are whole, and how many columns."""
    rows = list(_rows(sample, dialect))
    if not rows or not rows[0]:
        return 0, 0, 0
    first = [row or [] for row in rows[:N_ABOVE]]
    header = max(first, key=lambda row: len({normal(cell) for cell in row} & columns.names))
    n_named = len({normal(cell) for cell in header} & columns.names)
    n_whole = sum(row is not None and len(row) == len(header) for row in rows[1:])
    n_broken = sum(row is None for row in rows)
    return n_named, (n_whole if len(header) > 1 else 0) - n_broken, len(header)


def _rows(sample: str, dialect: Dialect) -> Iterable[list[str] | None]:
    """Yield the first rows that are not blank; a row that cannot be read is None."""
    lines = list(io.StringIO(sample, newline=""))
    if lines and not lines[-1].endswith(("\r", "\n")):
        lines.pop()  # the sample cuts it
    reader = csv.reader(iter(lines), **dialect.options)
    for _ in range(_N_ROWS):
        try:
            row = next(reader, None)
        except csv.Error:
            if reader.line_num >= len(lines):  # a row that the sample cuts
                return
            yield None
            continue
        if row is None:
            return
        if row:
            yield row


def describe_dialect(dialect: Dialect) -> str:
    """Return the dialect in words."""
    names: Mapping[str, str] = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
    way = "" if dialect.escape is None else ", quotes escaped by backslashes"
    return f"delimited by {names.get(dialect.delimiter, repr(dialect.delimiter))}{way}"
