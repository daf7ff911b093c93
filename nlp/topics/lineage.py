"""Match today's clusters with the standing topics: births, joins, splits and merges.

Continuity comes first. A message of a standing topic stays in it unless that topic splits or
merges, with an event. A cluster of mostly unclaimed messages is a topic of its own. A split or a
merge is made only if it is found on several consecutive days. Fresh places are not handled here
but in `nlp.topics.emergence`.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import numpy as np

from nlp.records import Proposal
from nlp.samples import NO_REST, Rest
from nlp.states import Event
from nlp.topics.cluster import Clustering
from nlp.topics.config import TopicConfig
from nlp.topics.graph import Labels

PROPOSED = {Event.PROPOSE_SPLIT: Event.SPLIT, Event.PROPOSE_MERGE: Event.MERGE}
"""What each proposal becomes once it is made."""


@dataclass(frozen=True, slots=True)
class Past:
    """What earlier days found and changed."""

    proposed: Sequence[Proposal] = ()
    """The splits and merges that the day before found but did not make."""
    apart: Collection[frozenset[int]] = ()
    """Pairs of topics that split recently and must not merge."""
    settling: bool = False
    """The collection is so young that its first topics are coarse: they follow the clusters at
    once."""
    placed: Collection[str] = ()
    """Passages whose topic a person chose."""
    rest: Rest = NO_REST
    """The messages of the window beyond its sample."""


NO_PAST = Past()
"""The past of the first day."""


@dataclass(frozen=True, slots=True)
class Birth:
    """A newborn topic."""

    members: list[int]
    """Indices of its messages."""
    parent: int | None
    """The topic that it came out of."""


@dataclass(frozen=True, slots=True)
class Reconciled:
    """The outcome for each message and topic."""

    joined: dict[int, int] = field(default_factory=dict)
    """Index of a message to the standing topic that it joins."""
    births: list[Birth] = field(default_factory=list)
    merges: list[tuple[int, int]] = field(default_factory=list)
    """Topic that ends, and its heir."""
    proposals: list[Proposal] = field(default_factory=list)
    """What was found but not made yet."""


def reconcile(
    clusters: Clustering,
    standing: Sequence[int | None],
    *,
    config: TopicConfig,
    held: Collection[int] = (),
    past: Past = NO_PAST,
    weights: Sequence[float] | None = None,
) -> Reconciled:
    """Match the clusters of n messages with `standing`, the topic of each, None = unclaimed.

    `weights` (n,) says how many messages each stands for; None = itself. Topics in `held` neither
    split nor merge: a person decided about them, or they were born today.
    """
    each = [1.0] * len(standing) if weights is None else weights
    day = _Reconciliation(clusters, list(standing), config, past.settling, each)
    day.split({p.topic_id: p.n_days for p in past.proposed if p.kind == Event.SPLIT}, held=held)
    day.create_and_join()
    days = {frozenset((p.topic_id, p.other_topic_id or 0)): p.n_days for p in past.proposed}
    day.merge(days, held=held, apart=past.apart)
    day.result.births.sort(key=lambda b: (-len(b.members), b.members))
    return day.result


@dataclass
class _Reconciliation:
    clusters: Clustering
    topic_of: list[int | None]
    config: TopicConfig
    settling: bool
    weights: Sequence[float]
    result: Reconciled = field(default_factory=Reconciled)

    def split(self, found_before: dict[int, int], *, held: Collection[int]) -> None:
        """Split topics that were found in parts on consecutive days; each keeps the largest."""
        cut = self.clusters.labels if self.settling else self.clusters.loose
        for topic, parts in sorted(self._parts(cut).items()):
            if len(parts) < 2 or topic in held:
                continue
            n_days = found_before.get(topic, 0) + 1
            if n_days < self.config.persist_days and not self.settling:
                self.result.proposals.append(Proposal(Event.SPLIT, topic, None, n_days))
                continue
            parts.sort(key=lambda members: (-len(members), members))
            for members in parts[1:]:
                together = np.flatnonzero(cut == cut[members[0]]).tolist()
                loose = [i for i in together if self.topic_of[i] is None]
                self._bear(sorted(members + loose), topic)

    def _parts(self, cut: Labels) -> dict[int, list[list[int]]]:
        """For each topic, its members in each cluster that is mostly made of them."""
        by_topic: dict[int, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
        claimed: Counter[int] = Counter()
        for index, (topic, cluster) in enumerate(zip(self.topic_of, cut.tolist(), strict=True)):
            if topic and cluster >= 0:
                by_topic[topic][cluster].append(index)
                claimed[cluster] += 1
        parts = {}
        for topic, clusters in by_topic.items():
            parts[topic] = [
                members
                for cluster, members in clusters.items()
                if len(members) >= self._enough(claimed[cluster])
            ]
        return parts

    def _enough(self, n: int) -> float:
        """How many of `n` messages are both a majority and enough for a topic."""
        return max(self.config.min_topic_size, self.config.majority * n)

    def create_and_join(self) -> None:
        """Make a cluster's unclaimed messages a topic, or let them join the topic of the rest."""
        labels = self.clusters.labels
        for cluster in range(self.clusters.n_clusters):
            members = np.flatnonzero(labels == cluster).tolist()
            unclaimed = [i for i in members if self.topic_of[i] is None]
            n_all = sum(self.weights[i] for i in members)
            if len(unclaimed) >= max(self.config.min_topic_size, self.config.majority * n_all):
                self._bear(unclaimed, None)
            elif unclaimed and len(unclaimed) < len(members):
                holders: dict[int, float] = defaultdict(float)
                for i in members:
                    if (t := self.topic_of[i]) is not None:
                        holders[t] += self.weights[i]
                topic, n = min(holders.items(), key=lambda item: (-item[1], item[0]))
                if n >= self.config.majority * sum(holders.values()) and topic:
                    self._join(unclaimed, topic)

    def merge(
        self,
        found_before: dict[frozenset[int], int],
        *,
        held: Collection[int],
        apart: Collection[frozenset[int]],
    ) -> None:
        """Merge topics that were found as one on consecutive days; the larger is the heir."""
        tight = self.clusters.labels if self.settling else self.clusters.tight
        sizes = Counter(
            t for t, c in zip(self.topic_of, tight.tolist(), strict=True) if t and t > 0 and c >= 0
        )
        gone: set[int] = set()
        for cluster in np.unique(tight[tight >= 0]).tolist():
            holders = Counter(
                t for i in np.flatnonzero(tight == cluster) if (t := self.topic_of[i])
            )
            inside = [
                t for t, n in holders.items()
                if t > 0 and n >= self.config.majority * sizes[t] and t not in held
            ]  # fmt: skip
            inside.sort(key=lambda t: (-sizes[t], t))
            for topic in inside[1:]:
                heir, pair = inside[0], frozenset((inside[0], topic))
                if pair in apart or {heir, topic} & gone:
                    continue
                n_days = found_before.get(pair, 0) + 1
                if n_days < self.config.persist_days and not self.settling:
                    self.result.proposals.append(Proposal(Event.MERGE, topic, heir, n_days))
                else:
                    self.result.merges.append((topic, heir))
                    gone.add(topic)

    def _bear(self, members: list[int], parent: int | None) -> None:
        self.result.births.append(Birth(members, parent))
        for index in members:
            self.result.joined.pop(index, None)
            self.topic_of[index] = -len(self.result.births)

    def _join(self, members: list[int], topic: int) -> None:
        for index in members:
            self.topic_of[index] = topic
            if topic > 0:
                self.result.joined[index] = topic
            else:
                self.result.births[-topic - 1].members.append(index)


def topic_id(day_number: str, ordinal: int) -> int:
    """Return the id for life of the `ordinal`-th topic (from 1) born on a day, `20260302`."""
    return int(day_number) * 1000 + ordinal
