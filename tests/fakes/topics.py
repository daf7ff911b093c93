"""A store of topics and alerts in memory; it has the lifecycle's own state."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from nlp.lives import AlertState, Life, MergeRecord, Seed, Subscription
from nlp.records import (
    Alert,
    AlertNotice,
    Assignment,
    Discovery,
    Topic,
    TopicDay,
    TopicEvent,
    Wording,
)
from nlp.samples import Pools, Rest
from nlp.states import RUN, AlertStatus, DayStatus, Event, LabelSource, TopicStatus
from nlp.topics.graph import fair_share
from nlp.topics.life.eve import Candidate, standing
from nlp.topics.life.heirs import heirs_of
from nlp.topics.life.state import State
from nlp.topics.sample import thirds
from tests.fakes.messages import MemoryMessages

_USUAL = (DayStatus.STEADY, DayStatus.FADING, DayStatus.QUIET)


@dataclass
class MemoryTopics(MemoryMessages):
    """`nlp.ports.TopicStore`, `WordingStore` and `AlertStore`."""

    discoveries: dict[dt.date, Discovery] = field(default_factory=dict)
    decided: dict[tuple[dt.date, str], list[Assignment]] = field(default_factory=dict)
    """Assignments by day and stage."""
    state: State = field(default_factory=lambda: State({}))
    """What runs and people made of the topics; `assigned` and `carried` as the last run left it."""
    by_people: list[tuple[dt.date, int, MergeRecord, Event]] = field(default_factory=list)
    """What people did that a run has to know: day, number in order, word, event."""
    seeds: dict[int, Seed] = field(default_factory=dict)
    alert_states: dict[str, AlertState] = field(default_factory=dict)
    sent: set[tuple[str, str]] = field(default_factory=set)
    subscriptions: list[Subscription] = field(default_factory=list)
    wordings: dict[str, Wording] = field(default_factory=dict)

    def wording(self, key: str) -> Wording | None:
        return self.wordings.get(key)

    def save_wording(self, key: str, wording: Wording) -> None:
        self.wordings.setdefault(key, wording)

    def labels_by_model(self) -> dict[int, str]:
        return {w.topic_id: w.label for w in self.wordings.values() if w.label}

    def topics_on_eve(self, day: dt.date) -> list[Topic]:
        days = [d for d in sorted(self.discoveries) if d < day]
        known = {(t.topic_id, d): t for d in days for t in self.discoveries[d].topics}
        candidates = [self._candidate(t, d, day) for t, d in known]
        seen = {t for t, _ in known}
        result: dict[tuple[int, dt.date | None], Topic] = {**known}
        for topic, seed in self.seeds.items():
            if topic not in seen and seed.born_on <= day:
                result[topic, None] = self._planted(seed)
                candidates.append(self._candidate(topic, None, day))
        stand = standing(
            candidates, eve=days[-1] if days else None, gone=heirs_of(self.words(persons=True))
        )
        return [self._as_decided(result[c.topic_id, c.known_on], c) for c in stand]

    def _candidate(self, topic: int, known_on: dt.date | None, day: dt.date) -> Candidate:
        life = self.state.lives[topic]
        retired = [
            d
            for d, result in self.discoveries.items()
            if d < day
            for e in result.events
            if (e.event, e.topic_id) == (Event.RETIRE, topic)
        ]
        return Candidate(
            topic,
            known_on,
            label_source=life.label_source,
            was_unmerged=any(
                w.topic_id == topic and w.into is None for _, _, w, _ in self.by_people
            ),
            retired_on=max(retired, default=None),
            is_decided=life.is_decided,
        )

    def _planted(self, seed: Seed) -> Topic:
        life = self.state.lives[seed.topic_id]
        return Topic(
            life.topic_id, life.born_on, life.label, (), seed.exemplar_ids, seed.centroid,
            seed.radius, seed.size, last_on=seed.born_on,
        )  # fmt: skip

    def _as_decided(self, topic: Topic, result: Candidate) -> Topic:
        life = self.state.lives[topic.topic_id]
        label = life.label if life.label_source == LabelSource.PERSON else topic.label
        return replace(topic, label=label, label_source=life.label_source, is_held=result.is_held)

    def words(self, *, persons: bool, before: dt.date = dt.date.max) -> list[MergeRecord]:
        """See `sql.stores.heirs.merge_records`."""
        runs = [
            (day, -1, MergeRecord(e.topic_id, e.other_topic_id, day, RUN))
            for day, result in self.discoveries.items()
            for e in result.events
            if e.event == Event.MERGE and not persons and day < before
        ]
        ordered = sorted(
            [*runs, *((d, n, w) for d, n, w, _ in self.by_people)], key=lambda x: x[:2]
        )
        latest: dict[int, MergeRecord] = {}
        for _, _, word in ordered:
            latest.pop(word.topic_id, None)
            latest[word.topic_id] = word
        return list(latest.values())

    def topics_of_passages(
        self,
        *,
        day: dt.date,
        first: dt.date,
        only: Collection[str] | None = None,
        of: Collection[int] | None = None,
    ) -> dict[str, int | None]:
        heirs = heirs_of(self.words(persons=True))
        all_heirs = heirs_of(self.words(persons=False, before=day))
        result: dict[str, int | None] = {}
        for passage, topic in self._assigned(until=day).items():
            message = self.passages[passage].message_id
            if first <= self.messages[message].arrived_on <= day:
                words = self.state.placed.get(message)
                own, chain = (words[-1][1], all_heirs) if words else (topic, heirs)
                result[passage] = None if own is None else chain.get(own, own)
        return {
            p: t
            for p, t in result.items()
            if (only is None or p in only) and (of is None or t in of)
        }

    def pools(
        self,
        *,
        day: dt.date,
        first: dt.date,
        last: dt.date,
        languages: Sequence[str],
        living: Collection[int],
        most: int,
    ) -> Pools | None:
        if sum(first <= self._arrived(p) <= last for p in self.passages.values()) <= most:
            return None
        topics: dict[str, set[int | None]] = {}
        came_free: set[str] = set()
        for passage, topic in self.topics_of_passages(day=day, first=first).items():
            m = self.messages[self.passages[passage].message_id]
            if m.arrived_on <= last and m.language in languages:
                own = topics.setdefault(m.message_id, set())
                own.add(topic if topic in living else None)
                decided = self.decided.get((m.arrived_on, "assign"), ())
                if any(a.passage_id == passage and a.topic_id is None for a in decided):
                    came_free.add(m.message_id)
        held: dict[int, list[str]] = {}
        for m, own in sorted(topics.items()):
            if m not in came_free and own != {None}:
                held.setdefault(max(t or 0 for t in own), []).append(m)
        is_today = {m: self.messages[m].arrived_on == day for m in topics}
        free = [sorted(m for m in came_free if is_today[m] == today) for today in (True, False)]
        if last != day:
            free = [[], []]
        sizes = sorted(map(len, held.values()))
        each = fair_share(sizes, thirds(sum(sizes), *map(len, free), most)[0])
        n_free = min(5 * most, max(len(free[0]), most // 3))
        chosen = ({m for own in held.values() for m in own[:each]}, *(f[:n_free] for f in free))
        pools = (
            sorted(p.passage_id for p in self.passages.values() if p.message_id in part)
            for part in chosen
        )
        return Pools(*pools, total=self._counted(topics, day) if last == day else Rest())

    def _counted(self, topics: Mapping[str, set[int | None]], day: dt.date) -> Rest:
        counts: dict[int, Counter[tuple[dt.date, str]]] = {}
        arrived: Counter[tuple[dt.date, str]] = Counter()
        wrote: dict[int, set[tuple[str, dt.date]]] = {}
        for m, own in topics.items():
            message = self.messages[m]
            arrived[message.arrived_on, message.source] += 1
            for topic in own:
                if topic is not None:
                    place = (message.arrived_on, message.source)
                    counts.setdefault(topic, Counter())[place] += 1
                    who = (message.customer_hash or m, message.arrived_on)
                    wrote.setdefault(topic, set()).add(who)
        customers = {
            t: (len({c for c, _ in who}), len({c for c, d in who if d == day}))
            for t, who in wrote.items()
        }
        today = [own for m, own in topics.items() if self.messages[m].arrived_on == day]
        return Rest(arrived, counts, customers, sum(own != {None} for own in today))

    def _assigned(self, *, until: dt.date | None = None) -> dict[str, int | None]:
        """The latest decision of a run about each message; of `until` only what it assigned."""
        result: dict[str, int | None] = {}
        for (day, stage), rows in sorted(self.decided.items()):
            if until is None or day < until or (day == until and stage == "assign"):
                result |= {a.passage_id: a.topic_id for a in rows}
        return result

    def save_assignments(self, day: dt.date, assignments: Sequence[Assignment]) -> None:
        self.decided[day, "assign"] = list(assignments)
        self._settle()

    def save_discovery(self, day: dt.date, discovery: Discovery) -> None:
        self.discoveries[day] = discovery
        self.decided[day, "discover"] = list(discovery.assignments)
        self._settle()
        ids = {f"{day}/{a.kind}/{a.topic_id}": a for a in discovery.alerts}
        for alert_id in [i for i in self.alert_states if i.startswith(f"{day}/")]:
            if alert_id not in ids:
                del self.alert_states[alert_id]
        for alert_id, a in ids.items():
            state = AlertState(alert_id, a.topic_id, AlertStatus.OPEN, None)
            self.alert_states.setdefault(alert_id, state)
        usual = {t.topic_id for t in discovery.topic_days if t.status in _USUAL}
        for alert_id, state in self.alert_states.items():
            if alert_id < f"{day}/" and state.topic_id in usual:
                self.alert_states[alert_id] = replace(state, status=AlertStatus.RESOLVED)

    def _settle(self) -> None:
        """Set the state to the latest decision about each topic and message, by runs and people."""
        lives: dict[int, Life] = dict(self.state.lives)
        for day in sorted(self.discoveries):
            for t in self.discoveries[day].topics:
                old = lives.get(t.topic_id, Life(t.topic_id, t.born_on, t.label))
                label = old.label if old.label_source == LabelSource.PERSON else t.label
                lives[t.topic_id] = replace(old, label=label, status=t.status)
        merges = {w.topic_id: w for w in self.words(persons=False) if w.into is not None}
        for topic, life in lives.items():
            merge = merges.get(topic)
            status = TopicStatus.MERGED if merge else life.status
            lives[topic] = replace(life, merge=merge, status=status)
        carried: Mapping[int, set[str]] = {
            e.topic_id: {
                a.passage_id
                for a in self.decided[day, "discover"]
                if a.topic_id == e.other_topic_id
                and self._assigned(until=day).get(a.passage_id) == e.topic_id
            }
            for day, result in self.discoveries.items()
            for e in result.events
            if e.event == Event.MERGE
        }
        arrived_on = {m.message_id: m.arrived_on for m in self.messages.values()}
        self.state = replace(
            self.state,
            lives=lives,
            assigned=self._assigned(),
            carried=carried,
            arrived_on=arrived_on,
        )

    def recent_events(self, *, first: dt.date, last: dt.date) -> list[tuple[dt.date, TopicEvent]]:
        return [
            (day, event)
            for day in sorted(self.discoveries)
            if first <= day <= last
            for event in self.discoveries[day].events
        ]

    def days_discovered(self, *, before: dt.date) -> list[dt.date]:
        return [day for day in sorted(self.discoveries) if day < before]

    def topic_days(self, day: dt.date) -> list[TopicDay]:
        result = self.discoveries.get(day)
        return sorted(result.topic_days, key=lambda t: t.topic_id) if result else []

    def placed_passages(self, *, day: dt.date, first: dt.date) -> set[str]:
        return {
            p.passage_id
            for p in self.passages.values()
            if self.state.placed.get(p.message_id)
            and first <= self.messages[p.message_id].arrived_on <= day
        }

    def muted_topics(self) -> set[int]:
        return {t for t, life in self.state.lives.items() if life.muted}

    def recent_alerts(self, *, first: dt.date, last: dt.date) -> list[tuple[dt.date, Alert]]:
        days = [d for d in sorted(self.discoveries) if first <= d <= last]
        return [(day, alert) for day in days for alert in self.discoveries[day].alerts]

    def send_alerts(
        self, day: dt.date, channels: Mapping[str, Callable[[AlertNotice], None]]
    ) -> int:
        n = 0
        for a in self.discoveries[day].alerts if day in self.discoveries else ():
            life, alert_id = self.state.lives[a.topic_id], f"{day}/{a.kind}/{a.topic_id}"
            for channel, send in () if life.muted else channels.items():
                if (alert_id, channel) not in self.sent:
                    about = (a.observed, a.expected, a.severity, (), a.n_customers)
                    send(AlertNotice(day, a.kind, life.label, *about, alert_id=alert_id))
                    self.sent.add((alert_id, channel))
                    n += 1
        return n
