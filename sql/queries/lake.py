"""The rows of a day for the lake (`nlp.jobs.lake.TABLES`)."""

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Engine, text

# What has no passages is no message of its own: an agent's turn, or a later turn of a conversation.
_QUERIES = {
    "messages": """
        SELECT t.message_id::text, t.source, t.external_id, t.created_at, m.customer_hash,
               t.channel, t.language, coalesce(x.n, 1), coalesce(x.text, t.text), x.topic_id,
               x.strength, t.intent, t.intent_probability, t.intent_abstained, t.model_version
        FROM triage.message_triage t
        JOIN triage.messages m ON m.message_id = t.message_id AND m.day = t.day
        LEFT JOIN (SELECT * FROM triage.message_topics WHERE arrived_on = :day) x
            ON x.message_id = t.message_id
        WHERE t.arrived_on = :day AND EXISTS (
            SELECT FROM triage.passages p WHERE p.message_id = t.message_id)
        ORDER BY 1, x.topic_id""",
    "topics": """
        SELECT s.topic_id, s.label, s.keywords, s.status, t.born_on, s.last_on, s.area_id, s.size
        FROM triage.topic_states s JOIN triage.topics t USING (topic_id)
        WHERE s.day = :day ORDER BY 1""",
    "topic_days": """
        SELECT d.topic_id, d.n_messages, coalesce(c.n, 0), d.expected, d.upper, d.p_value, d.status
        FROM triage.topic_days d
        LEFT JOIN (SELECT topic_id, count(*) AS n FROM triage.topic_customers
                   WHERE day = :day GROUP BY 1) c USING (topic_id)
        WHERE d.day = :day ORDER BY 1""",
}


def rows_of(engine: Engine, table: str, day: dt.date) -> Iterator[Sequence[Any]]:
    """Yield the rows of a table of the lake on a day, always in the same order."""
    query = text(_QUERIES[table]).execution_options(yield_per=10_000)
    with engine.connect() as connection:
        yield from (tuple(row) for row in connection.execute(query, {"day": day}))
