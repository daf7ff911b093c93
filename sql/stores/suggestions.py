"""Topics that could become intents, and how one does, in Postgres."""

import datetime as dt
from typing import Any

from sqlalchemy import Connection, Engine, text

from nlp.errors import LabelError
from nlp.intents.names import spoken
from nlp.records import LabelledExample
from sql.queries.board import last_day
from sql.queries.suggested import examples, suggested


def suggestions(engine: Engine, *, days: int, most: int) -> list[dict[str, Any]]:
    """What `sql.queries.suggested` suggests, each with three texts as `examples`."""
    with engine.connect() as connection:
        last = last_day(connection)
        if last is None:
            return []
        found = suggested(connection, last=last, days=days, most=most)
        texts = examples(connection, [row.topic_id for row in found])
    return [row.as_dict() | {"examples": texts[row.topic_id]} for row in found]


def promote_topic(engine: Engine, topic_id: int, name: str, *, by: str) -> list[LabelledExample]:
    """Make a topic an intent, with its distinct messages as examples; return them.

    Raises LabelError where there is no such living topic, where an intent of that name exists, or
    where the topic has fewer than two texts.
    """
    name = name.strip()
    if not name:
        raise LabelError("An intent needs a name. Was: ''")
    with engine.begin() as connection:
        topic = _topic(connection, topic_id)
        _check_name(connection, name)
        found = connection.execute(text(_MEMBERS), {"t": topic_id}).all()
        if len(found) < 2:
            raise LabelError(f"Topic {topic_id} has {len(found)} texts: at least 2 are needed")
        description = f"{topic.label}: {', '.join(topic.keywords[:5])}"
        connection.execute(
            text("INSERT INTO triage.intents (name, description) VALUES (:n, :d)"),
            {"n": name, "d": description},
        )
        for row in found:
            connection.execute(
                text(
                    "INSERT INTO triage.labelled_examples (text_hash, intent, text, origin) "
                    "VALUES (:h, :i, :t, 'promotion') ON CONFLICT DO NOTHING"
                ),
                {"h": row.text_hash, "i": name, "t": row.text},
            )
        _record(connection, topic_id, name, by=by)
    return [LabelledExample(row.text, name, "promotion") for row in found]


_MEMBERS = """
SELECT DISTINCT ON (m.text_hash) m.text_hash::text AS text_hash, m.text
FROM triage.message_triage t JOIN triage.messages m USING (message_id)
WHERE t.topic_id = :t AND coalesce(t.strength, 1) >= 0.3 AND NOT t.intent_corrected
ORDER BY m.text_hash, m.message_id LIMIT 200
"""


def _topic(connection: Connection, topic_id: int) -> Any:
    query = text(
        "SELECT label, keywords FROM triage.topics WHERE topic_id = :t AND heir_id IS NULL"
    )
    topic = connection.execute(query, {"t": topic_id}).first()
    if topic is None:
        raise LabelError(f"There is no living topic {topic_id}. `triage suggest` lists some")
    return topic


def _check_name(connection: Connection, name: str) -> None:
    known = connection.scalars(text("SELECT name FROM triage.intents")).all()
    same = [k for k in known if spoken(k).split() == spoken(name).split()]
    if same:
        raise LabelError(
            f"Intent {same[0]!r} exists already. Was: {name!r}. Take another name, or label the "
            "messages with the intent that is there"
        )


def _record(connection: Connection, topic_id: int, name: str, *, by: str) -> None:
    day = dt.datetime.now(dt.UTC).date()
    connection.execute(
        text(
            "INSERT INTO triage.topic_events (event_id, day, event, topic_id, actor, detail) "
            "VALUES (:id, :day, 'promote', :t, :by, :detail)"
        ),
        {
            "id": f"{day}:promote:{topic_id}",
            "day": day,
            "t": topic_id,
            "by": by,
            "detail": f"became the intent {name}",
        },
    )
