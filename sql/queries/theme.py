"""One theme: itself, its life, its neighbours and its messages."""

from typing import Any

from sqlalchemy import Connection

from sql.queries.messages import COLUMNS, Filter
from sql.rows import Row, Rows, fetch, first

_THEME = """
SELECT t.*, h.label AS heir_label,
    (SELECT coalesce(sum(n_messages), 0) FROM triage.topic_days d JOIN triage.topics x
     USING (topic_id) WHERE t.topic_id IN (x.topic_id, x.heir_id)) AS n_ever
FROM triage.topics t LEFT JOIN triage.topics h ON h.topic_id = t.heir_id
WHERE t.topic_id = :topic
"""
_EVENTS = """
SELECT e.*, t.label, o.label AS other_label,
       e.actor = 'run' AND e.event = 'merge' AND e.topic_id <> :topic AND NOT EXISTS (
           SELECT FROM triage.topic_events x WHERE x.topic_id = e.topic_id
           AND x.event IN ('merge', 'unmerge') AND (x.day, x.event_id) > (e.day, e.event_id))
           AS may_part
FROM triage.topic_events e
JOIN triage.topics t USING (topic_id)
LEFT JOIN triage.topics o ON o.topic_id = e.other_topic_id
WHERE (e.topic_id = :topic OR e.other_topic_id = :topic) AND e.event NOT LIKE 'propose%'
ORDER BY e.day DESC, e.event_id DESC LIMIT 100
"""
_DECISIONS = """
SELECT d.*, t.label FROM triage.decisions d LEFT JOIN triage.topics t USING (topic_id)
WHERE d.topic_id = :topic
   OR (d.action = 'merge' AND d.became->>'heir_id' = CAST(CAST(:topic AS bigint) AS text))
   OR (d.action = 'unmerge' AND d.was->>'heir_id' = CAST(CAST(:topic AS bigint) AS text))
ORDER BY d.decision_no DESC LIMIT 50
"""
_NEAR = """
WITH own AS (
    SELECT centroid FROM triage.topic_states WHERE topic_id = :topic
    ORDER BY day DESC LIMIT 1)
SELECT s.topic_id, t.label, s.size, 1 - (s.centroid <=> own.centroid) AS similarity
FROM triage.topic_states s JOIN triage.topics t USING (topic_id), own
WHERE s.day = (SELECT max(day) FROM triage.topic_states) AND t.heir_id IS NULL
  AND s.topic_id <> :topic AND vector_dims(s.centroid) = vector_dims(own.centroid)
ORDER BY s.centroid <=> own.centroid LIMIT 6
"""
_FELLOWS = """
WITH latest AS (SELECT max(day) AS day FROM triage.topic_days),
leads AS (
    SELECT t.topic_id, t.label, t.muted, coalesce(l.heir_id, l.topic_id) AS lead
    FROM triage.topics t JOIN triage.topics l ON l.topic_id = t.area_id WHERE t.heir_id IS NULL)
SELECT f.topic_id, f.label, f.topic_id = f.lead AS leads, n.n_today,
       CASE WHEN f.muted THEN 'muted' ELSE d.status END AS state
FROM leads own JOIN leads f USING (lead) CROSS JOIN latest
JOIN triage.topic_days d ON d.topic_id = f.topic_id AND d.day = latest.day
CROSS JOIN LATERAL (
    SELECT sum(x.n_messages)::int AS n_today FROM triage.topics m
    JOIN triage.topic_days x ON x.topic_id = m.topic_id AND x.day = latest.day
    WHERE f.topic_id IN (m.topic_id, m.heir_id)) n
WHERE own.topic_id = :topic ORDER BY n.n_today DESC, f.topic_id
"""
_MIX = """
SELECT channel, intent, sum(n_messages)::int AS n FROM triage.topic_mix
JOIN triage.topics t USING (topic_id)
WHERE :topic IN (t.topic_id, t.heir_id) AND day > CAST(:last AS date) - 28 GROUP BY 1, 2
"""
# The latest messages come first through the index of assignments, each checked to be still here,
# and only those of the page are looked up; a filter looks up what it has to see.
_MEMBERS = f"""
WITH assigned AS (
    SELECT x.* FROM unnest(CAST(:heads AS bigint[])) AS h(topic_id) CROSS JOIN LATERAL (
        SELECT a.message_id, a.arrived_on FROM triage.topic_assignments a {{assigned}}
        WHERE a.topic_id = h.topic_id
          AND NOT EXISTS (SELECT FROM triage.topic_assignments b WHERE b.message_id = a.message_id
                          AND (b.decided_on, b.stage) > (a.decided_on, a.stage))
          AND NOT EXISTS (SELECT FROM triage.corrections c WHERE c.message_id = a.message_id
                          AND c.topic_id IS NOT NULL) {{where}}
        ORDER BY a.arrived_on DESC, a.message_id LIMIT :most + :skip) x),
placed AS (
    SELECT c.message_id, m.arrived_on FROM (
        SELECT DISTINCT ON (message_id) message_id, topic_id FROM triage.corrections
        WHERE message_id IN (SELECT message_id FROM triage.corrections
                             WHERE topic_id = ANY(:heads))
          AND topic_id IS NOT NULL ORDER BY message_id, corrected_at DESC) c
    JOIN triage.{{placed}} m ON m.message_id = c.message_id
    WHERE c.topic_id = ANY(:heads) {{where}}),
picked AS (
    SELECT * FROM assigned UNION ALL SELECT * FROM placed
    ORDER BY arrived_on DESC, message_id LIMIT :most OFFSET :skip)
SELECT {COLUMNS} FROM picked JOIN triage.message_triage m USING (message_id)
ORDER BY picked.arrived_on DESC, message_id
"""


def theme(connection: Connection, topic_id: int) -> Row | None:
    """The topic, with its heir where it was merged away."""
    return first(connection, _THEME, topic=topic_id)


def named(connection: Connection, label: str) -> int | None:
    """The living theme of that name, None where there is none."""
    query = """
        SELECT topic_id FROM triage.topics WHERE lower(label) = lower(:label) AND heir_id IS NULL
        ORDER BY status = 'retired', topic_id DESC LIMIT 1
    """
    row = first(connection, query, label=label)
    return int(row["topic_id"]) if row else None


def events(connection: Connection, topic_id: int) -> Rows:
    """What happened to it, the latest first; proposals of runs aside.

    `may_part` marks a run's merge into it that holds and can be undone.
    """
    return fetch(connection, _EVENTS, topic=topic_id)


def decisions(connection: Connection, topic_id: int) -> Rows:
    """What people decided about it, the latest first."""
    return fetch(connection, _DECISIONS, topic=topic_id)


def near(connection: Connection, topic_id: int) -> Rows:
    """The living themes that resemble it most, by cosine similarity of the centroids."""
    return fetch(connection, _NEAR, topic=topic_id)


def fellows(connection: Connection, topic_id: int) -> Rows:
    """The living themes of its area, itself among them, the largest of the last day first.

    `leads` marks the one whose name the area bears.
    """
    return fetch(connection, _FELLOWS, topic=topic_id)


def mix(connection: Connection, topic_id: int, last: Any) -> dict[str, list[tuple[str, int]]]:
    """Its channels and intents of the last four weeks with their counts, the largest first."""
    found: dict[str, dict[str, int]] = {"channels": {}, "intents": {}}
    for row in fetch(connection, _MIX, topic=topic_id, last=last):
        for kind, name in (("channels", row["channel"]), ("intents", row["intent"])):
            if name:
                found[kind][name] = found[kind].get(name, 0) + row["n"]
    return {k: sorted(v.items(), key=lambda item: -item[1]) for k, v in found.items()}


def messages(
    connection: Connection, topic_id: int, chosen: Filter, *, most: int, skip: int = 0
) -> Rows:
    """Its messages that pass the filter, the latest first."""
    heads = [
        row["topic_id"]
        for row in fetch(
            connection,
            "SELECT topic_id FROM triage.topics WHERE :topic IN (topic_id, heir_id)",
            topic=topic_id,
        )
    ]
    where = chosen.clause()
    looked_up = "JOIN triage.message_triage m ON m.message_id = a.message_id" if where else ""
    query = _MEMBERS.format(
        assigned=looked_up, placed="message_triage" if where else "messages", where=where
    )
    return fetch(connection, query, heads=heads, most=most, skip=skip, **chosen.values())
