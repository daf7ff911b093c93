"""The topics at the end of a day, from those of its eve and the messages of the window."""

import datetime as dt
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from nlp.records import DayTexts, Topic, TopicEvent
from nlp.samples import Rest
from nlp.topics.areas import areas_of
from nlp.topics.assign import leaning
from nlp.topics.cluster import Clustering, cluster
from nlp.topics.config import TopicConfig
from nlp.topics.customers import count_customers
from nlp.topics.emergence import emerge
from nlp.topics.graph import Graph, neighbour_graph
from nlp.topics.life.requests import Merge
from nlp.topics.lineage import NO_PAST, Past, Reconciled, reconcile
from nlp.topics.sample import strata, weights
from nlp.topics.scan import Fresh, Scan
from nlp.topics.standing import Standing
from nlp.topics.words.naming import Namer, name_topics


@dataclass(frozen=True, slots=True)
class Evolved:
    """The outcome of a day for the topics."""

    topics: list[Topic]
    """The living topics at its end."""
    topic_of: list[int | None]
    """The topic of each passage of the window, in its order; None = unclustered."""
    events: list[TopicEvent]
    emerged: dict[int, Fresh]
    """The topics with a fresh place, new or surging, and the evidence."""
    leans_to: list[int | None]
    """The topic that each passage leans to; surges are judged by these."""


def evolve(
    window: DayTexts,
    topics: Sequence[Topic],
    topic_of: Sequence[int | None],
    *,
    day: dt.date,
    config: TopicConfig,
    namer: Namer,
    past: Past = NO_PAST,
) -> Evolved:
    """Cluster the window that ends on `day`, and update `topics`, in their state on the eve, by it.

    `topic_of` gives the topic of each passage so far; `past.rest` counts what a sample leaves out.
    """
    graph = _graph(window, topic_of, past.rest, config)
    known = {t.topic_id: t for t in topics}
    work = _Day(window, known, list(topic_of), day, graph, config, past.placed)
    held = {t.topic_id for t in topics if t.is_held}
    ages = np.array([(day - d).days for d in window.arrived_on], dtype=np.intp)
    scan = Scan(graph, ages, strata(window.sources, window.passage_ids, past.rest), config=config)
    is_in_graph = graph.text_of >= 0
    counted = weights(topic_of, is_in_graph, past.rest)
    work.emerge(scan.places(), ages, held=held, weights=counted)
    sampled = np.flatnonzero(is_in_graph)
    counted = weights(work.topic_of, is_in_graph, past.rest)
    of_messages = cluster(graph, config=config).of(graph.text_of[sampled])
    reconciled = reconcile(
        of_messages,
        [work.topic_of[i] for i in sampled],
        config=config,
        held=held | work.emerged.keys(),
        past=past,
        weights=None if counted is None else counted[sampled].tolist(),
    )
    work.follow(reconciled, sampled)
    work.group(of_messages, sampled)
    work.gather(past.placed, held=held)
    work.notice(scan)
    work.name(namer)
    return work.result()


def _graph(
    window: DayTexts, topic_of: Sequence[int | None], rest: Rest, config: TopicConfig
) -> Graph:
    """The graph of the window; what was read as free counts as free, whatever topic it has."""
    rows = zip(window.passage_ids, topic_of, strict=True)
    claims = [None if p in rest.free else t for p, t in rows]
    size, k = config.sample_size, config.n_nearest
    return neighbour_graph(window.embeddings, claims, sample_size=size, n_nearest=k)


class _Day(Standing):
    """The steps of one day."""

    def emerge(
        self,
        places: Sequence[Fresh],
        ages: NDArray[np.intp],
        *,
        held: Collection[int],
        weights: NDArray[np.float64] | None,
    ) -> None:
        """Make each fresh place a new topic, or a surge of the topic that has it."""
        for e in emerge(
            self.graph, ages, self.topic_of, places, config=self.config, held=held, weights=weights
        ):
            f = e.fresh
            days = f"{f.n_days} day{'s' * (f.n_days > 1)}"
            evidence = (
                f"{len(f.recent)} messages in {days} where {f.expected:g} were expected, "
                f"p {f.p_value:.1g}"
            )
            topic = e.topic or self.create(list(e.members), e.parent, evidence)
            if e.topic is not None:
                self.join(e.members, e.topic)
            if topic is not None:
                self.emerged[topic] = f

    def follow(self, reconciled: Reconciled, chosen: NDArray[np.intp]) -> None:
        """Carry out what reconciliation decided about the `chosen` messages."""
        for index, joined in reconciled.joined.items():
            self.topic_of[chosen[index]] = joined
        children: dict[int, list[int]] = {}
        for birth in reconciled.births:
            members = [int(chosen[i]) for i in birth.members]
            evidence = f"{len(members)} messages"
            if birth.parent is not None:
                evidence += ", apart on several days running"
            born = self.create(members, birth.parent, evidence)
            if birth.parent is not None and born is not None:
                children.setdefault(birth.parent, []).append(born)
        sampled = set(chosen.tolist())
        for parent, born_of in children.items():
            self.share_out(parent, born_of, sampled)
        for gone, heir in reconciled.merges:
            detail = "both in one cluster on several days running"
            self.make(Merge(gone, heir, detail), gone, heir)
            self.topic_of = [heir if t == gone else t for t in self.topic_of]
            del self.topics[gone]
        for proposal in reconciled.proposals:
            self.make(proposal)

    def gather(self, placed: Collection[str], *, held: Collection[int]) -> None:
        """Move messages to another topic where that one is far ahead among their neighbours.

        Messages that a person placed stay, and so do those in a topic that a person decided about.
        A topic born today keeps all its messages where most of them would leave it.
        """
        leans = leaning(self.graph, self.topic_of, config=self.config, least=self.config.majority)
        rows = enumerate(zip(self.window.passage_ids, self.topic_of, leans, strict=True))
        moved = {
            index: topic
            for index, (passage, old, topic) in rows
            if None not in (old, topic)
            and old != topic
            and passage not in placed
            and old not in held
        }
        sizes, leaving = Counter(self.topic_of), Counter(self.topic_of[i] for i in moved)
        newborn = {t.topic_id for t in self.topics.values() if t.born_on == self.day}
        emptied = {t for t in newborn if 2 * leaving[t] > sizes[t]}
        for index, topic in moved.items():
            if self.topic_of[index] not in emptied:
                self.topic_of[index] = topic

    def notice(self, scan: Scan) -> None:
        """Test whether young topics, which have no expectation yet, are fresh places.

        The scan sees two new topics that are close to each other as one place, or as none.
        """
        young = {
            t.topic_id: [i for i, own in enumerate(self.topic_of) if own == t.topic_id]
            for t in self.topics.values()
            if (self.day - t.born_on).days < self.config.min_history
            and t.topic_id not in self.emerged
        }
        for topic, members in young.items():
            if fresh := scan.test(members):
                self.emerged[topic] = fresh

    def group(self, clusters: Clustering, sampled: NDArray[np.intp]) -> None:
        """Put each topic into its area."""
        standing = [self.topic_of[i] for i in sampled]
        for topic, area in areas_of(clusters, standing, self.topics).items():
            self.topics[topic] = replace(self.topics[topic], area_id=area)

    def name(self, namer: Namer) -> None:
        """Give the newborn topics their words, and update those of others where they are due."""
        n_customers = count_customers(self.window, self.topic_of)
        self.topics, renamed = name_topics(
            self.window,
            self.topics,
            self.topic_of,
            day=self.day,
            namer=namer,
            confirmed={t for t, n in n_customers.items() if n >= self.config.min_customers},
        )
        self.events += renamed

    def result(self) -> Evolved:
        """The topics as they stand when the day ends."""
        members: dict[int, list[int]] = {t: [] for t in self.topics}
        for index, topic in enumerate(self.topic_of):
            if topic:
                members[topic].append(index)
        refreshed = [self.refresh(t, members[t.topic_id]) for t in self.topics.values()]
        living = [t for t in refreshed if t]
        leans_to = leaning(self.graph, self.topic_of, config=self.config, least=self.config.lead)
        return Evolved(living, self.topic_of, self.events, self.emerged, leans_to)
