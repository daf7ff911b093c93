"""People correct the intent or theme of messages; it outranks every prediction."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, text

from nlp.errors import DecisionError, NotFoundError
from sql.rows import first
from sql.stores.decisions import record
from sql.stores.turns import take_turn


def correct(
    connection: Connection,
    message_id: str,
    *,
    intent: str | None = None,
    topic_id: int | None = None,
    actor: str,
    seen: str | None = None,
) -> int:
    """Say what a message's intent or theme really is; return the number of the decision."""
    take_turn(connection)
    row = first(
        connection,
        "SELECT intent, topic_id, theme FROM triage.message_triage "
        "WHERE message_id = CAST(:m AS uuid)",
        m=message_id,
    )
    if row is None:
        raise NotFoundError(f"There is no message {message_id}. It may have been deleted")
    record.check_seen(connection, seen, message_id=message_id)
    became: dict[str, Any] = {}
    if intent is not None:
        known = first(connection, "SELECT name FROM triage.intents WHERE name = :i", i=intent)
        if known is None:
            raise DecisionError(f"There is no intent {intent[:60]!r}. Choose one of the list")
        became["intent"] = intent
    if topic_id is not None:
        became |= {"topic_id": topic_id, "label": record.living(connection, topic_id)["label"]}
    if not became:
        raise DecisionError("Nothing was chosen. Choose an intent or a theme")
    made = place(connection, [message_id], intent=intent, topic_id=topic_id, actor=actor)
    was = {"intent": row["intent"], "topic_id": row["topic_id"], "label": row["theme"]}
    became["corrections"] = made
    return record.log(
        connection, "correct", actor=actor, message_id=message_id, was=was, became=became
    )


def place(
    connection: Connection,
    message_ids: Sequence[str],
    *,
    intent: str | None,
    topic_id: int | None,
    actor: str,
) -> list[str]:
    """Write one correction a message; return their ids."""
    rows = connection.execute(
        text(
            "INSERT INTO triage.corrections (message_id, intent, topic_id, corrected_by, "
            "corrected_at) SELECT m, :i, :t, :u, clock_timestamp() "
            "FROM unnest(CAST(:ids AS uuid[])) m RETURNING correction_id::text"
        ),
        {"i": intent, "t": topic_id, "u": actor, "ids": list(message_ids)},
    )
    return list(rows.scalars())
