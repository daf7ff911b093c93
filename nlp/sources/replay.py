"""One file with the messages of many days, for replays."""

import datetime as dt
import pickle
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from nlp.errors import SourceError
from nlp.records import RawRow
from nlp.sources.clock import read
from nlp.sources.csv_rows import Say
from nlp.sources.dated import dated, plain_time, say
from nlp.sources.files import form_of, read_rows
from nlp.sources.shape import Shape, shape_of
from nlp.sources.times import Form, FormError

_LONGEST_GAP = dt.timedelta(366)
_CHUNK = 500


class ReplaySource:
    """The rows of `path` by the day they were created on; read once and kept in memory, packed.

    A row with an unreadable time comes on the first day. So does a row over a year away from the
    bulk of the rows: a typing error in the year must not cause a replay of a century. The contract
    then rejects such a row or treats it as late. `zone` is the project's; a time without an offset
    is in the zone of the shape, else in `zone`. Raises SourceError where nothing can be read.
    """

    def __init__(
        self,
        path: Path,
        *,
        zone: dt.tzinfo,
        columns: Mapping[str, str] | None = None,
        shape: Shape | None = None,
        say: Say = say,
    ) -> None:
        self.name = path.stem
        self.say = say
        self.path = path
        shape = shape or shape_of(columns)
        self.zone = zone
        self._rows = _by_day(self._read(shape))
        if not self._rows:
            raise SourceError(f"{path} is empty: it has no row. Deliver it again")
        if None in self._rows and len(self._rows) == 1:
            raise SourceError(f"{path} holds no row with a created_at that can be read{self._why}")
        dated_on = {day: kept for day, kept in self._rows.items() if day is not None}
        bulk = _bulk({day: len(kept) for day, kept in dated_on.items()})
        first = dated_on[min(bulk)]
        for day in [d for d in self._rows if d not in bulk]:
            first.extend(self._rows.pop(day))

    def _read(self, shape: Shape) -> Iterator[tuple[dt.date | None, RawRow]]:
        """Yield each row with its day; None where its time cannot be read."""
        form = self._form(shape)
        zone = shape.zone or self.zone
        whole = Shape(**{**vars(shape), "default_zone": shape.default_zone or self.zone})
        rows = _rows(self.path, shape, self.say)
        name = self.path.name
        for row in dated(rows, shape=whole, form=form, name=name, tell=self.say):
            value = row.fields.get("created_at")
            time = value if isinstance(value, dt.datetime) else plain_time(value) or read(value)
            yield _day(time if isinstance(time, dt.datetime) else None, zone, self.zone), row

    def _form(self, shape: Shape) -> Form:
        form = form_of(_rows(self.path, shape, _be_silent), shape)
        self._why = ""
        if isinstance(form, Form):
            return form
        self._why = f". Its form is {form.shape!r}" if form.shape else ""
        try:
            return form.form()
        except FormError as error:
            raise SourceError(f"{self.path}: {error}") from error

    @property
    def days(self) -> list[dt.date]:
        """Every day from the first to the last, including days without messages."""
        days = [day for day in self._rows if day is not None]
        first, last = min(days), max(days)
        return [first + dt.timedelta(n) for n in range((last - first).days + 1)]

    def pull(self, day: dt.date) -> Iterator[RawRow]:
        """See `nlp.ports.Source`; a day without messages yields nothing and raises nothing."""
        if day in self._rows:
            yield from self._rows[day]


def _be_silent(sentence: str) -> None:
    del sentence


def _rows(path: Path, shape: Shape, say: Say) -> Iterator[RawRow]:
    try:
        with path.open("rb") as file:
            yield from read_rows(file, name=path.name, shape=shape, say=say)
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror}") from error


def _day(time: dt.datetime | None, zone: dt.tzinfo, project: dt.tzinfo) -> dt.date | None:
    if time is None:
        return None
    try:
        return (time if time.tzinfo else time.replace(tzinfo=zone)).astimezone(project).date()
    except OverflowError:  # the edge of the calendar
        return None


class _Packed:
    """Rows kept compressed: a file of a gigabyte takes a fraction of it."""

    def __init__(self) -> None:
        self.packs: list[bytes] = []
        self.open: list[RawRow] = []
        self.n = 0

    def __len__(self) -> int:
        return self.n

    def append(self, row: RawRow) -> None:
        """Add a row."""
        self.open.append(row)
        self.n += 1
        if len(self.open) >= _CHUNK:
            self.packs.append(zlib.compress(pickle.dumps(self.open), 1))
            self.open = []

    def extend(self, rows: Iterable[RawRow]) -> None:
        """Add rows."""
        for row in rows:
            self.append(row)

    def __iter__(self) -> Iterator[RawRow]:
        for pack in self.packs:
            yield from pickle.loads(zlib.decompress(pack))  # noqa: S301 - packed by this process
        yield from self.open


def _by_day(rows: Iterable[tuple[dt.date | None, RawRow]]) -> dict[dt.date | None, Any]:
    days: dict[dt.date | None, Any] = {}
    for day, row in rows:
        if day not in days:
            days[day] = _Packed()
        days[day].append(row)
    return days


def _bulk(sizes: Mapping[dt.date, int]) -> list[dt.date]:
    """Return the days of the series with most rows; a series ends before an empty year."""
    runs: list[list[dt.date]] = []
    for day in sorted(sizes):
        if not runs or day - runs[-1][-1] > _LONGEST_GAP:
            runs.append([])
        runs[-1].append(day)
    return max(runs, key=lambda run: sum(sizes[day] for day in run))
