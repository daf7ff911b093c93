"""How a decision is checked against what others decided since, and written down.

`seen` is the token that the person's page was made with (`token`); where somebody decided since,
ConflictError says who and what. None skips that check.
"""

import datetime as dt
import json
import time
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, text

from nlp.errors import ConflictError, NotFoundError
from sql.rows import Row, first

_LAST_DECISION = """
SELECT decision_no, actor, action, decided_at, undone_by, undone_at FROM triage.decisions
WHERE {where} AND action <> 'note'
ORDER BY greatest(decided_at, coalesce(undone_at, decided_at)) DESC, decision_no DESC LIMIT 1
"""


def living(connection: Connection, topic_id: int) -> Row:
    """The topic as a row. Raises NotFoundError, or ConflictError where it was merged away."""
    topic = first(connection, "SELECT * FROM triage.topics WHERE topic_id = :t", t=topic_id)
    if topic is None:
        raise NotFoundError(f"There is no theme {topic_id}. Look it up under Themes")
    if topic["heir_id"] is not None:
        raise ConflictError(
            f"{topic['label']!r} was merged into theme {topic['heir_id']} since. Decide about that"
        )
    return topic


def token(connection: Connection, *, topic_id: int | None = None, message_id: str = "") -> str:
    """Return what changes with every decision about the theme, or the message."""
    row = _last_decision(connection, topic_id=topic_id, message_id=message_id)
    return f"{row['decision_no']}{'u' if row['undone_at'] else ''}" if row else "0"


def check_seen(
    connection: Connection, seen: str | None, *, topic_id: int | None = None, message_id: str = ""
) -> None:
    """Raise ConflictError where somebody decided since `seen`."""
    if seen is None or seen == token(connection, topic_id=topic_id, message_id=message_id):
        return
    row = _last_decision(connection, topic_id=topic_id, message_id=message_id)
    if row is None:
        raise ConflictError("This page is older than what is known now. Load it again")
    who, when = row["actor"], row["decided_at"]
    what = f"did “{row['action']}” here"
    if row["undone_at"]:
        who, when, what = row["undone_by"], row["undone_at"], f"undid “{row['action']}” here"
    raise ConflictError(f"{who} {what} at {when:%H:%M:%S} UTC, after your page was loaded")


def event(
    connection: Connection,
    name: str,
    topic_id: int,
    other_topic_id: int | None = None,
    *,
    actor: str,
    detail: str,
) -> None:
    """Write a person's event into the life of a topic, after all of that day."""
    day = last_day(connection)
    connection.execute(
        text(
            "INSERT INTO triage.topic_events (event_id, day, event, topic_id, other_topic_id, "
            "actor, detail) VALUES (:id, :day, :event, :topic, :other, :actor, :detail)"
        ),
        {
            # The p sorts behind a run's numbers: of one day, a person has the last word.
            "id": f"{day}/p{time.time_ns():020d}", "day": day, "event": name, "topic": topic_id,
            "other": other_topic_id, "actor": actor, "detail": detail,
        },
    )  # fmt: skip


def last_day(connection: Connection) -> dt.date:
    """The day that decisions are filed under: the last one that was discovered."""
    query = "SELECT coalesce(max(day), current_date) FROM triage.topic_days"
    day = connection.scalar(text(query))
    assert isinstance(day, dt.date)
    return day


def log(
    connection: Connection,
    action: str,
    *,
    actor: str,
    was: Mapping[str, Any],
    became: Mapping[str, Any],
    topic_id: int | None = None,
    message_id: str | None = None,
    alert_id: str | None = None,
) -> int:
    """Write who decided what; return its number."""
    number = connection.scalar(
        text(
            "INSERT INTO triage.decisions (actor, action, topic_id, message_id, alert_id, was, "
            "became, decided_at) VALUES (:actor, :action, :topic, CAST(:message AS uuid), :alert, "
            "CAST(:was AS jsonb), CAST(:became AS jsonb), clock_timestamp()) RETURNING decision_no"
        ),
        {
            "actor": actor, "action": action, "topic": topic_id, "message": message_id,
            "alert": alert_id, "was": json.dumps(dict(was)), "became": json.dumps(dict(became)),
        },
    )  # fmt: skip
    assert number is not None
    return int(number)


def _last_decision(connection: Connection, *, topic_id: int | None, message_id: str) -> Row | None:
    if message_id:
        where = "message_id = CAST(:message AS uuid)"
        return first(connection, _LAST_DECISION.format(where=where), message=message_id)
    where = "topic_id = :topic AND action <> 'alert'"
    return first(connection, _LAST_DECISION.format(where=where), topic=topic_id)
