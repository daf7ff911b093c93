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
       m.model_version, m.is_late"""
ALL_WORDS = "websearch_to_tsquery('english', :words)"
ANY_WORD = f"replace({ALL_WORDS}::text, ' & ', ' | ')::tsquery"
OF_SEGMENT = """EXISTS (
    SELECT FROM triage.messages s CROSS JOIN LATERAL jsonb_each_text(
        jsonb_build_object('source', s.source) || s.attributes) v
    WHERE s.message_id = m.message_id AND s.arrived_on = m.arrived_on
      AND v.key || '=' || v.value = :segment)"""
"""Whether a message `m` has the segment, written `name=value`."""
_TEXT = "to_tsvector('english', m.text)"


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
    is_late: bool
    """It arrived on a later day than it was written."""


@dataclass(frozen=True, slots=True)
class MessageDetail(ListedMessage):
    """A message with everything known of it."""

    entities: list[str]
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
    any_word: bool = False
    """One of the words is enough; those with most of them come first."""
    channel: str = ""
    intent: str = ""
    decided: str = ""
    """Who decided the intent: `person`, or `nobody` where the model was too unsure."""
    segment: str = ""
    """One value of one attribute, as `country=DE`; `source=…` as well."""
    first: dt.date | None = None
    """The first day of arrival."""
    last: dt.date | None = None
    ids: Sequence[str] | None = None
    """Only these messages, in this order."""

    def clause(self) -> str:
        """The conditions, each beginning with AND, on the view message_triage as `m`."""
        parts = {
            f"{_TEXT} @@ {ANY_WORD if self.any_word else ALL_WORDS}": self.words,
            "m.channel = :channel": self.channel,
            "m.intent = :intent": self.intent,
            OF_SEGMENT: self.segment,
            "m.intent_corrected": self.decided == "person",
            "m.intent_abstained AND NOT m.intent_corrected": self.decided == "nobody",
            "m.arrived_on >= :first": self.first,
            "m.arrived_on <= :last": self.last,
            "m.message_id = ANY(CAST(:ids AS uuid[]))": self.ids is not None,
        }
        return "".join(f" AND {part}" for part, value in parts.items() if value)

    def order(self) -> str:
        """What the messages are sorted by: by the search, else the latest arrivals first."""
        if self.ids is not None:
            return "array_position(CAST(:ids AS uuid[]), m.message_id)"
        best = f"ts_rank({_TEXT}, {ANY_WORD}) DESC, " if self.any_word else ""
        return f"{best}m.arrived_on DESC, m.created_at DESC, m.message_id"

    def values(self) -> dict[str, Any]:
        """The bound values of the conditions that are set."""
        named = {
            "words": self.words, "channel": self.channel, "intent": self.intent,
            "first": self.first, "last": self.last, "segment": self.segment,
        }  # fmt: skip
        ids = {} if self.ids is None else {"ids": list(self.ids)}
        return {**{k: v for k, v in named.items() if v}, **ids}


def message(connection: Connection, message_id: str) -> MessageDetail | None:
    """One message with everything known of it."""
    query = f"""
        SELECT {COLUMNS}, m.entities, m.stage, m.decided_on
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
    """The messages that pass the filter, the latest arrivals first unless it sorts them."""
    query = f"""
        SELECT {COLUMNS} FROM triage.message_triage m WHERE true {chosen.clause()}
        ORDER BY {chosen.order()} LIMIT :most OFFSET :skip
    """
    values = {"most": most, "skip": skip, **chosen.values()}
    return records(connection, ListedMessage, query, **values)


def history(connection: Connection, message_id: str) -> list[Correction]:
    """The decisions about a message, the latest first."""
    query = """
        SELECT decision_no, decided_at, actor, was, became, undone_by, undone_at
        FROM triage.decisions WHERE message_id = CAST(:message AS uuid)
           OR became->'messages' @> to_jsonb(CAST(:message AS text)) ORDER BY decision_no DESC
    """
    return records(connection, Correction, query, message=message_id)
