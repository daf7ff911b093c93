"""Counts of a day by topic, channel and intent, and its customers, stored because every page load
reads them.
"""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import Connection, text

# What has no passages is no message of its own: an agent's turn, or a later turn of a conversation.
_FILL = """
INSERT INTO triage.topic_mix (day, topic_id, channel, intent, n_messages, n_first, n_abstained)
SELECT t.arrived_on, coalesce(x.topic_id, 0), coalesce(channel, ''), coalesce(intent, ''), count(*),
       count(*) FILTER (WHERE x.topic_id IS NOT DISTINCT FROM t.topic_id),
       count(*) FILTER (WHERE x.topic_id IS NOT DISTINCT FROM t.topic_id
                        AND intent_abstained AND NOT intent_corrected)
FROM triage.message_triage t
LEFT JOIN (SELECT message_id, topic_id FROM triage.message_topics WHERE arrived_on = :day) x
    USING (message_id)
WHERE t.arrived_on = :day AND (t.topic_id IS NOT NULL OR EXISTS (
    SELECT FROM triage.passages p WHERE p.message_id = t.message_id))
GROUP BY 1, 2, 3, 4
"""
_CUSTOMERS = """
INSERT INTO triage.topic_customers (topic_id, day, customer)
SELECT DISTINCT topic_id, day, customer FROM triage.day_topics WHERE day = :day
"""
_MISSING = """
SELECT day FROM triage.runs r WHERE job = 'discover' AND (counts->>'n_messages')::int > 0
  AND NOT EXISTS (SELECT FROM triage.topic_mix m WHERE m.day = r.day) ORDER BY day
"""
_UNHEARD = """
SELECT DISTINCT day FROM triage.topic_mix m WHERE topic_id <> 0
  AND NOT EXISTS (SELECT FROM triage.topic_customers c WHERE c.day = m.day) ORDER BY day
"""
# The topic of each passage as known at the end of its day. Only a message of several passages can
# have two topics; a person's correction gives it one.
_OVERLAPS = """
INSERT INTO triage.topic_overlaps (day, topic_id, channel, intent, n_messages)
SELECT arrived_on, topic_id, channel, intent, count(*) FROM (
    SELECT k.message_id, k.arrived_on, k.topic_id, coalesce(t.channel, '') AS channel,
           coalesce(t.intent, '') AS intent,
           row_number() OVER (PARTITION BY k.message_id, h.heir_id
                              ORDER BY k.topic_id <> h.heir_id, k.topic_id) AS n
    FROM (
        SELECT DISTINCT s.message_id, s.arrived_on, a.topic_id FROM triage.passages s
        CROSS JOIN LATERAL (
            SELECT d.topic_id FROM triage.memberships d
            WHERE d.passage_id = s.passage_id AND d.decided_on <= s.arrived_on
            ORDER BY d.decided_on DESC, d.stage DESC LIMIT 1) a
        WHERE s.message_id IN (
            SELECT m.message_id FROM triage.memberships m
            JOIN triage.passages p ON p.message_id = m.message_id AND p.n = 2
            WHERE m.topic_id = ANY(:topics))) k
    JOIN triage.heirs h USING (topic_id)
    JOIN triage.message_triage t ON t.message_id = k.message_id AND t.stage <> 'correction'
    WHERE h.topic_id = ANY(:topics)) shared
WHERE n > 1 GROUP BY 1, 2, 3, 4
"""


def fill_day(connection: Connection, day: dt.date) -> None:
    """Count the messages of one day, and who wrote them, again."""
    connection.execute(text("DELETE FROM triage.topic_mix WHERE day = :day"), {"day": day})
    connection.execute(text(_FILL), {"day": day})
    _fill_customers(connection, day)


def _fill_customers(connection: Connection, day: dt.date) -> None:
    connection.execute(text("DELETE FROM triage.topic_customers WHERE day = :day"), {"day": day})
    connection.execute(text(_CUSTOMERS), {"day": day})


def fill_missing(connection: Connection) -> None:
    """Count the days that were discovered before these tables existed."""
    for day in connection.execute(text(_MISSING)).scalars().all():
        fill_day(connection, day)
    for day in connection.execute(text(_UNHEARD)).scalars().all():
        _fill_customers(connection, day)


def count_shared(connection: Connection, topics: Sequence[int]) -> None:
    """Count again the messages that `topics` share with other topics of the same heir."""
    values = {"topics": list(topics)}
    connection.execute(
        text("DELETE FROM triage.topic_overlaps WHERE topic_id = ANY(:topics)"), values
    )
    connection.execute(text(_OVERLAPS), values)
