"""Topics that could become intents, in Postgres."""

from collections.abc import Sequence

from sqlalchemy import Engine, RowMapping, text

_CLAIMED = 0.6
"""A topic belongs to an intent where this share of its messages surely has that intent."""
_SUGGESTIONS = """
WITH latest AS (SELECT max(arrived_on) AS day FROM triage.messages),
members AS (
    SELECT t.topic_id, t.text, t.intent,
           coalesce(t.intent_corrected OR NOT t.intent_abstained, false) AS sure
    FROM triage.message_triage t, latest
    WHERE t.topic_id IS NOT NULL AND t.arrived_on > latest.day - :days),
counts AS (SELECT topic_id, intent, count(*) AS n FROM members WHERE sure GROUP BY 1, 2),
foremost AS (SELECT DISTINCT ON (topic_id) topic_id, intent, n FROM counts
            ORDER BY topic_id, n DESC, intent),
totals AS (SELECT topic_id, count(*) AS n FROM members GROUP BY 1)
SELECT p.topic_id, p.label, p.keywords, totals.n AS n_messages,
       (SELECT array_agg(x.text) FROM (SELECT DISTINCT text FROM members m
         WHERE m.topic_id = p.topic_id ORDER BY text LIMIT 3) x) AS examples,
       (SELECT jsonb_object_agg(c.intent, round(c.n::numeric / totals.n, 2)) FROM counts c
         WHERE c.topic_id = p.topic_id AND c.n >= 0.1 * totals.n) AS overlaps
FROM triage.topics p JOIN totals USING (topic_id) LEFT JOIN foremost USING (topic_id)
WHERE p.status = 'active' AND coalesce(foremost.n, 0) < :claimed * totals.n
  AND NOT EXISTS (SELECT FROM triage.topic_events e
                  WHERE e.topic_id = p.topic_id AND e.event = 'promote')
ORDER BY totals.n DESC, p.topic_id LIMIT :most
"""


def suggestions(engine: Engine, *, days: int, most: int) -> Sequence[RowMapping]:
    """Unclaimed living topics of the last `days` days, the largest first.

    `examples` are texts, `overlaps` the share of messages that an intent already claims.
    """
    values = {"days": days, "most": most, "claimed": _CLAIMED}
    with engine.connect() as connection:
        return connection.execute(text(_SUGGESTIONS), values).mappings().all()
