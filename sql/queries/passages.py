"""The parts of a message: its passages with their themes, the zones around them, and the
conversation that it is a turn of.
"""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import Connection

from sql.rows import Record, records


@dataclass(frozen=True, slots=True)
class Part(Record):
    """A theme of a message, and the passage about it."""

    text: str
    topic_id: int
    theme: str
    strength: float | None


@dataclass(frozen=True, slots=True)
class ZoneText(Record):
    """What is not the customer's own words: shown folded, never embedded, never counted."""

    zone: str
    text: str


@dataclass(frozen=True, slots=True)
class Turn(Record):
    """A message of a conversation."""

    message_id: str
    created_at: dt.datetime
    author: str
    text: str
    """The customer's own words; empty for what an agent or a bot wrote."""
    joined_to: str | None
    """The turn that it is counted with; None where it counts itself."""


def parts(connection: Connection, message_id: str) -> list[Part]:
    """The themes of a message, the one that says most first."""
    query = """
        SELECT text, topic_id, theme, strength FROM triage.message_topics
        WHERE message_id = CAST(:message AS uuid) AND topic_id IS NOT NULL ORDER BY n
    """
    return records(connection, Part, query, message=message_id)


def around(connection: Connection, message_id: str) -> list[ZoneText]:
    """The zones around the customer's own words, in order."""
    query = """
        SELECT z.zone ->> 0 AS zone, z.zone ->> 1 AS text FROM triage.messages m
        CROSS JOIN LATERAL jsonb_array_elements(m.zones) WITH ORDINALITY AS z(zone, n)
        WHERE m.message_id = CAST(:message AS uuid) ORDER BY z.n
    """
    return records(connection, ZoneText, query, message=message_id)


def conversation(connection: Connection, message_id: str) -> list[Turn]:
    """All turns of the conversation of a message by time, itself included; none if it is alone."""
    query = """
        SELECT t.message_id::text AS message_id, t.created_at, t.author, t.text,
               t.joined_to::text AS joined_to
        FROM triage.messages m
        JOIN triage.messages t ON t.conversation_id = m.conversation_id AND t.source = m.source
        WHERE m.message_id = CAST(:message AS uuid) ORDER BY t.created_at, t.message_id LIMIT 100
    """
    turns = records(connection, Turn, query, message=message_id)
    return turns if len(turns) > 1 else []
