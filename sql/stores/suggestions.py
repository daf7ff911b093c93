"""Topics that could become intents, in Postgres."""

from typing import Any

from sqlalchemy import Engine

from sql.queries.board import last_day
from sql.queries.suggested import examples, suggested


def suggestions(engine: Engine, *, days: int, most: int) -> list[dict[str, Any]]:
    """The suggestions of `sql.queries.suggested`, each with three texts as `examples`."""
    with engine.connect() as connection:
        last = last_day(connection)
        if last is None:
            return []
        rows = suggested(connection, last=last, days=days, most=most)
        texts = examples(connection, [row.topic_id for row in rows])
    return [row.as_dict() | {"examples": texts[row.topic_id]} for row in rows]
