"""Find themes and messages by words and by meaning."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection

from sql.queries import messages, theme
from sql.queries.messages import ALL_WORDS, ANY_WORD, Filter
from sql.queries.past import LAST_STATES
from sql.rows import fetch, first

DAYS = 28
"""Whose messages are searched for themes, and by meaning."""
CUT = 0.3
"""Cosine similarity from which on something is near in meaning. With the default encoder, what
has nothing to do with an inbox of 500 messages comes up to 0.25 near to one, what is asked of it
to 0.5 and more."""
_MOST_MESSAGES = 1_000
# A theme whose own words match comes first, then by how many of the latest messages match. Where
# any word is enough, what has more of the words comes first.
_WORDS = """
WITH asked AS (SELECT {asked} AS query),
hits AS (
    SELECT message_id, ts_rank(to_tsvector('english', text), query) AS rank
    FROM triage.messages, asked
    WHERE to_tsvector('english', text) @@ query AND day > :first AND day <= :last
    LIMIT :most),
counted AS (
    SELECT h.heir_id AS topic_id, count(DISTINCT hits.message_id) AS n, max(hits.rank) AS rank
    FROM hits JOIN triage.passages p USING (message_id)
    CROSS JOIN LATERAL (SELECT topic_id FROM triage.memberships a
                        WHERE a.passage_id = p.passage_id
                        ORDER BY decided_on DESC, stage DESC LIMIT 1) a
    JOIN triage.heirs h USING (topic_id) GROUP BY 1),
named AS (
    SELECT topic_id, words @@ query AS is_named, ts_rank(words, query) AS rank
    FROM asked, triage.topics t
    CROSS JOIN LATERAL to_tsvector('english', label || ' ' || array_to_string(keywords, ' ')) words
    WHERE heir_id IS NULL)
SELECT topic_id FROM named LEFT JOIN counted USING (topic_id)
WHERE is_named OR n > 0 ORDER BY {best} is_named DESC, n DESC NULLS LAST, topic_id
"""
_BEST = "greatest(named.rank, counted.rank) DESC,"
_MEANING = f"""
SELECT s.topic_id, 1 - (s.centroid <=> CAST(:asked AS vector)) AS likeness
FROM triage.topic_states s JOIN triage.topics t USING (topic_id)
WHERE s.day = {LAST_STATES} AND t.heir_id IS NULL
  AND vector_dims(s.centroid) = :dimension
ORDER BY 2 DESC, 1 LIMIT :most
"""
_MESSAGES_BY_MEANING = """
SELECT p.message_id::text AS message_id,
       max(1 - (e.embedding <=> CAST(:asked AS halfvec))) AS likeness
FROM triage.passages p JOIN triage.embeddings e USING (text_hash)
WHERE p.arrived_on > :first AND p.arrived_on <= :last AND vector_dims(e.embedding) = :dimension
GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT :most
"""


def by_words(
    connection: Connection, words: str, *, last: dt.date, any_word: bool = False
) -> list[int]:
    """Themes whose words or latest messages hold all that was asked for, or any of it."""
    query = _WORDS.format(asked=ANY_WORD if any_word else ALL_WORDS, best=_BEST if any_word else "")
    since = last - dt.timedelta(DAYS)
    rows = fetch(connection, query, words=words, first=since, last=last, most=_MOST_MESSAGES)
    return [row["topic_id"] for row in rows]


def by_meaning(
    connection: Connection, query: Sequence[float], *, most: int = 30
) -> dict[int, float]:
    """Themes that are near to an embedded query with their likeness, 0..1, the nearest first.

    Empty where nothing is near, and where the query was embedded by an encoder of another dimension
    than the themes.
    """
    rows = fetch(connection, _MEANING, asked=_vector(query), dimension=len(query), most=most)
    return {row["topic_id"]: row["likeness"] for row in rows if row["likeness"] >= CUT}


def messages_by_meaning(
    connection: Connection, query: Sequence[float], *, last: dt.date, most: int = 200
) -> dict[str, float]:
    """Messages of the last `DAYS` days that are near in the same way, by id."""
    since = last - dt.timedelta(DAYS)
    values = {"asked": _vector(query), "dimension": len(query), "most": most}
    rows = fetch(connection, _MESSAGES_BY_MEANING, first=since, last=last, **values)
    return {row["message_id"]: row["likeness"] for row in rows if row["likeness"] >= CUT}


def has_several(connection: Connection, words: str) -> bool:
    """Whether a search for any of the words is another one than for all, and excludes none."""
    row = first(connection, f"SELECT {ALL_WORDS}::text AS query", words=words)
    return row is not None and " & " in row["query"] and "!" not in row["query"]


def widened(connection: Connection, chosen: Filter, *, topic_id: int | None = None) -> Filter:
    """The filter for any of its words where no message has all of them, else as it is."""
    if not chosen.words or not has_several(connection, chosen.words):
        return chosen
    if topic_id is None:
        has_all = messages.listed(connection, chosen, most=1)
    else:
        has_all = theme.messages(connection, topic_id, chosen, most=1)
    return chosen if has_all else replace(chosen, any_word=True)


def _vector(query: Sequence[float]) -> str:
    return "[" + ",".join(map(repr, map(float, query))) + "]"
