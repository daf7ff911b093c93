"""One row of the sample inbox, and its bytes in a file."""

import csv
import datetime as dt
import io
from collections.abc import Iterable
from dataclasses import dataclass

COLUMNS = ("external_id", "created_at", "text", "channel", "customer_id", "language")


@dataclass(frozen=True, slots=True)
class Row:
    """One row as delivered, with the truth about it."""

    external_id: str
    created_at: str
    """As written in the file; ISO 8601 with an offset for a good row."""
    text: str
    """A lone surrogate U+DC80 to U+DCFF is written as one byte that is not UTF-8."""
    channel: str
    customer_id: str
    language: str
    intent: str
    moment: dt.datetime
    """When it was created, in UTC; the rows of a file are sorted by it."""
    planted: tuple[tuple[str, str], ...] = ()
    """Personal data in the text: (kind, value)."""
    reason: str | None = None
    """Why the row must be rejected; None for a good row."""

    def cells(self) -> tuple[str, ...]:
        """The row's cells in the order of `COLUMNS`."""
        return (
            self.external_id,
            self.created_at,
            self.text,
            self.channel,
            self.customer_id,
            self.language,
        )


def to_csv(header: Iterable[str], rows: Iterable[Iterable[object]]) -> bytes:
    """Return the bytes of a CSV file: UTF-8, lines end with LF, quotes where needed."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return buffer.getvalue().encode("utf-8", "surrogateescape")
