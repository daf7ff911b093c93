"""Rows for export, streamed: memory stays the same, however many there are."""

import datetime as dt
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager

from sqlalchemy import Connection, Engine, text

from sql.queries.board import Choice
from sql.queries.messages import Filter
from sql.queries.past import AS_OF, LAST_DAY, look_back
from sql.rows import Row

_AT_A_TIME = 500
_MESSAGE = """m.message_id::text, m.source, m.external_id, m.created_at, m.arrived_on, m.channel,
       m.language, m.text, m.topic_id, m.theme, m.strength, m.decided_by, m.intent,
       m.intent_corrected, m.intent_probability, m.intent_abstained, m.model_version"""
# By day, so that the first rows come at once and no sort needs all of them.
_MESSAGES = f"""
SELECT {_MESSAGE} FROM triage.message_triage m
WHERE m.arrived_on = :day {{where}} ORDER BY m.created_at DESC, m.message_id
"""
_SORTED = f"""
SELECT {_MESSAGE} FROM triage.message_triage m WHERE true {{where}} ORDER BY {{order}}
"""
_DAYS = """
SELECT DISTINCT day FROM triage.runs WHERE job LIKE 'ingest%' ORDER BY day DESC
"""
_SINCE = (
    f"day > coalesce({LAST_DAY}, day) - CAST(:days AS integer) AND day <= coalesce({AS_OF}, day)"
)
QUERIES = {
    "theme-days": f"SELECT * FROM triage.theme_trend WHERE {_SINCE} ORDER BY day, topic_id",
    "alerts": f"SELECT * FROM triage.theme_alerts WHERE {_SINCE} ORDER BY day DESC, alert_id",
    "intents": f"""
        SELECT day, intent, sum(n_first)::int AS n_messages, sum(n_abstained)::int AS n_abstained
        FROM triage.theme_mix WHERE intent IS NOT NULL AND {_SINCE} GROUP BY 1, 2 ORDER BY 1, 2""",
    "runs": f"SELECT * FROM triage.run_health WHERE {_SINCE} ORDER BY day DESC",
    "decisions": """
        SELECT d.decision_no, d.decided_at, d.actor, d.action, d.topic_id, t.label AS theme,
               d.message_id::text, d.alert_id, d.was->>'label' AS was_theme,
               d.became->>'label' AS became_theme, d.was->>'intent' AS was_intent,
               d.became->>'intent' AS became_intent, d.was->>'status' AS was_status,
               d.became->>'status' AS became_status, (d.became->>'n_messages')::int AS n_messages,
               d.became->>'note' AS note, d.undone_by, d.undone_at, d.was, d.became
        FROM triage.decisions d LEFT JOIN triage.topics t USING (topic_id)
        WHERE CAST(:days AS integer) IS NOT NULL ORDER BY d.decision_no""",
}
EVERY_DAY = 100_000
"""As many days as any store holds."""
WHOLE = ("was", "became")
"""Columns that hold several values: for JSON alone, since a cell has one."""


@contextmanager
def rows_of(
    engine: Engine, name: str, *, days: int = EVERY_DAY, as_of: dt.date | None = None
) -> Iterator[tuple[list[str], Iterator[Row]]]:
    """The column names and the rows of one of `QUERIES`, of the last days that were discovered.

    `as_of` is the last of them, as in `sql.queries.past`.
    """
    with (
        _connected(engine, as_of) as connection,
        closing(connection.execute(text(QUERIES[name]), {"days": days}).mappings()) as result,
    ):
        yield list(result.keys()), iter(result)


@contextmanager
def themes_of(
    engine: Engine, choice: Choice, *, as_of: dt.date | None = None
) -> Iterator[tuple[list[str], Iterator[Row]]]:
    """The chosen themes in their order, as the board has them on all its pages."""
    where, order = choice.clause(), choice.order()
    query = f"SELECT * FROM triage.themes WHERE {where} ORDER BY {order}, topic_id"
    with (
        _connected(engine, as_of) as connection,
        closing(connection.execute(text(query), choice.values()).mappings()) as result,
    ):
        yield list(result.keys()), iter(result)


@contextmanager
def _connected(engine: Engine, as_of: dt.date | None) -> Iterator[Connection]:
    with engine.connect() as connection:
        if as_of is not None:
            look_back(connection, as_of)
        yield connection.execution_options(yield_per=_AT_A_TIME)


@contextmanager
def messages_of(
    engine: Engine, chosen: Filter, topic_id: int | None
) -> Iterator[tuple[list[str], Iterator[Row]]]:
    """Messages that pass the filter, and are of the theme if one is given, in the order shown."""
    with engine.connect().execution_options(yield_per=_AT_A_TIME) as connection:
        if topic_id is None and (chosen.any_word or chosen.ids is not None):
            query = _SORTED.format(where=chosen.clause(), order=chosen.order())
            with closing(connection.execute(text(query), chosen.values()).mappings()) as result:
                yield _names(), iter(result)
        else:
            with closing(_by_day(connection, chosen, topic_id)) as rows:
                yield _names(), rows


def _by_day(
    connection: Connection, chosen: Filter, topic_id: int | None
) -> Generator[Row, None, None]:
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
        with closing(connection.execute(query, {**values, "day": day}).mappings()) as result:
            yield from result


def _names() -> list[str]:
    return [part.strip().split(".")[1].removesuffix("::text") for part in _MESSAGE.split(",")]
