"""Rows with their time read, and what a person should know of their ids."""

import datetime as dt
import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain, islice
from typing import Any

from nlp.errors import SourceError
from nlp.records import RawRow
from nlp.sources.csv_rows import Say
from nlp.sources.optional import flat
from nlp.sources.shape import Shape
from nlp.sources.times import Evidence, Form, FormError

_log = logging.getLogger(__name__)
_ROUNDED = re.compile(r"\d(?:[.,]\d+)?E\+\d+", re.IGNORECASE)
_EXACT = 2**53
"""Whole numbers above it lose digits as floats."""
_N_FIRST = 2_000
"""Rows that tell the form of the times."""
_MOST_IDS = 100_000
_DIGITS = 15
"""Digits that a spreadsheet keeps of a number."""
_FEW = 5
"""Ids that end in zeros from which on that is no chance."""


def say(sentence: str) -> None:
    """Tell a person how a source was read: on the command line, in a task's log."""
    _log.warning("%s", sentence)


def dated(
    rows: Iterable[RawRow], *, shape: Shape, form: Form, name: str, tell: Say = say
) -> Iterator[RawRow]:
    """Yield the rows with `created_at` as a time and every field as a plain value.

    A value that has not the form of its column stays, and the contract turns it away. At the end a
    sentence says how many ids a spreadsheet has rounded.
    """
    zone = shape.zone or (shape.default_zone if form.is_naive else None)
    ids = RoundedIds()
    for row in rows:
        fields = flat(row.fields)
        ids.add(fields.get("external_id"))
        value = fields.get("created_at")
        if plain_time(value) is None and (time := form.time(value, zone)) is not None:
            fields["created_at"] = time
        yield replace(row, fields=fields)
    if sentence := ids.sentence():
        tell(f"{name}: {sentence}")


def streamed(rows: Iterator[RawRow], *, shape: Shape, name: str, what: str) -> Iterator[RawRow]:
    """Yield rows that can be read once, dated; the first of them tell the form of their times.

    Raises SourceError where they do not.
    """
    first = list(islice(rows, _N_FIRST))
    evidence = Evidence()
    for row in first:
        evidence.add(row.fields.get("created_at"))
    try:
        given = shape.time_format
        form = Form(given, is_naive=True) if given else evidence.form()
    except FormError as error:
        raise SourceError(f"{name}: {what}: {error}") from error
    yield from dated(chain(first, rows), shape=shape, form=form, name=name)


def plain_time(value: Any) -> dt.datetime | None:
    """Return the time of an ISO 8601 text with an offset, which the contract reads by itself."""
    if not isinstance(value, str) or value.isdigit():
        return None
    try:
        time = dt.datetime.fromisoformat(value.strip().upper())
    except ValueError:
        return None
    return time if time.tzinfo and not value.strip().isdigit() else None


class RoundedIds:
    """Counts the ids that a spreadsheet has rounded, as `2.02603E+11`."""

    def __init__(self) -> None:
        self.n = self.n_rounded = self.n_long = self.n_cut = 0
        self.ids: set[str] = set()

    def add(self, value: Any) -> None:
        """Count an id."""
        self.n += value not in (None, "")
        if isinstance(value, str) and len(value) > _DIGITS and value.isdigit():
            self.n_long += 1
            self.n_cut += not value[_DIGITS:].strip("0")
        is_text = isinstance(value, str) and _ROUNDED.fullmatch(value.strip()) is not None
        if is_text or (isinstance(value, float) and abs(value) > _EXACT):
            self.n_rounded += 1
            if len(self.ids) < _MOST_IDS:
                self.ids.add(str(value).strip())

    def sentence(self) -> str:
        """Return what happened to the ids; empty where nothing did."""
        if not self.n_rounded and self.n_cut >= _FEW and self.n_cut == self.n_long:
            return (
                f"{self.n_cut:,} of {self.n:,} ids have {_DIGITS} digits and then zeros, as a "
                "spreadsheet cuts long numbers. Export the column of the id as text"
            )
        if not self.n_rounded:
            return ""
        n_repeats = self.n_rounded - len(self.ids)
        repeat = f", and {n_repeats:,} rows repeat an id" if n_repeats else ""
        return (
            f"{self.n_rounded:,} of {self.n:,} ids are rounded, as 9.99999E+99{repeat}: a "
            "spreadsheet shows long numbers so. Export the column of the id as text"
        )
