"""People's decisions in memory."""

import copy
import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import numpy as np

from nlp.jobs.taxonomy import intents_of
from nlp.lives import (
    AlertState,
    Change,
    Decision,
    Life,
    MergeRecord,
    Moved,
    Seed,
    ShownMessage,
    Subscription,
)
from nlp.records import Floats, LabelledExample, TopicEvent
from nlp.states import ABOUT_ALERTS, Action, AlertStatus, Event
from nlp.topics.life.heirs import heir_of
from nlp.topics.life.state import apply, topic_of
from tests.fakes.intents import MemoryIntents
from tests.fakes.topics import MemoryTopics

_CHANGED = (
    "log", "state", "by_people", "seeds", "events", "active", "descriptions", "labelled",
    "corrections", "alert_states", "subscriptions",
)  # fmt: skip
_TIME = dt.datetime(2026, 3, 9, 12, tzinfo=dt.UTC)


@dataclass
class MemoryDecisions(MemoryTopics, MemoryIntents):
    """The tables of decisions, and their transactions."""

    log: dict[int, Decision] = field(default_factory=dict)
    events: list[tuple[str, TopicEvent]] = field(default_factory=list)
    """What people did: actor, event."""

    @contextmanager
    def deciding(self) -> Iterator["OneDecision"]:
        """A transaction: an error leaves everything as it was."""
        before = {name: copy.copy(getattr(self, name)) for name in _CHANGED}
        try:
            yield OneDecision(self)
        except BaseException:
            for name, value in before.items():
                setattr(self, name, value)
            raise


@dataclass
class OneDecision:
    """`nlp.ports.DecisionStore`."""

    store: MemoryDecisions
    n_turns: int = 0

    def take_turn(self) -> None:
        self.n_turns += 1

    def last_day(self) -> dt.date:
        return max(self.store.discoveries, default=_TIME.date())

    def lives(self, topic_ids: Collection[int]) -> dict[int, Life]:
        result: dict[int, Life] = {}
        wanted = list(topic_ids)
        while wanted:
            life = self.store.state.lives.get(wanted.pop())
            if life is not None:
                result[life.topic_id] = life
                if life.merge is not None and life.merge.into is not None:
                    wanted.append(life.merge.into)
        return result

    def lives_called(self, label: str) -> list[Life]:
        lives = self.store.state.lives.values()
        return [life for life in lives if life.label.lower() == label.lower()]

    def least_id(self, *, first: int, last: int) -> int | None:
        return min((t for t in self.store.state.lives if first <= t <= last), default=None)

    def carried(self, merge: MergeRecord) -> list[str]:
        state = self.store.state
        result = state.carried.get(merge.topic_id, ())
        return sorted(m for m in result if not state.placed.get(m))

    def shown(self, message_ids: Sequence[str]) -> list[ShownMessage]:
        state = self.store.state
        return [
            ShownMessage(
                m,
                state.arrived_on[m],
                topic := topic_of(state, m),
                None if topic is None else state.lives[topic].label,
                self._intent(m),
                self._intent(m) is not None,
            )
            for m in sorted(message_ids)
            if m in state.assigned
        ]

    def _intent(self, message_id: str) -> str | None:
        words = [i for m, i in self.store.corrections.values() if m == message_id and i]
        return words[-1] if words else None

    def members(self, topic_id: int, *, most: int) -> list[str]:
        state = self.store.state
        result = [m for m in state.assigned if topic_of(state, m) == heir_of(state.lives, topic_id)]
        return sorted(result, key=lambda m: (-state.arrived_on[m].toordinal(), m))[:most]

    def embedded(self, message_ids: Sequence[str]) -> tuple[list[str], Floats]:
        by_hash = {h: row for (_, h), row in self.store.embeddings.items()}
        rows = {m: by_hash[h] for m in sorted(message_ids) if (h := self._hash(m)) in by_hash}
        vectors = np.stack(list(rows.values())) if rows else np.zeros((0, 0), dtype=np.float32)
        return list(rows), vectors

    def _hash(self, message_id: str) -> str:
        """That of the message's first passage, where it was cut already."""
        passage = self.store.passages.get(message_id)
        return (passage or self.store.messages[message_id]).text_hash

    def example_texts(self, topic_id: int, *, min_strength: float, most: int) -> dict[str, str]:
        strengths = {
            a.passage_id: a.strength for _, rows in sorted(self.store.decided.items()) for a in rows
        }
        result: dict[str, str] = {}
        for m in self.members(topic_id, most=len(self.store.messages)):
            is_placed = bool(self.store.state.placed.get(m))
            is_sure = is_placed or strengths.get(m, 0) >= min_strength
            if is_sure and self._intent(m) is None:
                result.setdefault(self.store.messages[m].text_hash, self.store.messages[m].text)
        return dict(list(result.items())[:most])

    def intents(self) -> dict[str, bool]:
        return dict(sorted(self.store.active.items()))

    def has_examples(self, intent: str) -> bool:
        return any(e.intent == intent for e in self.store.labelled.values())

    def is_used(self, intent: str) -> bool:
        words = (i for _, i in self.store.corrections.values())
        return self.has_examples(intent) or intent in words

    def description(self, intent: str) -> str:
        return self.store.descriptions.get(intent, "")

    def alert(self, alert_id: str) -> AlertState | None:
        return self.store.alert_states.get(alert_id)

    def decision(self, number: int) -> Decision | None:
        return self.store.log.get(number)

    def step(self, number: int) -> list[Decision]:
        return [d for d in reversed(self.store.log.values()) if d.became.get("step") == number]

    def last_decision(
        self,
        *,
        topic_id: int | None = None,
        message_id: str | None = None,
        intent: str | None = None,
    ) -> Decision | None:
        def is_about(d: Decision) -> bool:
            if intent:
                return intent in intents_of(d)
            if message_id:
                return d.message_id == message_id or message_id in d.became.get("messages", ())
            return d.topic_id == topic_id and d.action not in ABOUT_ALERTS

        result = [d for d in self.store.log.values() if d.action != Action.NOTE and is_about(d)]
        return max(result, key=lambda d: (d.undone_at or d.decided_at, d.number), default=None)

    def decided_since(
        self,
        number: int,
        *,
        actions: Collection[Action],
        topic_id: int | None,
        message_id: str | None,
        intents: Collection[str] = (),
    ) -> Decision | None:
        for d in self.store.log.values():
            is_same = (
                (topic_id is not None and d.topic_id == topic_id)
                or (message_id is not None and d.message_id == message_id)
                or not {*intents}.isdisjoint(intents_of(d))
            )
            if d.number > number and d.undone_at is None and d.action in actions and is_same:
                return d
        return None

    def save(
        self, change: Change, *, actor: str, day: dt.date, seed: Seed | None = None
    ) -> list[str]:
        store, number = self.store, len(self.store.log) + 1
        if change.retracted is not None:
            made = store.log[change.retracted].became.get("corrections", ())
            store.corrections = {k: v for k, v in store.corrections.items() if k not in made}
            origin = f"promotion:{change.retracted}"
            store.labelled = {k: e for k, e in store.labelled.items() if e.origin != origin}
        if seed is not None:
            store.seeds[seed.topic_id] = seed
        store.state = apply(store.state, change, number=number)
        for event in change.events:
            store.events.append((actor, event))
            if event.event in (Event.MERGE, Event.UNMERGE):
                into = event.other_topic_id if event.event == Event.MERGE else None
                word = MergeRecord(event.topic_id, into, day, actor)
                store.by_people.append((day, len(store.by_people), word, event.event))
        if change.placed is None:
            return []
        ids = [f"{number}/{m}" for m in change.placed.message_ids]
        intent = change.placed.intent or ""
        store.corrections |= {
            i: (m, intent) for i, m in zip(ids, change.placed.message_ids, strict=True)
        }
        return ids

    def log(self, decision: Decision) -> int:
        number = len(self.store.log) + 1
        self.store.log[number] = replace(decision, number=number, decided_at=self._now())
        return number

    def mark_undone(self, number: int, *, actor: str) -> None:
        old = self.store.log[number]
        self.store.log[number] = replace(old, undone_by=actor, undone_at=self._now())

    def _now(self) -> dt.datetime:
        """Later than everything that was decided and undone."""
        n = len(self.store.log) + sum(d.undone_at is not None for d in self.store.log.values())
        return _TIME + dt.timedelta(seconds=n)

    def add_days(self, topic_id: int, *, since: dt.date) -> None:
        """Days without messages are not kept in memory."""

    def save_intent(self, name: str, *, description: str) -> None:
        self.store.active[name] = True
        self.store.descriptions.setdefault(name, description)

    def set_active(self, intent: str, *, active: bool) -> None:
        self.store.active[intent] = active

    def describe_intent(self, name: str, *, description: str) -> None:
        self.store.descriptions[name] = description

    def move_intent(self, intent: str, name: str) -> Moved:
        labelled, corrections = self.store.labelled, self.store.corrections
        moved = Moved(
            tuple(h for h, i in labelled if i == intent and (h, name) not in labelled),
            tuple(c for c, (_, i) in corrections.items() if i == intent),
        )
        self._move(moved, intent, name)
        return moved

    def move_back(self, decision: Decision) -> None:
        became = decision.became
        moved = Moved(**{k: tuple(v) for k, v in became["moved"].items()})
        self._move(moved, str(became["name"]), str(became["intent"]))

    def _move(self, moved: Moved, old: str, new: str) -> None:
        for h in moved.examples:
            if (example := self.store.labelled.pop((h, old), None)) is not None:
                self.store.labelled[h, new] = replace(example, intent=new)
        self.store.corrections |= {
            c: (self.store.corrections[c][0], new)
            for c in moved.corrections
            if c in self.store.corrections
        }

    def save_texts(self, texts: Mapping[str, str], *, intent: str, number: int) -> None:
        for text_hash, text in texts.items():
            example = LabelledExample(text, intent, f"promotion:{number}")
            self.store.labelled.setdefault((text_hash, intent), example)

    def set_alert(self, alert_id: str, status: AlertStatus, *, actor: str) -> None:
        old = self.store.alert_states[alert_id]
        self.store.alert_states[alert_id] = replace(old, status=status, handled_by=actor)

    def assign_alert(self, alert_id: str, person: str | None) -> None:
        old = self.store.alert_states[alert_id]
        self.store.alert_states[alert_id] = replace(old, assigned_to=person)

    def snooze_alert(self, alert_id: str, until: dt.date | None) -> None:
        old = self.store.alert_states[alert_id]
        self.store.alert_states[alert_id] = replace(old, snoozed_until=until)

    def people(self) -> set[str]:
        owners = {a.assigned_to for a in self.store.alert_states.values() if a.assigned_to}
        subscribers = {s.subscriber for s in self.store.subscriptions}
        return {d.actor for d in self.store.log.values()} | owners | subscribers

    def subscribe(self, wanted: Subscription) -> None:
        same = replace(wanted, address="")
        others = [s for s in self.store.subscriptions if replace(s, address="") != same]
        self.store.subscriptions = [*others, wanted]
