"""Who wants to hear of which alerts, and who there is."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import Connection, text

from sql.rows import Record, fetch, records

_LISTED = """
SELECT s.subscription_id, s.subscriber, h.heir_id AS topic_id, t.label AS theme, s.segment_name,
       s.segment_value, s.address, s.created_at
FROM triage.subscriptions s
LEFT JOIN triage.heirs h ON h.topic_id = s.topic_id
LEFT JOIN triage.topics t ON t.topic_id = h.heir_id
WHERE CAST(:topic AS bigint) IS NULL AND s.subscriber = :who OR h.heir_id = :topic
ORDER BY s.subscriber, t.label, s.segment_name, s.segment_value
"""
_PEOPLE = """
SELECT DISTINCT actor AS name FROM triage.decisions
UNION SELECT subscriber FROM triage.subscriptions
UNION SELECT assigned_to FROM triage.alerts WHERE assigned_to IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class Subscribed(Record):
    """A subscription with its theme, merges followed, or its segment."""

    subscription_id: int
    subscriber: str
    topic_id: int | None
    theme: str | None
    segment_name: str | None
    segment_value: str | None
    address: str
    created_at: dt.datetime


def of_theme(connection: Connection, topic_id: int) -> list[Subscribed]:
    """The subscriptions to a theme, by the names of the subscribers."""
    return records(connection, Subscribed, _LISTED, topic=topic_id, who="")


def of_person(connection: Connection, name: str) -> list[Subscribed]:
    """What a person subscribes to: themes by name, then segments."""
    return records(connection, Subscribed, _LISTED, topic=None, who=name)


def people(connection: Connection) -> list[str]:
    """Everybody who decided something, has an alert, or subscribes to some, by name."""
    return sorted(row["name"] for row in fetch(connection, _PEOPLE))


def end(connection: Connection, subscription_id: int) -> bool:
    """End a subscription, whoever's it is; return whether there was one."""
    query = text("DELETE FROM triage.subscriptions WHERE subscription_id = :id")
    return connection.execute(query, {"id": subscription_id}).rowcount > 0
