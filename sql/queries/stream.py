"""Rows for export, streamed: memory stays the same, however many there are."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, text

from sql.queries.messages import Filter
from sql.rows import Row

_AT_A_TIME = 500
_MESSAGE = """m.message_id::text, m.source, m.external_id, m.created_at, m.arrived_on, m.channel,
       m.language, m.text, m.topic_id, m.theme, m.strength, m.decided_by, m.intent,
       m.intent_corrected, m.intent_probability, m.intent_abstained, m.model_version"""
# By day, so that the first rows come at once and no sort needs all of them.
_MESSAGES = f"""
SELECT {_MESSAGE} FROM triage.message_triage m
WHERE m.arrived_on = :day {{where}} ORDER BY m.message_id
"""
_DAYS = """
SELECT DISTINCT day FROM triage.runs WHERE job LIKE 'ingest%' ORDER BY day DESC
"""
QUERIES = {
    "themes": "SELECT * FROM triage.themes ORDER BY n_today DESC, topic_id",
    "theme-days": "SELECT * FROM triage.theme_trend ORDER BY day, topic_id",
    "alerts": "SELECT * FROM triage.theme_alerts ORDER BY day DESC, alert_id",
    "intents": """
        SELECT day, intent, sum(n_first)::int AS n_messages, sum(n_abstained)::int AS n_abstained
        FROM triage.theme_mix WHERE intent IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2""",
    "runs": "SELECT * FROM triage.run_health ORDER BY day",
    "decisions": """
        SELECT decision_no, decided_at, actor, action, topic_id, message_id::text, alert_id, was,
               became, undone_by, undone_at
        FROM triage.decisions ORDER BY decision_no""",
}


@contextmanager
def rows_of(engine: Engine, name: str) -> Iterator[tuple[list[str], Iterator[Row]]]:
    """The column names and the rows of one of `QUERIES`."""
    with engine.connect().execution_options(yield_per=_AT_A_TIME) as connection:
        result = connection.execute(text(QUERIES[name])).mappings()
        yield list(result.keys()), iter(result)


@contextmanager
def messages_of(
    engine: Engine, chosen: Filter, topic_id: int | None
) -> Iterator[tuple[list[str], Iterator[Row]]]:
    """Messages that pass the filter, and are of the theme if one is given, the latest day first."""
    with engine.connect().execution_options(yield_per=_AT_A_TIME) as connection:
        yield _names(), _by_day(connection, chosen, topic_id)


def _by_day(connection: Any, chosen: Filter, topic_id: int | None) -> Iterator[Row]:
    where = chosen.clause()
    if topic_id is not None:  # as its first theme or another one
        where += """ AND m.message_id IN (SELECT x.message_id FROM triage.message_topics x
                     WHERE x.arrived_on = :day AND x.topic_id = :topic)"""
    values = {**chosen.values(), "topic": topic_id}
    days = connection.execute(text(_DAYS)).scalars().all()
    for day in days:
        if (chosen.first and day < chosen.first) or (chosen.last and day > chosen.last):
            continue
        query = text(_MESSAGES.format(where=where))
        yield from connection.execute(query, {**values, "day": day}).mappings()


def _names() -> list[str]:
    return [part.strip().split(".")[1].removesuffix("::text") for part in _MESSAGE.split(",")]
