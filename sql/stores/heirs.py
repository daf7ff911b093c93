"""Which topic was merged into which, from the events; `nlp.topics.life.heirs` follows them."""

import datetime as dt

from sqlalchemy import Connection, text

from nlp.lives import MergeRecord
from nlp.topics.life.heirs import heirs_of
from sql.stores.mix import count_shared

# Merges and their undos, the latest of each topic. A run's merge moved the messages themselves; a
# person's merge applies to messages of every day.
_WORDS = """
SELECT * FROM (
    SELECT DISTINCT ON (topic_id) topic_id, other_topic_id, day, actor, event_id
    FROM triage.topic_events
    WHERE event IN ('merge', 'unmerge') AND (actor <> 'run' OR (NOT :persons AND day < :before))
    ORDER BY topic_id, day DESC, event_id DESC) w
ORDER BY day, event_id
"""

_SETTLE = """
UPDATE triage.topics t SET heir_id = h.heir_id,
    status = CASE WHEN h.heir_id IS NOT NULL THEN 'merged'
                  WHEN t.status = 'merged' THEN 'quiet' ELSE t.status END
FROM triage.topics x
LEFT JOIN unnest(CAST(:topics AS bigint[]), CAST(:heirs AS bigint[]))
    AS h(topic_id, heir_id) USING (topic_id)
WHERE t.topic_id = x.topic_id AND t.heir_id IS DISTINCT FROM h.heir_id
RETURNING t.topic_id, x.heir_id, t.heir_id
"""


def merge_records(
    connection: Connection, *, persons: bool, before: dt.date = dt.date.max
) -> list[MergeRecord]:
    """The latest merge or unmerge of each topic that was ever merged, the oldest first.

    `persons`: only people's decisions. Of a run's merges, those on days before `before` count.
    """
    rows = connection.execute(text(_WORDS), {"persons": persons, "before": before})
    return [MergeRecord(row.topic_id, row.other_topic_id, row.day, row.actor) for row in rows]


def update_heirs(connection: Connection) -> None:
    """Set the heir of every topic from the events, and the status of those that are merged.

    The messages that the changed themes share are counted again.
    """
    heirs = heirs_of(merge_records(connection, persons=False))
    changed = connection.execute(
        text(_SETTLE), {"topics": list(heirs), "heirs": list(heirs.values())}
    ).all()
    if changed:
        themes = {topic for row in changed for topic in row if topic is not None}
        query = "SELECT topic_id FROM triage.heirs WHERE heir_id = ANY(:t) OR topic_id = ANY(:t)"
        ids = connection.execute(text(query), {"t": list(themes)}).scalars().all()
        count_shared(connection, ids)
