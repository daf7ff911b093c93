"""The log of decisions as records."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection

from nlp.lives import Decision
from nlp.states import ABOUT_ALERTS, Action, Channel
from sql.rows import Row, fetch, first

_OF_MESSAGE = """(message_id = CAST(:message AS uuid)
    OR became->'messages' @> to_jsonb(CAST(:message AS text)))"""
_LAST = """
SELECT * FROM triage.decisions WHERE {where} AND action <> 'note'
ORDER BY greatest(decided_at, coalesce(undone_at, decided_at)) DESC, decision_no DESC LIMIT 1
"""
_SINCE = """
SELECT * FROM triage.decisions
WHERE decision_no > :number AND undone_at IS NULL AND action = ANY(:actions)
  AND (topic_id = :topic OR message_id = CAST(:message AS uuid)
       OR topic_id IS NULL AND message_id IS NULL
          AND ARRAY[became->>'intent', became->>'name'] && CAST(:intents AS text[])) LIMIT 1
"""
_STEP = """
SELECT * FROM triage.decisions WHERE became->'step' = to_jsonb(CAST(:n AS bigint))
ORDER BY decision_no DESC
"""


def token(
    connection: Connection,
    *,
    topic_id: int | None = None,
    message_id: str = "",
    intent: str = "",
) -> str:
    """Return a token that changes with every decision about the theme, message or intent."""
    decision = last(connection, topic_id=topic_id, message_id=message_id, intent=intent)
    return decision.token if decision else "0"


def last(
    connection: Connection,
    *,
    topic_id: int | None = None,
    message_id: str | None = None,
    intent: str | None = None,
) -> Decision | None:
    """See `nlp.ports.DecisionStore.last_decision`."""
    if intent:
        where = (
            "topic_id IS NULL AND :intent IN (became->>'intent', became->>'name') "
            "AND action IN ('define', 'describe', 'retire', 'move')"
        )
        return _record(first(connection, _LAST.format(where=where), intent=intent))
    if message_id:
        where = _OF_MESSAGE
        return _record(first(connection, _LAST.format(where=where), message=message_id))
    names = ", ".join(f"'{action}'" for action in ABOUT_ALERTS)
    where = f"topic_id = :topic AND action NOT IN ({names})"
    return _record(first(connection, _LAST.format(where=where), topic=topic_id))


def numbered(connection: Connection, number: int) -> Decision | None:
    """The decision of that number."""
    query = "SELECT * FROM triage.decisions WHERE decision_no = :n"
    return _record(first(connection, query, n=number))


def since(
    connection: Connection,
    number: int,
    *,
    actions: Collection[Action],
    topic_id: int | None,
    message_id: str | None,
    intents: Collection[str] = (),
) -> Decision | None:
    """See `nlp.ports.DecisionStore.decided_since`."""
    values: dict[str, Any] = {
        "topic": topic_id, "message": message_id, "intents": list(intents),
        "actions": list(actions),
    }  # fmt: skip
    return _record(first(connection, _SINCE, number=number, **values))


def step(connection: Connection, number: int) -> list[Decision]:
    """See `nlp.ports.DecisionStore.step`."""
    steps = map(_record, fetch(connection, _STEP, n=number))
    return [decision for decision in steps if decision is not None]


def _record(row: Row | None) -> Decision | None:
    if row is None:
        return None
    return Decision(
        action=Action(row["action"]),
        actor=row["actor"],
        channel=Channel(row["channel"]),
        was=row["was"],
        became=row["became"],
        topic_id=row["topic_id"],
        message_id=str(row["message_id"]) if row["message_id"] else None,
        alert_id=row["alert_id"],
        number=row["decision_no"],
        decided_at=row["decided_at"],
        undone_by=row["undone_by"],
        undone_at=row["undone_at"],
    )
