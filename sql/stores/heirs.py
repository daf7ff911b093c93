"""Topics that were merged away, and where their messages belong since."""

import datetime as dt

from sqlalchemy import Connection, text

# Merges and what undid them, the latest of each topic. A run's merge moved the messages with it; a
# person's holds for messages of every day.
_MERGES = """
SELECT DISTINCT ON (topic_id) topic_id, other_topic_id
FROM triage.topic_events
WHERE event IN ('merge', 'unmerge') AND (actor <> 'run' OR (NOT :persons AND day < :before))
ORDER BY topic_id, day DESC, event_id DESC
"""


def heirs_of(
    connection: Connection, *, persons: bool, before: dt.date = dt.date.max
) -> dict[int, int]:
    """Each topic that was merged away and the one that its messages belong to in the end.

    Of a run's merges, those on days before `before` count.
    """
    rows = connection.execute(text(_MERGES), {"persons": persons, "before": before})
    merged = {topic: heir for topic, heir in rows if heir is not None}
    heirs = {}
    for topic in merged:
        seen = [topic]
        while (heir := merged.get(seen[-1])) is not None and heir not in seen:
            seen.append(heir)
        heirs[topic] = seen[-1]
    return heirs


def settle_merges(connection: Connection) -> None:
    """Let every topic point to its heir as the events say; merged is a status of its own."""
    heirs = heirs_of(connection, persons=False)
    connection.execute(
        text(
            """
            UPDATE triage.topics t SET heir_id = h.heir_id,
                status = CASE WHEN h.heir_id IS NOT NULL THEN 'merged'
                              WHEN t.status = 'merged' THEN 'quiet' ELSE t.status END
            FROM triage.topics x
            LEFT JOIN unnest(CAST(:topics AS bigint[]), CAST(:heirs AS bigint[]))
                AS h(topic_id, heir_id) USING (topic_id)
            WHERE t.topic_id = x.topic_id AND t.heir_id IS DISTINCT FROM h.heir_id
            """
        ),
        {"topics": list(heirs), "heirs": list(heirs.values())},
    )
