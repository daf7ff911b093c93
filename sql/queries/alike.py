"""Pairs of themes that may be one, to be merged by a person."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from sql.queries.past import LAST_STATES
from sql.rows import Record, records

_LIKENESS = 0.78
"""Cosine similarity of two themes' centroids from which on they are proposed: on the sample inbox
those above are one subject under two names, most of those below are two subjects."""
_MOST = 5
_PAIRS = f"""
SELECT a.topic_id, t.label, b.topic_id AS other_id, o.label AS other_label,
       1 - (a.centroid <=> b.centroid) AS likeness
FROM triage.topic_states a JOIN triage.topic_states b ON b.day = a.day
JOIN triage.topics t ON t.topic_id = a.topic_id
JOIN triage.topics o ON o.topic_id = b.topic_id
WHERE a.day = {LAST_STATES} AND a.topic_id = ANY(:topics)
  AND (a.topic_id < b.topic_id OR NOT b.topic_id = ANY(:topics))
  AND t.heir_id IS NULL AND o.heir_id IS NULL AND vector_dims(a.centroid) = vector_dims(b.centroid)
  AND 1 - (a.centroid <=> b.centroid) >= :likeness
ORDER BY 5 DESC, 1, 3 LIMIT :most
"""


@dataclass(frozen=True, slots=True)
class Pair(Record):
    """Two living themes that resemble each other."""

    topic_id: int
    label: str
    other_id: int
    other_label: str
    likeness: float
    """Cosine similarity of the centroids."""


def alike(connection: Connection, topics: Sequence[int]) -> list[Pair]:
    """The pairs that one of `topics` is in, the most alike first."""
    values = {"topics": list(topics), "likeness": _LIKENESS, "most": _MOST}
    return records(connection, Pair, _PAIRS, **values)
