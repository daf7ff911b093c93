"""Messages by topic, channel and intent of a day, kept ready: the page asks at every look."""

import datetime as dt

from sqlalchemy import Connection, text

_FILL = """
INSERT INTO triage.topic_mix (day, topic_id, channel, intent, n_messages, n_abstained)
SELECT t.arrived_on, coalesce(x.topic_id, 0), coalesce(channel, ''), coalesce(intent, ''), count(*),
       count(*) FILTER (WHERE intent_abstained AND NOT intent_corrected)
FROM triage.message_triage t
LEFT JOIN (SELECT message_id, topic_id FROM triage.message_topics WHERE arrived_on = :day) x
    USING (message_id)
WHERE t.arrived_on = :day GROUP BY 1, 2, 3, 4
"""
_MISSING = """
SELECT day FROM triage.runs r WHERE job = 'discover' AND (counts->>'n_messages')::int > 0
  AND NOT EXISTS (SELECT FROM triage.topic_mix m WHERE m.day = r.day) ORDER BY day
"""


def fill_day(connection: Connection, day: dt.date) -> None:
    """Count the messages of one day anew."""
    connection.execute(text("DELETE FROM triage.topic_mix WHERE day = :day"), {"day": day})
    connection.execute(text(_FILL), {"day": day})


def fill_missing(connection: Connection) -> None:
    """Count the days that were discovered before there was this table."""
    for day in connection.execute(text(_MISSING)).scalars().all():
        fill_day(connection, day)
