"""Which segment is over-represented in each theme in the week up to a day."""

import datetime as dt

from sqlalchemy import Connection

from nlp.records import Driver, Segment
from sql.rows import fetch

# Of topics that are one theme by now, the driver that chance explains least.
_DRIVERS = """
SELECT DISTINCT ON (h.heir_id) h.heir_id AS theme, d.* FROM triage.topic_drivers d
JOIN triage.heirs h USING (topic_id)
WHERE d.day = :day AND (CAST(:topic AS bigint) IS NULL OR h.heir_id = :topic)
ORDER BY h.heir_id, d.p_value, d.topic_id
"""


def drivers(
    connection: Connection, day: dt.date, *, topic_id: int | None = None
) -> dict[int, Driver]:
    """The driver of each theme that has one, or of one theme; merges followed."""
    return {
        row["theme"]: Driver(
            Segment(
                row["segment_name"], row["segment_value"], row["segment_n"], row["segment_of"],
                row["segment_days"], row["segment_usual"],
            ),
            row["p_value"], row["lower"], row["upper"],
        )
        for row in fetch(connection, _DRIVERS, day=day, topic=topic_id)
    }  # fmt: skip
