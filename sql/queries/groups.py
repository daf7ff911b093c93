"""The queue by theme: which messages wait in each, and what the model guesses of them."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from sql.queries.messages import COLUMNS, ListedMessage
from sql.queries.queue import DAYS
from sql.rows import Record, fetch, records

N_GUESSES = 4
"""Intents that are offered for a group."""
_MOST_COMPANIONS = 12
# By the counts of the days, which are ready; what is shown is counted anew.
_RANKED = """
SELECT topic_id, intent, sum(n_abstained)::int AS n FROM triage.theme_mix
WHERE day > CAST(:last AS date) - CAST(:days AS integer) AND day <= :last
  AND topic_id IS NOT NULL AND topic_id <> 0 AND intent IS NOT NULL
GROUP BY 1, 2 HAVING sum(n_abstained) > 0 ORDER BY 1, 3 DESC, 2
"""
# A message is in the group of the theme that says most of it.
_OF_THEMES = """
FROM (SELECT message_id FROM triage.memberships a JOIN triage.heirs h USING (topic_id)
      WHERE h.heir_id = ANY(:topics) AND a.arrived_on > CAST(:last AS date) - CAST(:days AS integer)
      UNION SELECT message_id FROM triage.corrections c JOIN triage.heirs h USING (topic_id)
      WHERE h.heir_id = ANY(:topics)) near
JOIN triage.message_triage m USING (message_id)
WHERE m.topic_id = ANY(:topics)
"""
_NEAR = """
FROM (SELECT p.message_id, max(1 - (e.embedding <=> own.embedding)) AS likeness
      FROM (SELECT e.embedding, e.encoder FROM triage.passages p
            JOIN triage.embeddings e USING (text_hash)
            WHERE p.passage_id = CAST(:message AS uuid) LIMIT 1) own
      JOIN triage.embeddings e ON e.encoder = own.encoder
      JOIN triage.passages p ON p.text_hash = e.text_hash AND p.n = 1
      WHERE p.arrived_on > CAST(:last AS date) - CAST(:days AS integer)
        AND 1 - (e.embedding <=> own.embedding) >= :likeness GROUP BY 1) near
JOIN triage.message_triage m USING (message_id)
WHERE true
"""
_WAITING = """
  AND m.intent_abstained AND NOT m.intent_corrected AND m.intent IS NOT NULL
  AND m.arrived_on > CAST(:last AS date) - CAST(:days AS integer) AND m.arrived_on <= :last
"""
# The same messages as `waiting_in` has, without what only a list of them shows.
_EACH = """
WITH near AS (
    SELECT message_id FROM triage.memberships a JOIN triage.heirs h USING (topic_id)
    WHERE h.heir_id = ANY(:topics) AND a.arrived_on > CAST(:last AS date) - CAST(:days AS integer)
    UNION SELECT message_id FROM triage.corrections c JOIN triage.heirs h USING (topic_id)
    WHERE h.heir_id = ANY(:topics)),
waiting AS (
    SELECT n.message_id, p.* FROM near n CROSS JOIN LATERAL (
        SELECT q.day, q.intent, q.probability, q.runners_up, q.abstained
        FROM triage.intent_predictions q JOIN triage.model_versions v ON v.version = q.model_version
        WHERE q.passage_id = n.message_id
        ORDER BY v.role = 'champion' DESC, v.trained_at DESC LIMIT 1) p
    WHERE p.abstained AND p.intent IS NOT NULL
      AND p.day > CAST(:last AS date) - CAST(:days AS integer) AND p.day <= :last
      AND NOT EXISTS (SELECT FROM triage.corrections c
                      WHERE c.message_id = n.message_id AND c.intent IS NOT NULL))
SELECT h.heir_id AS topic_id, w.message_id::text AS message_id, w.intent, w.probability,
       w.runners_up
FROM waiting w
LEFT JOIN LATERAL (SELECT c.topic_id FROM triage.corrections c
                   WHERE c.message_id = w.message_id AND c.topic_id IS NOT NULL
                   ORDER BY c.corrected_at DESC LIMIT 1) ct ON true
CROSS JOIN LATERAL (
    SELECT l.topic_id, l.strength FROM triage.passages s
    CROSS JOIN LATERAL (SELECT d.topic_id, d.strength FROM triage.memberships d
                        WHERE d.passage_id = s.passage_id
                        ORDER BY d.decided_on DESC, d.stage DESC LIMIT 1) l
    WHERE s.message_id = w.message_id ORDER BY l.topic_id IS NULL, s.n LIMIT 1) a
JOIN triage.heirs h ON h.topic_id = coalesce(ct.topic_id, a.topic_id)
WHERE h.heir_id = ANY(:topics)
ORDER BY 1, a.strength DESC NULLS FIRST, w.message_id
"""
_WORDS = """
SELECT message_id::text AS message_id, text FROM triage.messages
WHERE message_id = ANY(CAST(:ids AS uuid[]))
"""
_MAY_BE = 0.1
"""Probability from which on an intent is possible: in the sample inbox those of a theme that reach
it have the intent of the theme in 75 of 100, all of the theme in 62."""
NEAR_DUPLICATE = 0.9
"""Cosine similarity from which on two messages say nearly the same."""


@dataclass(frozen=True, slots=True)
class Companion(Record):
    """Another theme in which messages wait, and of which the model mostly guesses the same."""

    topic_id: int
    label: str


@dataclass(frozen=True, slots=True)
class Group:
    """The messages of a theme that wait for an intent."""

    topic_id: int
    label: str
    n: int
    guesses: Sequence[tuple[str, float]]
    """The likeliest intents, each with the share of the messages that the model expects it for."""
    examples: Sequence[tuple[str, str]]
    """Id and text of a message that is typical, one in the middle, and one that fits least."""
    companions: Sequence[Companion]

    @property
    def teaches(self) -> float:
        """How many messages the likeliest intent is expected to be right for."""
        return self.n * max((share for _, share in self.guesses), default=0.0)


@dataclass(frozen=True, slots=True)
class _Each(Record):
    topic_id: int
    message_id: str
    intent: str
    probability: float | None
    runners_up: list[list[object]] | None


def groups(connection: Connection, *, last: dt.date, most: int) -> list[Group]:
    """The themes in which most waits, first where one decision settles, and so teaches, most.

    Each has those of the other themes beside it of which the model guesses the same.
    """
    ranked = _ranked(connection, last=last)
    shown = list(ranked)[:most]
    beside = {t: _beside(ranked, t) for t in shown}
    named = _named(connection, sorted({*shown, *(c for ids in beside.values() for c in ids)}))
    values = {"topics": shown, "last": last, "days": DAYS}
    rows = records(connection, _Each, _EACH, **values) if shown else []
    of = {t: [r for r in rows if r.topic_id == t] for t in shown}
    picked = {t: _examples(of[t]) for t in shown if of[t]}
    ids = [m for messages in picked.values() for m in messages]
    text_of = {r["message_id"]: r["text"] for r in fetch(connection, _WORDS, ids=ids)}
    listed = [
        Group(
            topic_id=topic,
            label=named[topic].label,
            n=len(of[topic]),
            guesses=_guesses([(r.intent, r.probability, r.runners_up) for r in of[topic]]),
            examples=[(m, text_of[m]) for m in picked[topic] if m in text_of],
            companions=[named[c] for c in beside[topic]],
        )
        for topic in picked
    ]
    return sorted(listed, key=lambda g: (-g.teaches, g.topic_id))


def waiting_in(
    connection: Connection, topics: Sequence[int], *, last: dt.date, most: int
) -> list[ListedMessage]:
    """The messages of themes that wait, those that fit the theme least first."""
    query = f"""
        SELECT {COLUMNS} {_OF_THEMES} {_WAITING}
        ORDER BY m.strength NULLS LAST, message_id LIMIT :most
    """
    values = {"topics": list(topics), "last": last, "days": DAYS, "most": most}
    return records(connection, ListedMessage, query, **values)


def waiting_near(
    connection: Connection, message_id: str, *, last: dt.date, most: int
) -> list[ListedMessage]:
    """The messages that say nearly the same as one and wait, the least alike first."""
    query = f"""
        SELECT {COLUMNS} {_NEAR} {_WAITING} ORDER BY near.likeness, message_id LIMIT :most
    """
    values = {"message": message_id, "last": last, "days": DAYS, "most": most}
    return records(connection, ListedMessage, query, likeness=NEAR_DUPLICATE, **values)


def guesses_of(rows: Sequence[ListedMessage]) -> list[tuple[str, float]]:
    """The likeliest intents of messages, each with its share of them as the model expects it."""
    return _guesses([(r.intent or "", r.intent_probability, r.runners_up) for r in rows])


def likely(rows: Sequence[ListedMessage], intent: str) -> list[str]:
    """The ids of the messages that the model thinks may have the intent, if it was not sure."""

    def may_be(row: ListedMessage) -> bool:
        predicted = [(row.intent, row.intent_probability), *(row.runners_up or [])]
        return any(name == intent and (p or 0) >= _MAY_BE for name, p in predicted)

    return [row.message_id for row in rows if may_be(row)]


def _ranked(connection: Connection, *, last: dt.date) -> dict[int, str]:
    """The themes in which messages wait, the most first, with the intent most often guessed."""
    n_of: dict[int, int] = {}
    guess: dict[int, str] = {}
    for row in fetch(connection, _RANKED, last=last, days=DAYS):
        guess.setdefault(row["topic_id"], row["intent"])
        n_of[row["topic_id"]] = n_of.get(row["topic_id"], 0) + row["n"]
    return {t: guess[t] for t in sorted(n_of, key=lambda t: (-n_of[t], t))}


def _beside(ranked: dict[int, str], topic: int) -> list[int]:
    same = [t for t, guess in ranked.items() if guess == ranked[topic] and t != topic]
    return same[:_MOST_COMPANIONS]


def _named(connection: Connection, topics: list[int]) -> dict[int, Companion]:
    query = "SELECT topic_id, label FROM triage.topics WHERE topic_id = ANY(:topics)"
    return {c.topic_id: c for c in records(connection, Companion, query, topics=topics)}


def _examples(rows: list[_Each]) -> list[str]:
    """One that is typical of the theme, one in the middle, and one that fits least."""
    at = sorted({0, (len(rows) - 1) // 2, len(rows) - 1})
    return [rows[i].message_id for i in at]


def _guesses(
    rows: Sequence[tuple[str, float | None, list[list[object]] | None]],
) -> list[tuple[str, float]]:
    expected: dict[str, float] = {}
    for intent, probability, runners_up in rows:
        for name, p in [(intent, probability), *(runners_up or [])]:
            if name:
                expected[str(name)] = expected.get(str(name), 0.0) + float(str(p or 0))
    ordered = sorted(expected.items(), key=lambda item: (-item[1], item[0]))
    return [(name, p / len(rows)) for name, p in ordered[:N_GUESSES]]
