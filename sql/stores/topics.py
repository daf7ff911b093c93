"""Topics, their states and events, and the memberships of passages, in Postgres."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import Connection, Engine, text

from nlp.records import Assignment, Discovery, Topic, TopicDay, TopicEvent
from nlp.states import DayStatus, Event
from nlp.topics.life.heirs import heirs_of
from sql.stores.alerts import replace_alerts, replace_drivers, resolve_alerts
from sql.stores.copy import copy_rows
from sql.stores.eve import topics_on_eve
from sql.stores.heirs import merge_records, update_heirs
from sql.stores.mix import fill_day
from sql.stores.turns import take_turn

# The topics that discovery of :day starts from: the one that a person gave the message, else the
# latest decision before the day, else the day's own assignment.
_STANDING = """
SELECT DISTINCT ON (a.passage_id) a.passage_id,
       coalesce(c.topic_id, a.topic_id) AS topic_id, c.topic_id IS NOT NULL AS is_corrected
FROM triage.memberships a
LEFT JOIN (SELECT DISTINCT ON (message_id) message_id, topic_id FROM triage.corrections
           WHERE topic_id IS NOT NULL ORDER BY message_id, corrected_at DESC) c USING (message_id)
WHERE a.arrived_on BETWEEN :first AND :day
  AND (a.decided_on < :day OR (a.decided_on = :day AND a.stage = 'assign'))
ORDER BY a.passage_id, a.decided_on DESC, a.stage DESC
"""
_TOPIC_BY_PASSAGE = f"SELECT passage_id::text, topic_id, is_corrected FROM ({_STANDING}) s"


class TopicTables:
    """`nlp.ports.TopicStore` on Postgres."""

    engine: Engine

    def topics_on_eve(self, day: dt.date) -> list[Topic]:
        """See `nlp.ports.TopicStore`."""
        with self.engine.connect() as connection:
            return topics_on_eve(connection, day)

    def topics_of_passages(self, *, day: dt.date, first: dt.date) -> dict[str, int | None]:
        """See `nlp.ports.TopicStore`."""
        query = text(_TOPIC_BY_PASSAGE)
        with self.engine.connect() as connection:
            heirs = heirs_of(merge_records(connection, persons=True))
            # A run's merge moves messages by assignment; one that a person placed has to follow.
            all_heirs = heirs_of(merge_records(connection, persons=False, before=day))
            rows = connection.execute(query, {"day": day, "first": first})
            return {
                passage: (all_heirs if is_corrected else heirs).get(topic, topic)
                for passage, topic, is_corrected in rows
            }

    def placed_passages(self, *, day: dt.date, first: dt.date) -> set[str]:
        """See `nlp.ports.TopicStore`."""
        query = text(
            "SELECT passage_id::text FROM triage.passages p JOIN triage.corrections c "
            "USING (message_id) WHERE c.topic_id IS NOT NULL AND p.arrived_on BETWEEN :f AND :d"
        )
        with self.engine.connect() as connection:
            return set(connection.execute(query, {"f": first, "d": day}).scalars())

    def muted_topics(self) -> set[int]:
        """See `nlp.ports.TopicStore`."""
        with self.engine.connect() as connection:
            query = text("SELECT topic_id FROM triage.topics WHERE muted")
            return set(connection.execute(query).scalars())

    def save_assignments(self, day: dt.date, assignments: Sequence[Assignment]) -> None:
        """See `nlp.ports.TopicStore`."""
        with self.engine.begin() as connection:
            _replace_assignments(connection, day, "assign", assignments)

    def save_discovery(self, day: dt.date, discovery: Discovery) -> None:
        """See `nlp.ports.TopicStore`; all of it is one transaction."""
        with self.engine.begin() as connection:
            take_turn(connection)
            _replace_topics(connection, day, discovery.topics)
            _replace_assignments(connection, day, "discover", discovery.assignments)
            _replace_days(connection, day, discovery)
            replace_alerts(connection, day, discovery.alerts)
            replace_drivers(connection, day, discovery.drivers)
            resolve_alerts(connection, day, discovery.topic_days)
            update_heirs(connection)
            _drop_unborn(connection, day)
            fill_day(connection, day)

    def recent_events(self, *, first: dt.date, last: dt.date) -> list[tuple[dt.date, TopicEvent]]:
        """See `nlp.ports.TopicStore`."""
        query = text(
            "SELECT day, event, topic_id, other_topic_id, detail FROM triage.topic_events "
            "WHERE day BETWEEN :first AND :last AND actor = 'run' ORDER BY day, event_id"
        )
        with self.engine.connect() as connection:
            rows = connection.execute(query, {"first": first, "last": last})
            return [(row.day, TopicEvent(Event(row.event), *row[2:])) for row in rows]

    def days_discovered(self, *, before: dt.date) -> list[dt.date]:
        """See `nlp.ports.TopicStore`."""
        query = text("SELECT day FROM triage.runs WHERE job = 'discover' AND day < :d ORDER BY 1")
        with self.engine.connect() as connection:
            return list(connection.execute(query, {"d": before}).scalars())

    def topic_days(self, day: dt.date) -> list[TopicDay]:
        """See `nlp.ports.TopicStore`."""
        query = text(
            "SELECT topic_id, n_messages, expected, upper, p_value, status "
            "FROM triage.topic_days WHERE day = :day ORDER BY topic_id"
        )
        with self.engine.connect() as connection:
            return [
                TopicDay(
                    row.topic_id,
                    row.n_messages,
                    row.expected,
                    row.upper,
                    row.p_value,
                    DayStatus(row.status),
                )
                for row in connection.execute(query, {"day": day})
            ]


_NEW_TOPIC = text(
    "INSERT INTO triage.topics (topic_id, label, label_source, keywords, exemplars, status, "
    "born_on, updated_on) VALUES (:topic_id, :label, 'model', :keywords, "
    "CAST(:exemplars AS uuid[]), :status, :born_on, :day) ON CONFLICT DO NOTHING"
)
_STATE = (
    "topic_id", "day", "centroid", "radius", "size", "label", "keywords", "exemplars", "status",
    "area_id", "last_on",
)  # fmt: skip


def _replace_topics(connection: Connection, day: dt.date, topics: Sequence[Topic]) -> None:
    """Write the states of the day, then update `topics` to the latest state of each."""
    connection.execute(text("DELETE FROM triage.topic_states WHERE day = :d"), {"d": day})
    for topic in topics:
        connection.execute(
            _NEW_TOPIC,
            {
                "topic_id": topic.topic_id, "label": topic.label, "status": topic.status,
                "keywords": list(topic.keywords), "exemplars": list(topic.exemplar_ids),
                "born_on": topic.born_on, "day": day,
            },
        )  # fmt: skip
    rows = (
        (
            t.topic_id, day, "[" + ",".join(map(repr, t.centroid.tolist())) + "]", t.radius,
            t.size, t.label, t.keywords, t.exemplar_ids, t.status, t.area_id,
            t.last_on or t.born_on,
        )
        for t in topics
    )  # fmt: skip
    copy_rows(connection, "triage.topic_states", _STATE, rows)
    _show_latest(connection)


def _show_latest(connection: Connection) -> None:
    """Update `topics` to the latest state of each; a person's label stays."""
    connection.execute(
        text(
            """
            UPDATE triage.topics t
            SET label = CASE WHEN t.label_source = 'person' THEN t.label ELSE s.label END,
                keywords = s.keywords, exemplars = s.exemplars, updated_on = s.day,
                area_id = s.area_id,
                status = CASE WHEN t.status = 'merged' THEN t.status
                              WHEN s.day < (SELECT max(day) FROM triage.topic_states)
                              THEN 'retired' ELSE s.status END
            FROM (SELECT DISTINCT ON (topic_id) * FROM triage.topic_states
                  ORDER BY topic_id, day DESC) s
            WHERE s.topic_id = t.topic_id
            """
        )
    )


def _replace_assignments(
    connection: Connection, day: dt.date, stage: str, assignments: Sequence[Assignment]
) -> None:
    connection.execute(
        text("DELETE FROM triage.memberships WHERE decided_on = :day AND stage = :stage"),
        {"day": day, "stage": stage},
    )
    connection.exec_driver_sql(
        "CREATE TEMP TABLE decided (passage_id uuid, topic_id bigint, strength real) ON COMMIT DROP"
    )
    rows = ((a.passage_id, a.topic_id, a.strength) for a in assignments)
    copy_rows(connection, "decided", ("passage_id", "topic_id", "strength"), rows)
    connection.execute(
        text(
            "INSERT INTO triage.memberships "
            "(passage_id, message_id, arrived_on, decided_on, stage, topic_id, strength) "
            "SELECT d.passage_id, p.message_id, p.arrived_on, :day, :stage, d.topic_id, d.strength "
            "FROM decided d JOIN triage.passages p USING (passage_id)"
        ),
        {"day": day, "stage": stage},
    )


def _replace_days(connection: Connection, day: dt.date, discovery: Discovery) -> None:
    connection.execute(text("DELETE FROM triage.topic_days WHERE day = :d"), {"d": day})
    columns = ("topic_id", "day", "n_messages", "expected", "upper", "p_value", "status")
    rows = (
        (t.topic_id, day, t.n_messages, t.expected, t.upper, t.p_value, t.status)
        for t in discovery.topic_days
    )
    copy_rows(connection, "triage.topic_days", columns, rows)
    connection.execute(
        text("DELETE FROM triage.topic_events WHERE day = :d AND actor = 'run'"), {"d": day}
    )
    columns = ("event_id", "day", "event", "topic_id", "other_topic_id", "actor", "detail")
    events = (
        (f"{day}/{n:04d}", day, e.event, e.topic_id, e.other_topic_id, "run", e.detail)
        for n, e in enumerate(discovery.events)
    )
    copy_rows(connection, "triage.topic_events", columns, events)


def _drop_unborn(connection: Connection, day: dt.date) -> None:
    """Delete topics that an earlier run of this day created and this one did not.

    Only if nothing refers to them: a topic that a person decided about, or a later day saw, stays.
    """
    connection.execute(
        text(
            """
            DELETE FROM triage.topics t WHERE t.born_on = :d AND t.label_source = 'model'
              AND NOT EXISTS (SELECT FROM triage.topic_states s WHERE s.topic_id = t.topic_id)
              AND NOT EXISTS (SELECT FROM triage.topic_events e
                              WHERE t.topic_id IN (e.topic_id, e.other_topic_id))
              AND NOT EXISTS (SELECT FROM triage.memberships a WHERE a.topic_id = t.topic_id)
              AND NOT EXISTS (SELECT FROM triage.corrections c WHERE c.topic_id = t.topic_id)
              AND NOT EXISTS (SELECT FROM triage.topics h WHERE h.heir_id = t.topic_id)
            """
        ),
        {"d": day},
    )
