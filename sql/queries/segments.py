"""The segments of a theme's messages: the values of their attributes, and one of them by day."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from sql.queries.board import ThemeDay
from sql.queries.messages import OF_SEGMENT
from sql.rows import Record, fetch, records

_N_DAYS, _MOST_NAMES, _MOST_VALUES = 28, 12, 6
# As the theme's list has them: by the latest decision of a run, or a person's.
_OWN = """
WITH heads AS MATERIALIZED (SELECT topic_id FROM triage.heirs WHERE heir_id = :topic),
own AS MATERIALIZED (
    SELECT a.message_id, a.arrived_on FROM triage.memberships a JOIN heads USING (topic_id)
    WHERE a.arrived_on > :first AND a.arrived_on <= :last
      AND NOT EXISTS (SELECT FROM triage.memberships b WHERE b.passage_id = a.passage_id
                      AND (b.decided_on, b.stage) > (a.decided_on, a.stage))
      AND NOT EXISTS (SELECT FROM triage.corrections c WHERE c.message_id = a.message_id
                      AND c.topic_id IS NOT NULL)
    UNION
    SELECT m.message_id, m.arrived_on FROM (
        SELECT DISTINCT ON (message_id) message_id, topic_id FROM triage.corrections
        WHERE message_id IN (SELECT message_id FROM triage.corrections JOIN heads USING (topic_id))
          AND topic_id IS NOT NULL ORDER BY message_id, corrected_at DESC) c
    JOIN heads USING (topic_id) JOIN triage.messages m USING (message_id)
    WHERE m.arrived_on > :first AND m.arrived_on <= :last)
"""
# What only one message has, as the number of an order, is no segment.
_VALUES = f"""
{_OWN}, counts AS (
    SELECT v.key AS name, v.value, count(*)::int AS n
    FROM own JOIN triage.messages m USING (message_id, arrived_on) CROSS JOIN LATERAL
         jsonb_each_text(jsonb_build_object('source', m.source) || m.attributes) v
    WHERE v.value <> '' GROUP BY 1, 2 HAVING count(*) > 1),
ranked AS (
    SELECT *, row_number() OVER (PARTITION BY name ORDER BY n DESC, value) AS at,
           (sum(n) OVER (PARTITION BY name))::int AS n_name FROM counts)
SELECT name, value, n, (SELECT count(*)::int FROM own) AS n_of FROM ranked
WHERE at <= {_MOST_VALUES} ORDER BY n_name DESC, name, at
"""
_DAYS = f"""
{_OWN} SELECT CAST(:topic AS bigint) AS topic_id, m.arrived_on AS day,
       count(*) FILTER (WHERE {OF_SEGMENT})::int AS n,
       CAST(NULL AS float8) AS expected, CAST(NULL AS float8) AS upper, CAST(NULL AS text) AS state
FROM own m GROUP BY 2 ORDER BY 2
"""


@dataclass(frozen=True, slots=True)
class Value(Record):
    """One value of an attribute among the messages of a theme."""

    name: str
    value: str
    n: int
    n_of: int
    """All messages of the theme on the same days."""

    @property
    def segment(self) -> str:
        """The value as a filter."""
        return f"{self.name}={self.value}"


def values_of(
    connection: Connection, topic_id: int, *, last: dt.date, names: Mapping[str, str | None]
) -> dict[str, list[Value]]:
    """The most frequent values of each attribute over four weeks, by the attribute's shown name.

    Attributes that `names` hides are left out, and those that hardly any message has.
    """
    values = {"topic": topic_id, "first": last - dt.timedelta(_N_DAYS), "last": last}
    listed: dict[str, list[Value]] = {}
    for row in records(connection, Value, _VALUES, **values):
        shown = names.get(row.name, row.name)
        if shown is not None and (shown in listed or len(listed) < _MOST_NAMES):
            listed.setdefault(shown, []).append(row)
    return listed


def days_of(
    connection: Connection, topic_id: int, segment: str, *, last: dt.date, n_days: int
) -> list[ThemeDay]:
    """The messages of a theme in a segment by day, as known now; empty days are absent."""
    first = last - dt.timedelta(n_days)
    rows = fetch(connection, _DAYS, topic=topic_id, segment=segment, first=first, last=last)
    return [ThemeDay(**row) for row in rows]
