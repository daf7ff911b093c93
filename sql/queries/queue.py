"""The queue: messages whose intent a person should decide, by why the model would not."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from nlp.states import Abstention
from sql.queries.messages import COLUMNS, ListedMessage
from sql.rows import Record, first, records

OLDER = "older"
"""Whatever the reason, but of days before the last `DAYS`."""
KINDS = ("", *(str(reason) for reason in Abstention), OLDER)
"""What `why` may be: empty for all of the last `DAYS` days but unsupported languages."""
DAYS = 28
_MOST_OLDER = 1_000
LATE = "p.day > CAST(:last AS date) - CAST(:days AS integer)"
_OF_KIND = {
    "": f"{LATE} AND p.reason <> '{Abstention.UNSUPPORTED_LANGUAGE}'",
    OLDER: "p.day <= CAST(:last AS date) - CAST(:days AS integer)",
}
# What the model in service says counts, else what the latest before it said, as in message_triage.
WAITING = """
FROM triage.intent_predictions p JOIN triage.model_versions v ON v.version = p.model_version
WHERE p.abstained
  AND coalesce((SELECT s.n FROM triage.passages s WHERE s.passage_id = p.passage_id), 1) = 1
  AND NOT EXISTS (SELECT FROM triage.corrections c
                  WHERE c.message_id = p.passage_id AND c.intent IS NOT NULL)
  AND (v.role = 'champion' OR NOT EXISTS (
      SELECT FROM triage.intent_predictions q JOIN triage.model_versions w
        ON w.version = q.model_version
      WHERE q.passage_id = p.passage_id AND (w.role = 'champion', w.trained_at, w.version)
                                          > (v.role = 'champion', v.trained_at, v.version)))
"""
# The pool is cut before the texts are looked up, so that a large backlog costs no more.
_QUEUE = f"""
WITH mark AS (
    SELECT p.probability, p.passage_id FROM triage.intent_predictions p
    JOIN triage.model_versions v ON v.version = p.model_version
    WHERE p.passage_id = CAST(:after AS uuid)
    ORDER BY v.role = 'champion' DESC, v.trained_at DESC, v.version DESC LIMIT 1),
pool AS (
    SELECT p.passage_id AS message_id, p.probability,
           coalesce((p.probability, p.passage_id) <= (SELECT probability, passage_id FROM mark),
                    false) AS passed
    {WAITING} AND {{of_kind}} ORDER BY passed, p.probability, p.passage_id LIMIT :most)
SELECT {COLUMNS}, pool.passed FROM pool JOIN triage.message_triage m USING (message_id)
ORDER BY pool.passed, pool.probability, message_id
"""
_COUNTS = f"""
SELECT count(*) FILTER (WHERE reason = 'low_probability')::int AS low_probability,
       count(*) FILTER (WHERE reason = 'ambiguous')::int AS ambiguous,
       count(*) FILTER (WHERE reason = 'out_of_scope')::int AS out_of_scope,
       count(*) FILTER (WHERE reason = 'cold_start')::int AS cold_start,
       count(*) FILTER (WHERE reason = 'unsupported_language')::int AS unsupported_language
FROM (SELECT p.reason {WAITING} AND {LATE}) late
"""
_N_OLDER = f"""
SELECT count(*)::int AS older FROM (SELECT {WAITING} AND {_OF_KIND[OLDER]} LIMIT :most) o
"""


@dataclass(frozen=True, slots=True)
class QueuedMessage(ListedMessage):
    """A message that waits for a person."""

    passed: bool
    """It comes before the one that the person came to, and so last."""


@dataclass(frozen=True, slots=True)
class Waiting(Record):
    """How many messages wait, by why the model would not decide; each message is in one."""

    low_probability: int
    ambiguous: int
    out_of_scope: int
    cold_start: int
    unsupported_language: int
    older: int
    """Of days before the last `DAYS`, whatever the reason; no more than `_MOST_OLDER` + 1."""

    def of(self, why: str) -> int:
        """How many the queue of that kind has."""
        if why:
            return int(getattr(self, why))
        return self.low_probability + self.ambiguous + self.out_of_scope + self.cold_start

    def shown(self, why: str) -> str:
        """The same in figures, with a plus where there are more than were counted."""
        n = self.of(why)
        return f"{_MOST_OLDER}+" if why == OLDER and n > _MOST_OLDER else str(n)


def queue(
    connection: Connection, *, last: dt.date, most: int, why: str = "", after: str | None = None
) -> list[QueuedMessage]:
    """The next messages to decide, the least sure first.

    Those up to the message `after` come last: whoever skips some meets them at the end, and
    nothing is left out, however many were decided in between.
    """
    of_kind = _OF_KIND.get(why, f"{LATE} AND p.reason = :why")
    values = {"last": last, "days": DAYS, "most": most, "after": after}
    if why not in _OF_KIND:
        values["why"] = why
    return records(connection, QueuedMessage, _QUEUE.format(of_kind=of_kind), **values)


def waiting(connection: Connection, *, last: dt.date) -> Waiting:
    """How many messages wait."""
    late = _counts(connection, _COUNTS, last=last)
    older = _counts(connection, _N_OLDER, last=last, most=_MOST_OLDER + 1)
    return Waiting(**late, **older)


def n_queued(connection: Connection, *, last: dt.date) -> int:
    """How many the queue has as it opens."""
    return Waiting(**_counts(connection, _COUNTS, last=last), older=0).of("")


def _counts(connection: Connection, query: str, **values: Any) -> dict[str, int]:
    row = first(connection, query, days=DAYS, **values)
    assert row is not None  # a count is always there
    return {str(name): int(n) for name, n in row.items()}
