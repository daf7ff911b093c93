"""One file with the messages of many days, for replays."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from nlp.errors import SourceError
from nlp.records import RawRow
from nlp.sources.files import read_rows

DEFAULT_COLUMNS = {"external_id": "message_id"}
_LONGEST_GAP = dt.timedelta(366)


class ReplaySource:
    """The rows of `path` by the day they were created on; read once and kept in memory.

    A time without an offset counts as one in `zone`, because public data sets often have none. A
    row with an unreadable time comes on the first day. So does a row over a year away from the
    bulk of the rows: a typing error in the year must not cause a replay of a century. The contract
    then rejects such a row or treats it as late. Raises SourceError where nothing can be read.
    """

    def __init__(
        self, path: Path, *, zone: dt.tzinfo, columns: Mapping[str, str] | None = None
    ) -> None:
        self.name = path.stem
        dated: dict[dt.date, list[RawRow]] = {}
        undated = []
        try:
            with path.open("rb") as file:
                for row in read_rows(file, name=path.name, columns=columns or DEFAULT_COLUMNS):
                    time = _time(row.fields.get("created_at"), zone)
                    day = _day(time, zone)
                    if day is None:
                        undated.append(row)
                        continue
                    fields = {**row.fields, "created_at": time}
                    dated.setdefault(day, []).append(replace(row, fields=fields))
        except OSError as error:
            raise SourceError(f"{path} cannot be read: {error.strerror}") from error
        if not dated:
            raise SourceError(f"{path} holds no row with a created_at that can be read")
        self._rows = {day: dated.pop(day) for day in _bulk(dated)}
        self._rows[min(self._rows)] += [*(row for rows in dated.values() for row in rows), *undated]

    @property
    def days(self) -> list[dt.date]:
        """Every day from the first to the last, including days without messages."""
        first, last = min(self._rows), max(self._rows)
        return [first + dt.timedelta(n) for n in range((last - first).days + 1)]

    def pull(self, day: dt.date) -> Iterator[RawRow]:
        """See `nlp.ports.Source`; a day without messages yields nothing and raises nothing."""
        yield from self._rows.get(day, [])


def _time(value: Any, zone: dt.tzinfo) -> dt.datetime | None:
    if isinstance(value, str):
        try:
            value = dt.datetime.fromisoformat(value.strip().upper())
        except ValueError:
            return None
    if not isinstance(value, dt.datetime):
        return None
    return value if value.tzinfo else value.replace(tzinfo=zone)


def _day(time: dt.datetime | None, zone: dt.tzinfo) -> dt.date | None:
    try:
        return time.astimezone(zone).date() if time else None
    except OverflowError:  # the edge of the calendar
        return None


def _bulk(rows: Mapping[dt.date, list[RawRow]]) -> list[dt.date]:
    """Return the days of the series with most rows; a series ends before an empty year."""
    runs: list[list[dt.date]] = []
    for day in sorted(rows):
        if not runs or day - runs[-1][-1] > _LONGEST_GAP:
            runs.append([])
        runs[-1].append(day)
    return max(runs, key=lambda run: sum(len(rows[day]) for day in run))
