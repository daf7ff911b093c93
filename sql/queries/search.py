"""Find themes by words and by meaning."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import Connection

from sql.rows import fetch

_DAYS = 28
_MOST_MESSAGES = 1_000
_LEAST_SIMILARITY = 0.2
# Themes whose label or keywords match come first, then by how many of the latest messages match.
_WORDS = """
WITH asked AS (SELECT websearch_to_tsquery('english', :words) AS query),
hits AS (
    SELECT message_id FROM triage.messages, asked
    WHERE to_tsvector('english', text) @@ query AND day > :first AND day <= :last
    LIMIT :most),
counted AS (
    SELECT h.heir_id AS topic_id, count(DISTINCT hits.message_id) AS n FROM hits
    JOIN triage.passages p USING (message_id)
    CROSS JOIN LATERAL (SELECT topic_id FROM triage.memberships a
                        WHERE a.passage_id = p.passage_id
                        ORDER BY decided_on DESC, stage DESC LIMIT 1) a
    JOIN triage.heirs h USING (topic_id) GROUP BY 1),
named AS (
    SELECT topic_id, to_tsvector('english', label || ' ' || array_to_string(keywords, ' ')) @@ query
           AS is_named FROM triage.topics, asked WHERE heir_id IS NULL)
SELECT topic_id, is_named, coalesce(n, 0) AS n FROM named LEFT JOIN counted USING (topic_id)
WHERE is_named OR n > 0 ORDER BY is_named DESC, n DESC NULLS LAST, topic_id
"""
_MEANING = """
SELECT s.topic_id, 1 - (s.centroid <=> CAST(:asked AS vector)) AS similarity
FROM triage.topic_states s JOIN triage.topics t USING (topic_id)
WHERE s.day = (SELECT max(day) FROM triage.topic_states) AND t.heir_id IS NULL
  AND vector_dims(s.centroid) = :dimension
ORDER BY 2 DESC, 1 LIMIT :most
"""


def by_words(connection: Connection, words: str, *, last: dt.date) -> list[int]:
    """Themes whose label, keywords or latest messages match `words`, the best first."""
    rows = fetch(
        connection,
        _WORDS,
        words=words,
        first=last - dt.timedelta(_DAYS),
        last=last,
        most=_MOST_MESSAGES,
    )
    return [row["topic_id"] for row in rows]


def by_meaning(connection: Connection, query: Sequence[float], *, most: int = 30) -> list[int]:
    """Themes by cosine similarity to an embedded query, the nearest first.

    Empty where the query was embedded by an encoder of another dimension than the themes.
    """
    vector = "[" + ",".join(map(repr, map(float, query))) + "]"
    rows = fetch(connection, _MEANING, asked=vector, dimension=len(query), most=most)
    return [row["topic_id"] for row in rows if row["similarity"] >= _LEAST_SIMILARITY]
