"""One file that holds the messages of many days, for replays."""

import datetime as dt
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from nlp.errors import SourceError
from nlp.records import RawRow
from nlp.sources.files import read_rows

DEFAULT_COLUMNS = {"external_id": "message_id"}


class ReplaySource:
    """The rows of `path` by the day they were created on; read once, held in memory.

    A time without offset is taken for one in `zone`, as public data sets have them. A row whose
    time cannot be told belongs to the first day. Raises SourceError where nothing can be read.
    """

    def __init__(
        self, path: Path, *, zone: dt.tzinfo, columns: Mapping[str, str] | None = None
    ) -> None:
        self.name = path.stem
        self._rows: dict[dt.date, list[RawRow]] = {}
        undated = []
        try:
            with path.open("rb") as file:
                for row in read_rows(file, name=path.name, columns=columns or DEFAULT_COLUMNS):
                    time = _time(row.fields.get("created_at"), zone)
                    if time is None:
                        undated.append(row)
                        continue
                    fields = {**row.fields, "created_at": time}
                    day = time.astimezone(zone).date()
                    self._rows.setdefault(day, []).append(RawRow(row.position, fields, row.problem))
        except OSError as error:
            raise SourceError(f"{path} cannot be read: {error.strerror}") from error
        if not self._rows:
            raise SourceError(f"{path} holds no row with a created_at that can be read")
        self._rows[min(self._rows)] += undated

    @property
    def days(self) -> list[dt.date]:
        """Every day from the first to the last, those without a message included."""
        first, last = min(self._rows), max(self._rows)
        return [first + dt.timedelta(n) for n in range((last - first).days + 1)]

    def pull(self, day: dt.date) -> Iterator[RawRow]:
        """See `nlp.ports.Source`; a day without messages is empty, not missing."""
        yield from self._rows.get(day, [])


def _time(value: Any, zone: dt.tzinfo) -> dt.datetime | None:
    if isinstance(value, str):
        try:
            value = dt.datetime.fromisoformat(value.strip())
        except ValueError:
            return None
    if not isinstance(value, dt.datetime):
        return None
    return value if value.tzinfo else value.replace(tzinfo=zone)
