"""Messages as the page shows them: one, or a filtered list."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from sql.rows import Record, record, records

COLUMNS = """message_id::text AS message_id, m.external_id, m.source, m.created_at, m.arrived_on,
       m.channel, m.language, m.text, m.topic_id, m.theme, m.strength, m.decided_by, m.intent,
       m.intent_corrected, m.intent_probability, m.intent_abstained, m.abstain_reason, m.runners_up,
       m.model_version"""


@dataclass(frozen=True, slots=True)
class ListedMessage(Record):
    """A message with its theme and intent, as the view `triage.message_triage` has it."""

    message_id: str
    external_id: str
    source: str
    created_at: dt.datetime
    arrived_on: dt.date
    channel: str | None
    language: str
    text: str
    topic_id: int | None
    theme: str | None
    strength: float | None
    decided_by: str | None
    intent: str | None
    intent_corrected: bool
    intent_probability: float | None
    intent_abstained: bool | None
    abstain_reason: str | None
    runners_up: list[list[Any]] | None
    """`[intent, probability]` each."""
    model_version: str | None


@dataclass(frozen=True, slots=True)
class MessageDetail(ListedMessage):
    """A message with everything known of it."""

    entities: list[str]
    is_late: bool
    stage: str | None
    decided_on: dt.date | None


@dataclass(frozen=True, slots=True)
class Correction(Record):
    """A decision about a message; `was` and `became` have `intent`, or `topic_id` and `label`."""

    decision_no: int
    decided_at: dt.datetime
    actor: str
    was: Mapping[str, Any]
    became: Mapping[str, Any]
    undone_by: str | None
    undone_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Filter:
    """Which messages; empty = all."""

    words: str = ""
    channel: str = ""
    intent: str = ""
    first: dt.date | None = None
    """The first day of arrival."""
    last: dt.date | None = None

    def clause(self) -> str:
        """The conditions, each beginning with AND, on the view message_triage as `m`."""
        parts = {
            "to_tsvector('english', m.text) @@ websearch_to_tsquery('english', :words)": self.words,
            "m.channel = :channel": self.channel,
            "m.intent = :intent": self.intent,
            "m.arrived_on >= :first": self.first,
            "m.arrived_on <= :last": self.last,
        }
        return "".join(f" AND {part}" for part, value in parts.items() if value)

    def values(self) -> dict[str, Any]:
        """The bound values of the conditions that there are."""
        named = {
            "words": self.words, "channel": self.channel, "intent": self.intent,
            "first": self.first, "last": self.last,
        }  # fmt: skip
        return {k: v for k, v in named.items() if v}


def message(connection: Connection, message_id: str) -> MessageDetail | None:
    """One message with everything known of it."""
    query = f"""
        SELECT {COLUMNS}, m.entities, m.is_late, m.stage, m.decided_on
        FROM triage.message_triage m WHERE message_id = CAST(:message AS uuid)
    """
    return record(connection, MessageDetail, query, message=message_id)


def by_ids(connection: Connection, ids: Sequence[str]) -> list[ListedMessage]:
    """Messages by id, in the order of `ids`."""
    query = f"""
        SELECT {COLUMNS} FROM triage.message_triage m WHERE message_id = ANY(CAST(:ids AS uuid[]))
        ORDER BY array_position(CAST(:ids AS uuid[]), message_id)
    """
    return records(connection, ListedMessage, query, ids=list(ids)) if ids else []


def listed(
    connection: Connection, chosen: Filter, *, most: int, skip: int = 0
) -> list[ListedMessage]:
    """The messages that pass the filter, the latest arrivals first."""
    query = f"""
        SELECT {COLUMNS} FROM triage.message_triage m WHERE true {chosen.clause()}
        ORDER BY m.arrived_on DESC, m.message_id LIMIT :most OFFSET :skip
    """
    values = {"most": most, "skip": skip, **chosen.values()}
    return records(connection, ListedMessage, query, **values)


def history(connection: Connection, message_id: str) -> list[Correction]:
    """What people corrected on it, the latest first."""
    query = """
        SELECT decision_no, decided_at, actor, was, became, undone_by, undone_at
        FROM triage.decisions WHERE message_id = CAST(:message AS uuid) ORDER BY decision_no DESC
    """
    return records(connection, Correction, query, message=message_id)
