"""The parts of a message: its passages with their themes, and the zones around them."""

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
