"""What a decision is about, read from Postgres."""

import datetime as dt
from collections.abc import Collection, Sequence

from sqlalchemy import Connection, text

from nlp.lives import AlertState, Decision, Life, MergeRecord, ShownMessage
from nlp.records import Floats
from nlp.states import Action, AlertStatus, LabelSource, TopicStatus
from nlp.topics.life.heirs import heirs_of
from sql.queries import subscriptions, theme
from sql.queries.messages import Filter
from sql.rows import fetch, first
from sql.stores.copy import copy_embeddings_out
from sql.stores.decisions import record
from sql.stores.heirs import merge_records
from sql.stores.intents import is_uuid
from sql.stores.turns import take_turn

_LIVES = """
SELECT t.topic_id, t.born_on, t.label, t.label_source, t.status, t.muted, EXISTS (
    SELECT FROM triage.topic_events e WHERE e.actor <> 'run'
    AND e.event IN ('merge', 'unmerge', 'split', 'promote')
    AND t.topic_id IN (e.topic_id, e.other_topic_id)) AS is_decided
FROM triage.topics t WHERE {where} ORDER BY t.topic_id
"""
# What a merge moved: messages that were in the topic, or in one merged into it, until discovery of
# that day moved them to the heir, and about which neither a later run nor a person decided.
_CARRIED = """
SELECT DISTINCT a.message_id::text AS message_id FROM triage.memberships a
CROSS JOIN LATERAL (
    SELECT b.topic_id FROM triage.memberships b
    WHERE b.passage_id = a.passage_id AND (b.decided_on, b.stage) < (a.decided_on, a.stage)
    ORDER BY b.decided_on DESC, b.stage DESC LIMIT 1) before
JOIN triage.topics t ON t.topic_id = before.topic_id
WHERE a.decided_on = :day AND a.stage = 'discover' AND a.topic_id = :heir
  AND :topic IN (t.topic_id, t.heir_id)
  AND NOT EXISTS (SELECT FROM triage.memberships c WHERE c.passage_id = a.passage_id
                  AND (c.decided_on, c.stage) > (a.decided_on, a.stage))
  AND NOT EXISTS (SELECT FROM triage.corrections c WHERE c.message_id = a.message_id
                  AND c.topic_id IS NOT NULL)
ORDER BY 1
"""
_SHOWN = """
SELECT message_id::text AS message_id, arrived_on, topic_id, theme, intent,
       intent_corrected AS is_decided
FROM triage.message_triage WHERE message_id = ANY(CAST(:ids AS uuid[])) ORDER BY message_id
"""
# A message is judged by its first passage, whose id is its own.
_HASHES = """
SELECT message_id::text AS message_id, text_hash::text AS text_hash, text FROM triage.passages
WHERE passage_id = ANY(CAST(:ids AS uuid[])) ORDER BY passage_id
"""
# Of a message with several themes, the passage about this one.
_OF_THEME = """
SELECT x.message_id::text AS message_id, x.strength, p.text_hash::text AS text_hash, p.text
FROM triage.message_topics x
JOIN triage.passages p ON p.message_id = x.message_id AND p.n = x.n
WHERE x.topic_id = :topic AND x.message_id = ANY(CAST(:ids AS uuid[]))
"""
_LOOK_AT = 10
"""How many times as many messages are looked at as distinct texts are wanted."""


class DecisionReads:
    """The half of `nlp.ports.DecisionStore` that reads."""

    connection: Connection

    def take_turn(self) -> None:
        """See `nlp.ports.DecisionStore`."""
        take_turn(self.connection)

    def last_day(self) -> dt.date:
        """See `nlp.ports.DecisionStore`."""
        query = "SELECT coalesce(max(day), current_date) FROM triage.topic_days"
        day = self.connection.scalar(text(query))
        assert isinstance(day, dt.date)
        return day

    def lives(self, topic_ids: Collection[int]) -> dict[int, Life]:
        """See `nlp.ports.DecisionStore`."""
        merges = self._merges()
        wanted = set(topic_ids)
        for topic in topic_ids:
            at = topic
            while (merge := merges.get(at)) is not None and merge.into is not None:
                at = merge.into
                wanted.add(at)
        lives = self._lives("t.topic_id = ANY(:ids)", merges, ids=list(wanted))
        return {life.topic_id: life for life in lives}

    def lives_called(self, label: str) -> list[Life]:
        """See `nlp.ports.DecisionStore`."""
        return self._lives("lower(t.label) = lower(:label)", self._merges(), label=label)

    def _merges(self) -> dict[int, MergeRecord]:
        records = merge_records(self.connection, persons=False)
        heirs = heirs_of(records)
        return {w.topic_id: w for w in records if w.topic_id in heirs}

    def _lives(self, where: str, merges: dict[int, MergeRecord], **values: object) -> list[Life]:
        return [
            Life(
                topic_id=row["topic_id"],
                born_on=row["born_on"],
                label=row["label"],
                label_source=LabelSource(row["label_source"]),
                status=TopicStatus(row["status"]),
                merge=merges.get(row["topic_id"]),
                muted=row["muted"],
                is_decided=row["is_decided"],
            )
            for row in fetch(self.connection, _LIVES.format(where=where), **values)
        ]

    def least_id(self, *, first: int, last: int) -> int | None:
        """See `nlp.ports.DecisionStore`."""
        query = "SELECT min(topic_id) FROM triage.topics WHERE topic_id BETWEEN :a AND :b"
        least: int | None = self.connection.scalar(text(query), {"a": first, "b": last})
        return least

    def carried(self, merge: MergeRecord) -> list[str]:
        """See `nlp.ports.DecisionStore`."""
        values = {"topic": merge.topic_id, "day": merge.day, "heir": merge.into}
        return [row["message_id"] for row in fetch(self.connection, _CARRIED, **values)]

    def shown(self, message_ids: Sequence[str]) -> list[ShownMessage]:
        """See `nlp.ports.DecisionStore`."""
        ids = [m for m in message_ids if is_uuid(m)]
        return [ShownMessage(**row) for row in fetch(self.connection, _SHOWN, ids=ids)]

    def members(self, topic_id: int, *, most: int) -> list[str]:
        """See `nlp.ports.DecisionStore`."""
        rows = theme.messages(self.connection, topic_id, Filter(), most=most)
        return [row["message_id"] for row in rows]

    def embedded(self, message_ids: Sequence[str]) -> tuple[list[str], Floats]:
        """See `nlp.ports.DecisionStore`."""
        rows = fetch(self.connection, _HASHES, ids=list(message_ids))
        hashes = [row["text_hash"] for row in rows]
        encoder = self.connection.scalar(
            text(
                "SELECT encoder FROM triage.embeddings WHERE text_hash = ANY(CAST(:h AS uuid[])) "
                "GROUP BY 1 ORDER BY count(*) DESC, 1 DESC LIMIT 1"
            ),
            {"h": hashes},
        )
        stored, vectors = copy_embeddings_out(
            self.connection,
            "SELECT text_hash, embedding FROM triage.embeddings "
            "WHERE encoder = %s AND text_hash = ANY(%s::uuid[])",
            (encoder, hashes),
        )
        at = {h: i for i, h in enumerate(stored)}
        known = [row for row in rows if row["text_hash"] in at]
        return [r["message_id"] for r in known], vectors[[at[r["text_hash"]] for r in known]]

    def example_texts(self, topic_id: int, *, min_strength: float, most: int) -> dict[str, str]:
        """See `nlp.ports.DecisionStore`."""
        rows = theme.messages(self.connection, topic_id, Filter(), most=_LOOK_AT * most)
        open_ids = [row["message_id"] for row in rows if not row["intent_corrected"]]
        passages = fetch(self.connection, _OF_THEME, topic=topic_id, ids=open_ids)
        passage_of = {
            row["message_id"]: row
            for row in passages
            if row["strength"] is None or row["strength"] >= min_strength
        }
        texts: dict[str, str] = {}
        for message in filter(passage_of.__contains__, open_ids):
            texts.setdefault(passage_of[message]["text_hash"], passage_of[message]["text"])
        return dict(list(texts.items())[:most])

    def intents(self) -> dict[str, bool]:
        """See `nlp.ports.DecisionStore`."""
        rows = fetch(self.connection, "SELECT name, active FROM triage.intents ORDER BY name")
        return {row["name"]: row["active"] for row in rows}

    def has_examples(self, intent: str) -> bool:
        """See `nlp.ports.DecisionStore`."""
        query = "SELECT 1 FROM triage.labelled_examples WHERE intent = :i LIMIT 1"
        return first(self.connection, query, i=intent) is not None

    def is_used(self, intent: str) -> bool:
        """See `nlp.ports.DecisionStore`."""
        query = "SELECT 1 FROM triage.corrections WHERE intent = :i LIMIT 1"
        return self.has_examples(intent) or first(self.connection, query, i=intent) is not None

    def description(self, intent: str) -> str:
        """See `nlp.ports.DecisionStore`."""
        query = "SELECT description FROM triage.intents WHERE name = :i"
        return self.connection.scalar(text(query), {"i": intent}) or ""

    def alert(self, alert_id: str) -> AlertState | None:
        """See `nlp.ports.DecisionStore`."""
        query = "SELECT * FROM triage.alerts WHERE alert_id = :a"
        row = first(self.connection, query, a=alert_id)
        if row is None:
            return None
        return AlertState(
            alert_id,
            row["topic_id"],
            AlertStatus(row["status"]),
            row["handled_by"],
            row["assigned_to"],
            row["snoozed_until"],
        )

    def people(self) -> set[str]:
        """See `nlp.ports.DecisionStore`."""
        return set(subscriptions.people(self.connection))

    def decision(self, number: int) -> Decision | None:
        """See `nlp.ports.DecisionStore`."""
        return record.numbered(self.connection, number)

    def step(self, number: int) -> list[Decision]:
        """See `nlp.ports.DecisionStore`."""
        return record.step(self.connection, number)

    def last_decision(
        self,
        *,
        topic_id: int | None = None,
        message_id: str | None = None,
        intent: str | None = None,
    ) -> Decision | None:
        """See `nlp.ports.DecisionStore`."""
        return record.last(self.connection, topic_id=topic_id, message_id=message_id, intent=intent)

    def decided_since(
        self,
        number: int,
        *,
        actions: Collection[Action],
        topic_id: int | None,
        message_id: str | None,
        intents: Collection[str] = (),
    ) -> Decision | None:
        """See `nlp.ports.DecisionStore`."""
        return record.since(
            self.connection,
            number,
            actions=actions,
            topic_id=topic_id,
            message_id=message_id,
            intents=intents,
        )
