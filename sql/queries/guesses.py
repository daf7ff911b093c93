"""The queue by what the model guesses: what it is more sure of than not, of all intents at once."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from nlp.states import Abstention
from sql.queries.messages import COLUMNS, ListedMessage
from sql.queries.queue import DAYS, LATE, WAITING
from sql.rows import fetch, records

_LEAST = 0.5
"""More likely right than not."""
_MOST = 5_000
_GUESSED = f"""
WITH guessed AS (
    SELECT p.passage_id AS message_id, p.intent, p.probability {WAITING} AND {LATE}
      AND p.day <= :last AND p.probability >= :least
      AND p.reason <> '{Abstention.UNSUPPORTED_LANGUAGE}'
      AND p.intent IN (SELECT i.name FROM triage.intents i WHERE i.active)
      AND (CAST(:intents AS text[]) IS NULL OR p.intent = ANY(:intents)))
"""
# The surest, one in the middle, and the least sure.
_GROUPS = f"""
{_GUESSED}, placed AS (
    SELECT *, row_number() OVER (PARTITION BY intent ORDER BY probability DESC, message_id) AS at,
           count(*) OVER (PARTITION BY intent)::int AS n,
           (avg(probability) OVER (PARTITION BY intent))::float8 AS expected FROM guessed)
SELECT p.intent, p.n, p.expected, p.message_id::text AS message_id, m.text
FROM placed p JOIN triage.messages m USING (message_id)
WHERE p.at IN (1, (p.n + 1) / 2, p.n) ORDER BY p.n DESC, p.intent, p.at
"""
_IDS = f"""
{_GUESSED} SELECT intent, message_id::text AS message_id FROM guessed
ORDER BY intent, probability DESC, message_id LIMIT {_MOST}
"""


@dataclass(frozen=True, slots=True)
class Guess:
    """The messages of one intent of which the model is more sure than not, and would not decide."""

    intent: str
    n: int
    expected: float
    """The share that the model expects to be right, 0..1."""
    examples: Sequence[tuple[str, str]]
    """Id and text of the surest, one in the middle, and the least sure."""


def guesses(connection: Connection, *, last: dt.date) -> list[Guess]:
    """What waits by the intent that the model guesses, the most first."""
    of: dict[str, Guess] = {}
    for row in fetch(connection, _GROUPS, **_values(last)):
        before = of.get(row["intent"])
        examples = (*(before.examples if before else ()), (row["message_id"], row["text"]))
        of[row["intent"]] = Guess(row["intent"], row["n"], row["expected"], examples)
    return list(of.values())


def guessed(
    connection: Connection, intents: Sequence[str], *, last: dt.date
) -> dict[str, list[str]]:
    """The messages that wait by each of some guesses; of very many, the first thousands."""
    ids: dict[str, list[str]] = {}
    for row in fetch(connection, _IDS, **_values(last, intents)):
        ids.setdefault(row["intent"], []).append(row["message_id"])
    return ids


def waiting_as(
    connection: Connection, intent: str, *, last: dt.date, most: int
) -> list[ListedMessage]:
    """The messages of one guess, the least sure first."""
    query = f"""
        {_GUESSED} SELECT {COLUMNS} FROM guessed g JOIN triage.message_triage m USING (message_id)
        ORDER BY g.probability, message_id LIMIT :most
    """
    return records(connection, ListedMessage, query, most=most, **_values(last, [intent]))


def _values(last: dt.date, intents: Sequence[str] | None = None) -> dict[str, object]:
    wanted = None if intents is None else list(intents)
    return {"last": last, "days": DAYS, "least": _LEAST, "intents": wanted}
