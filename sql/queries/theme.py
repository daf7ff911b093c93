"""One theme: its figures, its life, its neighbours and its messages."""

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from sql.queries.messages import COLUMNS, Filter, ListedMessage
from sql.queries.past import AS_OF, LAST_STATES
from sql.rows import Record, fetch, first, record, records

_THEME = """
SELECT t.topic_id, t.label, t.label_source, t.keywords, t.exemplars, t.status, t.born_on,
       t.heir_id, t.muted, t.updated_on, t.area_id, h.label AS heir_label,
       coalesce(w.model, '') AS label_model, coalesce(w.summary, '') AS summary,
       coalesce(w.cited, '{}') AS cited,
       (SELECT coalesce(sum(d.n_messages), 0)::int FROM triage.theme_trend d
        WHERE d.topic_id = t.topic_id) AS n_ever,
       (SELECT count(DISTINCT c.customer)::int FROM triage.theme_customers c
        WHERE c.topic_id = t.topic_id) AS n_customers_ever
FROM triage.topics t LEFT JOIN triage.topics h ON h.topic_id = t.heir_id
LEFT JOIN LATERAL (
    SELECT model, summary, cited FROM triage.wordings
    WHERE topic_id = t.topic_id AND label = t.label AND t.label_source = 'model'
    ORDER BY asked_at DESC, key LIMIT 1) w ON true
WHERE t.topic_id = :topic
"""
_EVENTS = f"""
SELECT e.event_id, e.day, e.event, e.topic_id, e.other_topic_id, e.actor, e.detail, t.label,
       o.label AS other_label,
       e.actor = 'run' AND e.event = 'merge' AND e.topic_id <> :topic AND NOT EXISTS (
           SELECT FROM triage.topic_events x WHERE x.topic_id = e.topic_id
           AND x.event IN ('merge', 'unmerge') AND (x.day, x.event_id) > (e.day, e.event_id))
           AS may_part
FROM triage.topic_events e
JOIN triage.topics t USING (topic_id)
LEFT JOIN triage.topics o ON o.topic_id = e.other_topic_id
WHERE (e.topic_id = :topic OR e.other_topic_id = :topic) AND e.event NOT LIKE 'propose%'
  AND e.day <= coalesce({AS_OF}, e.day)
ORDER BY e.day DESC, e.event_id DESC LIMIT 100
"""
# A run's split names the part second, too. An undone one is followed by a merge back.
_PARENTS = """
SELECT DISTINCT ON (e.day, h.heir_id) h.heir_id AS topic_id, t.label, e.day
FROM triage.topic_events e JOIN triage.heirs h USING (topic_id)
JOIN triage.topics t ON t.topic_id = h.heir_id
WHERE e.event = 'split' AND e.other_topic_id = :topic AND h.heir_id <> :topic
ORDER BY e.day DESC, h.heir_id
"""
_DECISIONS = """
SELECT d.decision_no, d.decided_at, d.actor, d.action, d.topic_id, d.message_id::text AS message_id,
       d.alert_id, d.was, d.became, d.undone_by, d.undone_at, t.label
FROM triage.decisions d LEFT JOIN triage.topics t USING (topic_id)
WHERE d.topic_id = :topic
   OR (d.action = 'split' AND d.became->>'topic_id' = CAST(CAST(:topic AS bigint) AS text))
   OR (d.action = 'merge' AND d.became->>'heir_id' = CAST(CAST(:topic AS bigint) AS text))
   OR (d.action = 'unmerge' AND d.was->>'heir_id' = CAST(CAST(:topic AS bigint) AS text))
ORDER BY d.decision_no DESC LIMIT 50
"""
_NEAR = f"""
WITH own AS (
    SELECT centroid FROM triage.topic_states WHERE topic_id = :topic
    ORDER BY day DESC LIMIT 1)
SELECT s.topic_id, t.label, s.size, 1 - (s.centroid <=> own.centroid) AS similarity
FROM triage.topic_states s JOIN triage.topics t USING (topic_id), own
WHERE s.day = {LAST_STATES} AND t.heir_id IS NULL
  AND s.topic_id <> :topic AND vector_dims(s.centroid) = vector_dims(own.centroid)
ORDER BY s.centroid <=> own.centroid LIMIT 6
"""
_FELLOWS = """
SELECT f.topic_id, f.label, f.topic_id = f.area_id AS leads, f.n_today, f.state
FROM triage.themes f WHERE f.area_id = (
    SELECT a.heir_id FROM triage.topics t JOIN triage.heirs a ON a.topic_id = t.area_id
    WHERE t.topic_id = :topic AND t.heir_id IS NULL)
ORDER BY f.n_today DESC, f.topic_id
"""
_MIX = """
SELECT channel, intent, sum(n_messages)::int AS n FROM triage.theme_mix
WHERE topic_id = :topic AND day > CAST(:last AS date) - 28 GROUP BY 1, 2
"""
# The latest messages are found first by the index of memberships, each checked to be still in the
# theme, with all of the last day among them: their times decide which are on the page. Only those
# are looked up; a filter looks up the messages that it tests. OFFSET keeps the planner from joining
# the view of all messages.
_MEMBERS = f"""
WITH assigned AS (
    SELECT x.* FROM unnest(CAST(:heads AS bigint[])) AS h(topic_id) CROSS JOIN LATERAL (
        SELECT DISTINCT a.message_id, a.arrived_on FROM triage.memberships a {{assigned}}
        WHERE a.topic_id = h.topic_id
          AND NOT EXISTS (SELECT FROM triage.memberships b WHERE b.passage_id = a.passage_id
                          AND (b.decided_on, b.stage) > (a.decided_on, a.stage))
          AND NOT EXISTS (SELECT FROM triage.corrections c WHERE c.message_id = a.message_id
                          AND c.topic_id IS NOT NULL) {{where}}
        ORDER BY a.arrived_on DESC FETCH FIRST (:most + :skip) ROWS WITH TIES) x),
placed AS (
    SELECT c.message_id, m.arrived_on FROM (
        SELECT DISTINCT ON (message_id) message_id, topic_id FROM triage.corrections
        WHERE message_id IN (SELECT message_id FROM triage.corrections
                             WHERE topic_id = ANY(:heads))
          AND topic_id IS NOT NULL ORDER BY message_id, corrected_at DESC) c
    JOIN triage.{{placed}} m ON m.message_id = c.message_id
    WHERE c.topic_id = ANY(:heads) {{where}}),
picked AS (
    SELECT u.* FROM (SELECT * FROM assigned UNION SELECT * FROM placed) u
    JOIN triage.messages m USING (message_id)
    ORDER BY u.arrived_on DESC, m.created_at DESC, u.message_id LIMIT :most OFFSET :skip)
SELECT {COLUMNS.replace("m.strength", "x.strength")}
FROM picked JOIN triage.message_triage m USING (message_id)
CROSS JOIN LATERAL (SELECT strength FROM triage.message_topics t
                    WHERE t.message_id = picked.message_id AND t.topic_id = :theme OFFSET 0) x
ORDER BY picked.arrived_on DESC, m.created_at DESC, message_id
"""


@dataclass(frozen=True, slots=True)
class ThemeDetail(Record):
    """A topic, with its heir where it was merged away."""

    topic_id: int
    label: str
    label_source: str
    label_model: str
    """The language model that gave the label; empty where it is a phrase or a person's."""
    summary: str
    """What that model says of it, with the messages that it `cited`."""
    cited: list[uuid.UUID]
    keywords: list[str]
    exemplars: list[uuid.UUID]
    status: str
    born_on: dt.date
    heir_id: int | None
    muted: bool
    updated_on: dt.date
    area_id: int | None
    heir_label: str | None
    n_ever: int
    """Messages of every day; 0 where it was merged away, because its heir counts them."""
    n_customers_ever: int
    """Distinct customers of every day, likewise."""


@dataclass(frozen=True, slots=True)
class LifeEvent(Record):
    """Something that happened to the topic, by a run or a person."""

    event_id: str
    day: dt.date
    event: str
    topic_id: int
    other_topic_id: int | None
    actor: str
    detail: str
    label: str
    other_label: str | None
    may_part: bool
    """Whether this is a run's merge into the topic that is still in effect and can be undone."""


@dataclass(frozen=True, slots=True)
class Decision(Record):
    """What a person decided; what `was` and `became` contain depends on the action."""

    decision_no: int
    decided_at: dt.datetime
    actor: str
    action: str
    topic_id: int | None
    message_id: str | None
    alert_id: str | None
    was: Mapping[str, Any]
    became: Mapping[str, Any]
    undone_by: str | None
    undone_at: dt.datetime | None
    label: str | None


@dataclass(frozen=True, slots=True)
class Parent(Record):
    """A theme that another was split off from."""

    topic_id: int
    label: str
    day: dt.date


@dataclass(frozen=True, slots=True)
class NearTheme(Record):
    """A theme that resembles another."""

    topic_id: int
    label: str
    size: int
    similarity: float


@dataclass(frozen=True, slots=True)
class Fellow(Record):
    """A theme of the same area."""

    topic_id: int
    label: str
    leads: bool
    """Whether it leads the area, which has its label."""
    n_today: int
    state: str


@dataclass(frozen=True, slots=True)
class Mix(Record):
    """Channels and intents with their counts, the largest first."""

    channels: list[tuple[str, int]]
    intents: list[tuple[str, int]]


def theme(connection: Connection, topic_id: int) -> ThemeDetail | None:
    """The topic, with its heir where it was merged away."""
    return record(connection, ThemeDetail, _THEME, topic=topic_id)


def named(connection: Connection, label: str) -> int | None:
    """The living theme with that label, None where there is none."""
    query = """
        SELECT topic_id FROM triage.topics WHERE lower(label) = lower(:label) AND heir_id IS NULL
        ORDER BY status = 'retired', topic_id DESC LIMIT 1
    """
    row = first(connection, query, label=label)
    return int(row["topic_id"]) if row else None


def events(connection: Connection, topic_id: int) -> list[LifeEvent]:
    """What happened to it, the latest first, without the proposals of runs."""
    return records(connection, LifeEvent, _EVENTS, topic=topic_id)


def parents(connection: Connection, topic_id: int) -> list[Parent]:
    """The themes that it was split off from, by a run or a person, the latest first."""
    return records(connection, Parent, _PARENTS, topic=topic_id)


def decisions(connection: Connection, topic_id: int) -> list[Decision]:
    """What people decided about it, the latest first."""
    return records(connection, Decision, _DECISIONS, topic=topic_id)


def near(connection: Connection, topic_id: int) -> list[NearTheme]:
    """The living themes that resemble it most, by cosine similarity of the centroids."""
    return records(connection, NearTheme, _NEAR, topic=topic_id)


def fellows(connection: Connection, topic_id: int) -> list[Fellow]:
    """The living themes of its area, itself among them, the largest of the last day first."""
    return records(connection, Fellow, _FELLOWS, topic=topic_id)


def mix(connection: Connection, topic_id: int, last: dt.date) -> Mix:
    """Its channels and intents of the last four weeks."""
    channels: Counter[str] = Counter()
    intents: Counter[str] = Counter()
    for row in fetch(connection, _MIX, topic=topic_id, last=last):
        for counts, name in ((channels, row["channel"]), (intents, row["intent"])):
            if name:
                counts[name] += row["n"]
    return Mix(channels=channels.most_common(), intents=intents.most_common())


def messages(
    connection: Connection, topic_id: int, chosen: Filter, *, most: int, skip: int = 0
) -> list[ListedMessage]:
    """Its messages that pass the filter, the latest first."""
    heads = [
        row["topic_id"]
        for row in fetch(
            connection,
            "SELECT topic_id FROM triage.heirs WHERE heir_id = :topic",
            topic=topic_id,
        )
    ]
    where = chosen.clause()
    looked_up = "JOIN triage.message_triage m ON m.message_id = a.message_id" if where else ""
    query = _MEMBERS.format(
        assigned=looked_up, placed="message_triage" if where else "messages", where=where
    )
    values = {"theme": topic_id, "heads": heads, "most": most, "skip": skip, **chosen.values()}
    return records(connection, ListedMessage, query, **values)
