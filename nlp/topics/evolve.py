"""The topics at the end of a day, from those of its eve and the messages of the window."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from nlp.lives import Change
from nlp.records import DayTexts, Floats, Topic, TopicEvent
from nlp.states import TopicStatus
from nlp.topics.assign import centroid_of, radius_of
from nlp.topics.cluster import Clustering, cluster
from nlp.topics.emerge import MIN_HISTORY
from nlp.topics.lifecycle import ask_as_run
from nlp.topics.lineage import NO_PAST, Past, Reconciled, reconcile, topic_id
from nlp.topics.naming import name_topics
from nlp.topics.novelty import Fresh, Scan
from nlp.topics.requests import Bear, Merge, Revive, RunRequest, Tally
from nlp.topics.secede import settle
from nlp.topics.strays import strays
from nlp.topics.thin import thin

_MAX_CLAIMED = 1_750
"""Messages that have a topic already and are clustered along, at most: enough to say where the
standing topics lie, so that a day's cost does not grow with the window."""
_SAME_CENTROID = 0.9
"""Similarity of centroids from which a newborn topic is a quiet one that came back."""
_QUIET_DAYS = 90
"""Days without a message after which a topic retires."""


@dataclass(frozen=True, slots=True)
class Evolved:
    """What a day made of the topics."""

    topics: list[Topic]
    """All that live at its end."""
    topic_of: list[int | None]
    """The topic of each message of the window, in its order; None = unclustered."""
    events: list[TopicEvent]
    emerged: dict[int, Fresh]
    """The topics that came lately, or that surge, with the evidence."""


def evolve(
    window: DayTexts,
    topics: Sequence[Topic],
    topic_of: Sequence[int | None],
    *,
    day: dt.date,
    encode: Callable[[Sequence[str]], Floats],
    min_topic_size: int,
    seed: int,
    past: Past = NO_PAST,
) -> Evolved:
    """Cluster the window that ends on `day`, and let `topics`, as they stood on the eve, follow it.

    `topic_of` gives the topic of each message as known so far.
    """
    work = _Day(window, {t.topic_id: t for t in topics}, list(topic_of), day, past.placed)
    held = {t.topic_id for t in topics if t.is_held}
    ages = np.array([(day - d).days for d in window.arrived_on], dtype=np.intp)
    scan = Scan(window.embeddings, ages, window.sources, seed=seed)
    work.emerge(scan.places(), ages, min_topic_size=min_topic_size, held=held)
    chosen = work.choose()
    if len(chosen):
        clusters = cluster(
            window.embeddings[chosen],
            min_topic_size=min_topic_size,
            seed=seed,
        )
        found = reconcile(
            clusters,
            [work.topic_of[i] for i in chosen],
            min_topic_size=min_topic_size,
            held=held | work.emerged.keys(),
            past=past,
        )
        work.follow(found, chosen)
        work.group(clusters, chosen)
    work.gather(past.placed, held=held)
    work.notice(scan)
    work.name(encode)
    return work.result()


@dataclass
class _Day:
    window: DayTexts
    topics: dict[int, Topic]
    topic_of: list[int | None]
    day: dt.date
    placed: Collection[str] = ()
    """Messages that a person gave their topic."""
    events: list[TopicEvent] = field(default_factory=list)
    emerged: dict[int, Fresh] = field(default_factory=dict)
    n_born: int = 0

    def emerge(
        self,
        places: Sequence[Fresh],
        ages: NDArray[np.intp],
        *,
        min_topic_size: int,
        held: Collection[int],
    ) -> None:
        """Let what came lately leave the topics that hold it, or surge within them."""
        for e in settle(
            self.window.embeddings,
            ages,
            self.topic_of,
            places,
            min_topic_size=min_topic_size,
            held=held,
        ):
            f = e.fresh
            days = f"{f.n_days} day{'s' * (f.n_days > 1)}"
            evidence = (
                f"{len(f.recent)} messages in {days} where {f.expected:g} were expected, "
                f"p {f.p_value:.1g}"
            )
            topic = e.topic or self._bear(list(e.members), e.parent, evidence)
            if topic is not None:
                self.emerged[topic] = f

    def choose(self) -> NDArray[np.intp]:
        """All unclaimed messages and a bounded share of the claimed ones, large topics cut most.

        Message ids are hashes and the window is in their order: the first of a topic are a fair
        sample, and mostly the same from day to day.
        """
        members: dict[int | None, list[int]] = {}
        for index, topic in enumerate(self.topic_of):
            members.setdefault(topic, []).append(index)
        free = members.pop(None, [])
        return np.array(sorted(free + thin(members.values(), _MAX_CLAIMED)), dtype=np.intp)

    def follow(self, reconciled: Reconciled, chosen: NDArray[np.intp]) -> None:
        """Carry out what was found among the `chosen` messages."""
        for index, joined in reconciled.joined.items():
            self.topic_of[chosen[index]] = joined
        children: dict[int, list[int]] = {}
        for birth in reconciled.births:
            members = [int(chosen[i]) for i in birth.members]
            evidence = f"{len(members)} messages"
            if birth.parent is not None:
                evidence += ", apart on several days running"
            born = self._bear(members, birth.parent, evidence)
            if birth.parent is not None and born is not None:
                children.setdefault(birth.parent, []).append(born)
        sampled = set(chosen.tolist())
        for parent, born_of in children.items():
            self._share_out(parent, born_of, sampled)
        for gone, heir in reconciled.merges:
            detail = "both in one cluster on several days running"
            self._make(Merge(gone, heir, detail), gone, heir)
            self.topic_of = [heir if t == gone else t for t in self.topic_of]
            del self.topics[gone]
        for proposal in reconciled.proposals:
            self._make(proposal)

    def gather(self, placed: Collection[str], *, held: Collection[int]) -> None:
        """Let messages move to the topic that they lie in the midst of.

        What a person placed stays, and so does what is in a topic that a person decided about. A
        topic born today does not lose its last message: it is yet to be named from one.
        """
        staying = {
            index
            for index, message in enumerate(self.window.message_ids)
            if message in placed or self.topic_of[index] in held
        }
        moved = strays(
            self.window.embeddings, self.topic_of, turn=self.day.toordinal(), staying=staying
        )
        lasting = {t for index, t in enumerate(self.topic_of) if index not in moved}
        lasting |= {t for t, topic in self.topics.items() if topic.label}
        for index, topic in moved.items():
            if self.topic_of[index] in lasting:
                self.topic_of[index] = topic

    def notice(self, scan: Scan) -> None:
        """Tell of young topics, of which nothing is expected yet, whether they came lately.

        Two that come at once side by side are one place to the scan, or none.
        """
        young = {
            t.topic_id: [i for i, own in enumerate(self.topic_of) if own == t.topic_id]
            for t in self.topics.values()
            if (self.day - t.born_on).days < MIN_HISTORY and t.topic_id not in self.emerged
        }
        for topic, members in young.items():
            if fresh := scan.test(members):
                self.emerged[topic] = fresh

    def group(self, clusters: Clustering, chosen: NDArray[np.intp]) -> None:
        """Put each topic into the area of most of its messages, led by the area's largest topic.

        A topic that led an area yesterday goes on leading the one that it is in.
        """
        areas: dict[int, Counter[int]] = {}
        for index, label in zip(chosen.tolist(), clusters.labels.tolist(), strict=True):
            topic = self.topic_of[index]
            if topic is not None and label >= 0:
                areas.setdefault(topic, Counter())[int(clusters.areas[label])] += 1
        of_topic = {t: min(c, key=lambda a: (-c[a], a)) for t, c in areas.items()}
        sizes = Counter(t for t in self.topic_of if t is not None)
        leaders: dict[int, int] = {}
        for topic in sorted(of_topic, key=lambda t: (self.topics[t].area_id != t, -sizes[t], t)):
            leaders.setdefault(of_topic[topic], topic)
        for topic, area in of_topic.items():
            self.topics[topic] = replace(self.topics[topic], area_id=leaders[area])

    def _make(self, request: RunRequest, *topics: int, members: Sequence[int] = ()) -> Change:
        """Carry out a transition of `topics` and messages; the lifecycle says what it changes."""
        ids = [self.window.message_ids[i] for i in members]
        topic_of = {m: self.topic_of[i] for m, i in zip(ids, members, strict=True)}
        involved = {*topics, *topic_of.values()}
        change = ask_as_run(
            request,
            [topic for t, topic in self.topics.items() if t in involved],
            day=self.day,
            topic_of=topic_of,
        )
        self.events += change.events
        for message, index in zip(ids, members, strict=True):
            self.topic_of[index] = change.moved[message]
        return change

    def _free(self, members: Sequence[int]) -> list[int]:
        """Those of `members` that no person holds: not placed, and in no topic decided about."""
        return [
            i
            for i in members
            if self.window.message_ids[i] not in self.placed
            and ((t := self.topic_of[i]) not in self.topics or not self.topics[t].is_held)
        ]

    def _bear(self, members: Sequence[int], parent: int | None, evidence: str) -> int | None:
        """Let `members` be a topic: a newborn one, or a quiet one that came back.

        What a person holds stays where it is; None where nothing is left.
        """
        members = self._free(members)
        if not members:
            return None
        rows = self.window.embeddings[members]
        ids = tuple(self.window.message_ids[i] for i in members)
        centroid = centroid_of(rows)
        topic = self._returned(centroid) if parent is None else None
        if topic is not None:
            name = topic.topic_id
            self._make(Revive(name, ids, evidence), name, members=members)
            self.topics[name] = replace(topic, status=TopicStatus.ACTIVE)
        else:
            self.n_born += 1
            name = topic_id(f"{self.day:%Y%m%d}", self.n_born)
            self._make(Bear(name, ids, parent, evidence), name, members=members)
            self.topics[name] = Topic(
                name, self.day, "", (), (), centroid, radius_of(rows, centroid), len(members)
            )
        return name

    def _returned(self, centroid: Floats) -> Topic | None:
        """The topic without a message in the window that a newborn one is, if any."""
        held = set(self.topic_of)
        quiet = [t for t in self.topics.values() if t.topic_id not in held]
        best = max(quiet, key=lambda t: float(t.centroid @ centroid), default=None)
        if best is None or float(best.centroid @ centroid) < _SAME_CENTROID:
            return None
        return best

    def _share_out(self, parent: int, children: list[int], sampled: Collection[int]) -> None:
        """Messages of a split topic that were not clustered along go to the nearest part."""
        left = [i for i, t in enumerate(self.topic_of) if t == parent and i not in sampled]
        left = self._free(left)
        if not left:
            return
        names = [parent, *children]
        rows = [[i for i in sampled if self.topic_of[i] == name] for name in names]
        if not rows[0]:
            return
        centroids = np.stack([centroid_of(self.window.embeddings[r]) for r in rows])
        nearest = (self.window.embeddings[left] @ centroids.T).argmax(axis=1)
        for index, n in zip(left, nearest.tolist(), strict=True):
            self.topic_of[index] = names[n]

    def name(self, encode: Callable[[Sequence[str]], Floats]) -> None:
        """Give the newborn topics their words, and the others anew where it is time."""
        self.topics, renamed = name_topics(
            self.window, self.topics, self.topic_of, day=self.day, encode=encode
        )
        self.events += renamed

    def result(self) -> Evolved:
        """The topics as they stand when the day ends."""
        members: dict[int, list[int]] = {t: [] for t in self.topics}
        for index, topic in enumerate(self.topic_of):
            if topic:
                members[topic].append(index)
        refreshed = [self._refresh(t, members[t.topic_id]) for t in self.topics.values()]
        living = [t for t in refreshed if t]
        return Evolved(living, self.topic_of, self.events, self.emerged)

    def _refresh(self, topic: Topic, members: list[int]) -> Topic | None:
        """Let centroid and size follow the window; a topic without messages keeps its place."""
        if members:
            rows = self.window.embeddings[members]
            centroid = centroid_of(rows)
            return replace(
                topic,
                centroid=centroid,
                radius=radius_of(rows, centroid),
                size=len(members),
                status=TopicStatus.ACTIVE,
                last_on=max(self.window.arrived_on[i] for i in members),
            )
        silent = (self.day - (topic.last_on or topic.born_on)).days
        change = self._make(Tally(topic.topic_id, 0, silent, _QUIET_DAYS), topic.topic_id)
        (life,) = change.lives
        if life.status == TopicStatus.RETIRED:
            return None
        return replace(topic, size=0, status=life.status)
