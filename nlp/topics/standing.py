"""The topics and messages of a window while a day changes them, each change by the lifecycle."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from nlp.lives import Change
from nlp.records import DayTexts, Floats, Topic, TopicEvent
from nlp.states import TopicStatus
from nlp.topics.assign import centroid_of, radius_of
from nlp.topics.config import TopicConfig
from nlp.topics.graph import Graph, vote
from nlp.topics.life.requests import Create, Revive, RunRequest, Tally
from nlp.topics.lifecycle import ask_as_run
from nlp.topics.lineage import topic_id
from nlp.topics.scan import Fresh


@dataclass
class Standing:
    """The topics during a day; `topic_of` is in the order of `window`, None = unclustered."""

    window: DayTexts
    topics: dict[int, Topic]
    topic_of: list[int | None]
    day: dt.date
    graph: Graph
    config: TopicConfig
    placed: Collection[str] = ()
    """Passages whose topic a person chose."""
    events: list[TopicEvent] = field(default_factory=list)
    emerged: dict[int, Fresh] = field(default_factory=dict)
    """The topics with a fresh place, new or surging, and the evidence."""
    n_born: int = 0

    def make(self, request: RunRequest, *topics: int, members: Sequence[int] = ()) -> Change:
        """Carry out a transition of `topics` and messages; the lifecycle says what it changes."""
        ids = [self.window.passage_ids[i] for i in members]
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
        """Those of `members` that no person placed and whose topic, if any, no person holds."""
        return [
            i
            for i in members
            if self.window.passage_ids[i] not in self.placed
            and ((t := self.topic_of[i]) not in self.topics or not self.topics[t].is_held)
        ]

    def create(self, members: Sequence[int], parent: int | None, evidence: str) -> int | None:
        """Make `members` a topic: a newborn one, or a quiet one that came back.

        Messages that a person holds stay where they are; None where no others are left.
        """
        members = self._free(members)
        if not members:
            return None
        rows = self.window.embeddings[members]
        ids = tuple(self.window.passage_ids[i] for i in members)
        centroid = centroid_of(rows)
        topic = self._returned(centroid) if parent is None else None
        if topic is not None:
            name = topic.topic_id
            self.make(Revive(name, ids, evidence), name, members=members)
            self.topics[name] = replace(topic, status=TopicStatus.ACTIVE)
        else:
            self.n_born += 1
            name = topic_id(f"{self.day:%Y%m%d}", self.n_born)
            self.make(Create(name, ids, parent, evidence), name, members=members)
            self.topics[name] = Topic(
                name, self.day, "", (), (), centroid, radius_of(rows, centroid), len(members)
            )
        return name

    def join(self, members: Sequence[int], topic: int) -> None:
        """Move `members` to `topic`, except those that a person holds."""
        for index in self._free(members):
            self.topic_of[index] = topic

    def _returned(self, centroid: Floats) -> Topic | None:
        """The topic without a message in the window whose centroid a newborn one has, if any."""
        held = set(self.topic_of)
        quiet = [t for t in self.topics.values() if t.topic_id not in held]
        best = max(quiet, key=lambda t: float(t.centroid @ centroid), default=None)
        if best is None or float(best.centroid @ centroid) < self.config.same_centroid:
            return None
        return best

    def share_out(self, parent: int, children: list[int], sampled: Collection[int]) -> None:
        """Move the messages of a split topic that were not clustered to the nearest part."""
        left = [i for i, t in enumerate(self.topic_of) if t == parent and i not in sampled]
        left = self._free(left)
        names = [parent, *children]
        code = {name: n for n, name in enumerate(names)}
        labels = np.array(
            [code.get(self.topic_of[i] or 0, -1) for i in self.graph.texts], dtype=np.intp
        )
        votes = vote(self.graph, labels, np.array(left, dtype=np.intp), n_voters=1)
        for index, n in zip(left, votes.winner.tolist(), strict=True):
            self.topic_of[index] = names[max(n, 0)]

    def refresh(self, topic: Topic, members: list[int]) -> Topic | None:
        """Update centroid and size by the window; a topic without messages keeps its centroid."""
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
        quiet_days = self.config.quiet_days
        change = self.make(Tally(topic.topic_id, 0, silent, quiet_days), topic.topic_id)
        (life,) = change.lives
        if life.status == TopicStatus.RETIRED:
            return None
        return replace(topic, size=0, status=life.status)
