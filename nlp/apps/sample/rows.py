"""One row of the sample inbox, and its bytes in a file."""

import csv
import datetime as dt
import io
import json
import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

COLUMNS = (
    "external_id",
    "created_at",
    "text",
    "channel",
    "customer_id",
    "language",
    "subject",
    "conversation_id",
    "author",
    "attributes",
)
_OFFSETS = (0, 0, 0, 0, 0, 0, 1, 1, 2, -5)


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
    subject: str
    conversation_id: str
    author: str
    attributes: Mapping[str, str]
    """Written as JSON; an empty cell where there are none."""
    intent: str
    """The first one that it raises, or why it raises none."""
    moment: dt.datetime
    """When it was created, in UTC; the rows of a file are sorted by it."""
    raised: tuple[tuple[str, str], ...] = ()
    """Every intent that it raises, with the words that raise it."""
    planted: tuple[tuple[str, str, str], ...] = ()
    """Personal data in the text: (kind, value, place), where the place is `words` or `around`."""
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
            self.subject,
            self.conversation_id,
            self.author,
            json.dumps(self.attributes) if self.attributes else "",
        )


def external_id(day: dt.date, n: int) -> str:
    """Return the id of the n-th message created on `day`."""
    return f"T{day:%y%m%d}-{n:04d}"


def with_offset(rng: random.Random, moment: dt.datetime) -> str:
    """Return an instant in a form that helpdesks use: in UTC, with a `Z`, or in another zone."""
    hours = rng.choice(_OFFSETS)
    if hours == 0 and rng.random() < 0.3:
        return f"{moment:%Y-%m-%dT%H:%M:%S}Z"
    return moment.astimezone(dt.timezone(dt.timedelta(hours=hours))).isoformat()


def to_csv(header: Iterable[str], rows: Iterable[Iterable[object]]) -> bytes:
    """Return the bytes of a CSV file: UTF-8, lines end with LF, quotes where needed."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return buffer.getvalue().encode("utf-8", "surrogateescape")
