"""Suggestions: themes that no intent covers, for the page and `triage suggest`."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from sql.rows import Record, fetch, records

_CLAIMED = 0.6
"""An intent covers a theme if this share of its messages has the intent without abstention."""
_LEAST = 10
"""Messages below which a theme is not suggested: training would learn nothing from it."""
# A message without a prediction has no intent, and counts. A message's intent is that of its first
# passage, and so is evidence about its first theme only.
_SUGGESTED = """
WITH counts AS (
    SELECT topic_id, intent, sum(n_messages)::int AS n, sum(n_first)::int AS n_first,
           sum(n_first - n_abstained) FILTER (WHERE intent IS NOT NULL)::int AS n_sure,
           sum(n_abstained)::int AS n_abstained
    FROM triage.theme_mix
    WHERE day > CAST(:last AS date) - CAST(:days AS integer) AND day <= :last GROUP BY 1, 2),
totals AS (
    SELECT topic_id, sum(n)::int AS n_messages, sum(n_first)::int AS n_first,
           sum(n_abstained)::int AS n_abstained,
           coalesce(max(n_sure), 0) AS n_foremost
    FROM counts GROUP BY 1)
SELECT t.topic_id, t.label, totals.n_messages, totals.n_abstained,
       (SELECT coalesce(jsonb_object_agg(
                   c.intent, round(c.n_sure::numeric / totals.n_first, 2)), '{}')
        FROM counts c WHERE c.topic_id = t.topic_id AND c.n_sure > 0
        AND c.n_sure >= 0.1 * totals.n_first) AS overlaps
FROM totals JOIN triage.topics t USING (topic_id)
WHERE t.status = 'active' AND n_messages >= :least
  AND (n_foremost < :claimed * totals.n_first OR totals.n_first = 0)
  AND NOT EXISTS (SELECT FROM triage.topic_events e
                  WHERE e.topic_id = t.topic_id AND e.event = 'promote')
ORDER BY totals.n_messages DESC, t.topic_id LIMIT :most
"""
_EXAMPLES = """
SELECT t.topic_id, m.text FROM triage.topics t
CROSS JOIN LATERAL unnest(t.exemplars) WITH ORDINALITY AS e(message_id, place)
JOIN triage.messages m ON m.message_id = e.message_id
WHERE t.topic_id = ANY(:ids) ORDER BY t.topic_id, e.place
"""


@dataclass(frozen=True, slots=True)
class Suggestion(Record):
    """A living theme that could become an intent."""

    topic_id: int
    label: str
    n_messages: int
    n_abstained: int
    """Of those, where the model abstained."""
    overlaps: Mapping[str, float]
    """Intent to the share of the theme's messages that have it, where that is a tenth or more."""


def suggested(
    connection: Connection, *, last: dt.date, days: int, most: int = 12
) -> list[Suggestion]:
    """The themes that no intent covers, over the `days` days up to `last`, the largest first."""
    values = {"last": last, "days": days, "claimed": _CLAIMED, "least": _LEAST, "most": most}
    return records(connection, Suggestion, _SUGGESTED, **values)


def examples(connection: Connection, ids: list[int], *, most: int = 3) -> dict[int, list[str]]:
    """The distinct texts of each theme's exemplars, at most `most` of each."""
    texts_of: dict[int, dict[str, None]] = {topic: {} for topic in ids}
    for row in fetch(connection, _EXAMPLES, ids=ids):
        texts_of[row["topic_id"]].setdefault(row["text"])
    return {topic: list(texts)[:most] for topic, texts in texts_of.items()}
