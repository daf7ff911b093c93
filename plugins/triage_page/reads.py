"""The log of reads: who saw or took out messages, by which filter, and how many."""

import json
from collections.abc import Iterator
from typing import Any

from fastapi import Request
from sqlalchemy import Connection, text

from sql.rows import Row

_NOTE = text("SELECT triage.note_read(:what, CAST(:filter AS jsonb), :n)")
_END = text("SELECT triage.end_read(:number, :n)")
_ACT_AS = text("SELECT set_config('triage.actor', :actor, true)")
_LONGEST = 200


def note(db: Connection, request: Request, *, what: str, actor: str, n: int | None) -> int:
    """Log a read in the transaction that reads; return its number. `n` is None until it is known.

    The filter is what the address asks for; no text of a message is logged.
    """
    asked = {**request.query_params, **request.path_params}
    filters = {k: str(v)[:_LONGEST].replace("\0", "") for k, v in sorted(asked.items()) if v}
    db.execute(_ACT_AS, {"actor": actor})
    values = {"what": what, "filter": json.dumps(filters), "n": n}
    return int(db.execute(_NOTE, values).scalar_one())


class Counted:
    """Rows that pass through, counted; the log gets their number when they end or break off."""

    def __init__(self, database: Any, *, number: int, actor: str) -> None:
        self._database, self._number, self._actor = database, number, actor
        self.n = 0

    def rows(self, rows: Iterator[Row]) -> Iterator[Row]:
        """Pass rows on."""
        for row in rows:
            self.n += 1
            yield row

    def end(self) -> None:
        """Log how many rows were taken, whole or not."""
        with self._database.begin() as db:
            db.execute(_ACT_AS, {"actor": self._actor})
            db.execute(_END, {"number": self._number, "n": self.n})
