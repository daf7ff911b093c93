"""What a decision changes, written to Postgres."""

import datetime as dt
import json
import time

from sqlalchemy import Connection, text

from nlp.lives import Change, Decision, Life, Placement, Seed, Subscription
from nlp.records import TopicEvent
from nlp.states import AlertStatus, Event
from sql.stores.heirs import update_heirs

# What the board shows until the next run has counted it; the messages that come back are added by
# the trigger on corrections.
_DAYS = """
INSERT INTO triage.topic_days (topic_id, day, n_messages, status)
SELECT :topic, r.day, 0, CASE WHEN r.day > :since THEN 'quiet' ELSE coalesce(
    (SELECT d.status FROM triage.topic_days d WHERE d.topic_id = :topic AND d.day < :since
     ORDER BY d.day DESC LIMIT 1), 'quiet') END
FROM triage.runs r WHERE r.job = 'discover' AND r.day >= :since
ON CONFLICT DO NOTHING
"""
_TOPIC = """
INSERT INTO triage.topics (topic_id, label, label_source, keywords, exemplars, status, born_on,
                           muted, updated_on)
VALUES (:topic, :label, :source, '{}', CAST(:exemplars AS uuid[]), :status, :born, :muted, :day)
"""
_SEED = """
INSERT INTO triage.topic_seeds (topic_id, born_on, centroid, radius, size, exemplars)
VALUES (:topic, :born, CAST(:centroid AS vector), :radius, :size, CAST(:exemplars AS uuid[]))
"""
_FIRST_DAY = """
INSERT INTO triage.topic_days (topic_id, day, n_messages, status) VALUES (:topic, :day, 0, 'new')
"""


class DecisionWrites:
    """The half of `nlp.ports.DecisionStore` that writes."""

    connection: Connection

    def save(
        self, change: Change, *, actor: str, day: dt.date, seed: Seed | None = None
    ) -> list[str]:
        """See `nlp.ports.DecisionStore`."""
        if change.retracted is not None:
            self._do("SELECT triage.retract(:n)", n=change.retracted)
        for life in change.lives:
            if seed is not None and seed.topic_id == life.topic_id:
                self._bear(life, seed, day=day)
            self._do(
                "UPDATE triage.topics SET label = :label, label_source = :source, muted = :muted "
                "WHERE topic_id = :topic",
                topic=life.topic_id,
                label=life.label,
                source=life.label_source,
                muted=life.muted,
            )
        for event in change.events:
            self._event(event, actor=actor, day=day)
        if {e.event for e in change.events} & {Event.MERGE, Event.UNMERGE}:
            update_heirs(self.connection)
        for life in change.lives:
            if life.merge is None:
                self._do(
                    "UPDATE triage.topics SET status = :status WHERE topic_id = :topic",
                    topic=life.topic_id,
                    status=life.status,
                )
        return self._place(change.placed, actor=actor) if change.placed else []

    def log(self, decision: Decision) -> int:
        """See `nlp.ports.DecisionStore`."""
        number = self.connection.scalar(
            text(
                "INSERT INTO triage.decisions (actor, action, channel, topic_id, message_id, "
                "alert_id, was, became, decided_at) VALUES (:actor, :action, :channel, :topic, "
                "CAST(:message AS uuid), :alert, CAST(:was AS jsonb), CAST(:became AS jsonb), "
                "clock_timestamp()) RETURNING decision_no"
            ),
            {
                "actor": decision.actor, "action": decision.action, "channel": decision.channel,
                "topic": decision.topic_id, "message": decision.message_id,
                "alert": decision.alert_id, "was": json.dumps(dict(decision.was)),
                "became": json.dumps(dict(decision.became)),
            },
        )  # fmt: skip
        assert number is not None
        return int(number)

    def mark_undone(self, number: int, *, actor: str) -> None:
        """See `nlp.ports.DecisionStore`."""
        self._do(
            "UPDATE triage.decisions SET undone_by = :u, undone_at = clock_timestamp() "
            "WHERE decision_no = :n",
            n=number,
            u=actor,
        )

    def add_days(self, topic_id: int, *, since: dt.date) -> None:
        """See `nlp.ports.DecisionStore`."""
        self._do(_DAYS, topic=topic_id, since=since)

    def set_alert(self, alert_id: str, status: AlertStatus, *, actor: str) -> None:
        """See `nlp.ports.DecisionStore`."""
        self._do(
            "UPDATE triage.alerts SET status = :s, handled_by = :u, handled_at = now() "
            "WHERE alert_id = :a",
            a=alert_id,
            s=status,
            u=actor,
        )

    def assign_alert(self, alert_id: str, person: str | None) -> None:
        """See `nlp.ports.DecisionStore`."""
        query = "UPDATE triage.alerts SET assigned_to = :p WHERE alert_id = :a"
        self._do(query, a=alert_id, p=person)

    def snooze_alert(self, alert_id: str, until: dt.date | None) -> None:
        """See `nlp.ports.DecisionStore`."""
        query = "UPDATE triage.alerts SET snoozed_until = :u WHERE alert_id = :a"
        self._do(query, a=alert_id, u=until)

    def subscribe(self, wanted: Subscription) -> None:
        """See `nlp.ports.DecisionStore`."""
        self._do(
            "INSERT INTO triage.subscriptions (subscriber, topic_id, segment_name, segment_value, "
            "address) VALUES (:who, :topic, :name, :value, :address) ON CONFLICT (subscriber, "
            "topic_id, segment_name, segment_value) DO UPDATE SET address = excluded.address",
            who=wanted.subscriber,
            topic=wanted.topic_id,
            name=wanted.segment_name,
            value=wanted.segment_value,
            address=wanted.address,
        )

    def _bear(self, life: Life, seed: Seed, *, day: dt.date) -> None:
        """Insert a topic that a person split off. Its keywords come from the next discovery, which
        compares its words with those of all messages.
        """
        exemplars = list(seed.exemplar_ids)
        self._do(
            _TOPIC,
            topic=life.topic_id,
            label=life.label,
            source=life.label_source,
            exemplars=exemplars,
            status=life.status,
            born=life.born_on,
            muted=life.muted,
            day=day,
        )
        self._do(
            _SEED,
            topic=life.topic_id,
            born=seed.born_on,
            centroid="[" + ",".join(map(repr, seed.centroid.tolist())) + "]",
            radius=seed.radius,
            size=seed.size,
            exemplars=exemplars,
        )
        # What the board shows until the next run has counted it; its messages are added as they
        # are placed, by the trigger on corrections.
        self._do(_FIRST_DAY, topic=life.topic_id, day=day)

    def _event(self, event: TopicEvent, *, actor: str, day: dt.date) -> None:
        self._do(
            "INSERT INTO triage.topic_events (event_id, day, event, topic_id, other_topic_id, "
            "actor, detail) VALUES (:id, :day, :event, :topic, :other, :actor, :detail)",
            # The p sorts after a run's numbers: within a day, a person's decision comes last.
            id=f"{day}/p{time.time_ns():020d}",
            day=day,
            event=event.event,
            topic=event.topic_id,
            other=event.other_topic_id,
            actor=actor,
            detail=event.detail,
        )

    def _place(self, placed: Placement, *, actor: str) -> list[str]:
        rows = self.connection.execute(
            text(
                "INSERT INTO triage.corrections (message_id, intent, topic_id, corrected_by, "
                "corrected_at, note, as_guessed) "
                "SELECT m, :i, :t, :u, clock_timestamp(), :note, :guessed "
                "FROM unnest(CAST(:ids AS uuid[])) m RETURNING correction_id::text"
            ),
            {
                "i": placed.intent, "t": placed.topic_id, "u": actor, "note": placed.note,
                "ids": list(placed.message_ids), "guessed": placed.as_guessed,
            },
        )  # fmt: skip
        return list(rows.scalars())

    def _do(self, statement: str, **values: object) -> None:
        self.connection.execute(text(statement), values)
