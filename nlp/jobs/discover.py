"""Find the topics of a day: cluster the window, reconcile, describe, compare with expectation."""

import datetime as dt
import logging
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from nlp import __version__, emerge
from nlp.assign import centroid_of, radius_of, strength
from nlp.cluster import cluster
from nlp.describe import describe
from nlp.errors import DayOrderError
from nlp.lineage import Reconciled, reconcile, topic_id
from nlp.ports import Encoder, MessageStore, RunStore, TopicStore
from nlp.records import (
    Alert,
    Assignment,
    DayTexts,
    Discovery,
    RunReport,
    Topic,
    TopicDay,
    TopicEvent,
)
from nlp.settings import Settings

_MAX_CLAIMED = 1_500
"""Messages that have a topic already and are clustered along, at most: enough to say where the
standing topics lie, so that a day's cost does not grow with the window."""
_log = logging.getLogger(__name__)


class DiscoverStore(MessageStore, TopicStore, RunStore, Protocol):
    """What discovery needs kept."""


def discover_day(
    store: DiscoverStore, encoder: Encoder, day: dt.date, *, settings: Settings
) -> RunReport:
    """Write the topics, events, expectations and alerts of a day.

    Raises DayOrderError while an earlier day that has messages is not finished.
    """
    started = time.perf_counter()
    first = day - dt.timedelta(settings.window_days - 1)
    _check_order(store, day, first=first)
    window = store.window(first=first, last=day, encoder=encoder.name, languages=settings.languages)
    standing = store.topics_of_messages(day=day, first=first)
    work = _Day(store, encoder, day, window=window, standing=standing, settings=settings)
    discovery = work.discover()
    store.save_discovery(day, discovery)
    today = [t for t, d in zip(work.topic_of, window.arrived_on, strict=True) if d == day]
    report = RunReport(
        job="discover",
        day=day,
        counts={
            "n_window": len(window.message_ids),
            "n_messages": len(today),
            "n_clustered": sum(t is not None for t in today),
            "n_unsupported": len(store.unsupported(day, languages=settings.languages)),
            "n_topics": len(discovery.topics),
            "n_births": sum(e.event == "birth" for e in discovery.events),
            "n_alerts": len(discovery.alerts),
        },
        seconds={**work.seconds, "total": time.perf_counter() - started},
    )
    store.save_run(report, settings=settings.record(), code_version=__version__)
    _log.info("discover %s: %s", day, dict(report.counts))
    return report


def _check_order(store: DiscoverStore, day: dt.date, *, first: dt.date) -> None:
    eve = day - dt.timedelta(1)
    arrived = store.count_by_day(since=first, until=eve)
    missing = sorted(set(arrived) - set(store.days_discovered(before=day)))
    if missing:
        raise DayOrderError(
            f"Topics of {day} stand on those of {missing[0]}, which is not discovered yet. "
            f"Run the days in order: `triage run-day {missing[0]} --through {day}`"
        )


class _Day:
    """One discovery; holds what its steps share."""

    def __init__(
        self,
        store: DiscoverStore,
        encoder: Encoder,
        day: dt.date,
        *,
        window: DayTexts,
        standing: dict[str, int | None],
        settings: Settings,
    ) -> None:
        self.store, self.encoder, self.day = store, encoder, day
        self.window, self.settings = window, settings
        self.topics = {t.topic_id: t for t in store.topics_on_eve(day)}
        # A topic that ended since is nobody's: its messages are free again.
        self.topic_of: list[int | None] = [
            t if (t := standing.get(m)) in self.topics else None for m in window.message_ids
        ]
        self.before = list(self.topic_of)
        self.events: list[TopicEvent] = []
        self.seconds: dict[str, float] = {}

    def discover(self) -> Discovery:
        started = time.perf_counter()
        labels = self._cluster()
        self.seconds["cluster"] = time.perf_counter() - started
        reconciled = reconcile(labels, self.topic_of, min_topic_size=self.settings.min_topic_size)
        for index, joined in reconciled.joined.items():
            self.topic_of[index] = joined
        started = time.perf_counter()
        born = self._bear(reconciled)
        self.seconds["describe"] = time.perf_counter() - started
        topics = [self._refresh(t) for t in [*self.topics.values(), *born]]
        days, alerts = self._expect(topics)
        return Discovery(topics, self._changes(topics), days, self.events, alerts)

    def _cluster(self) -> NDArray[np.intp]:
        """Cluster all unclaimed messages along with a bounded share of the claimed ones."""
        claimed = [i for i, t in enumerate(self.topic_of) if t is not None]
        # Message ids are hashes and the window is in their order: any stride is a fair sample.
        step = -(-len(claimed) // _MAX_CLAIMED) or 1
        chosen = sorted({i for i, t in enumerate(self.topic_of) if t is None} | {*claimed[::step]})
        labels = np.full(len(self.topic_of), -1, dtype=np.intp)
        if chosen:
            found = cluster(
                self.window.embeddings[chosen],
                min_topic_size=self.settings.min_topic_size,
                seed=self.settings.seed,
            )
            labels[chosen] = found.labels
        return labels

    def _bear(self, reconciled: Reconciled) -> list[Topic]:
        if not reconciled.births:
            return []
        labels = np.full(len(self.topic_of), -1, dtype=np.intp)
        known = {topic: n for n, topic in enumerate(self.topics)}
        for index, topic in enumerate(self.topic_of):
            labels[index] = known[topic] if topic is not None else -1
        for n, members in enumerate(reconciled.births, len(known)):
            labels[members] = n
        described = describe(
            self.window.texts,
            self.window.embeddings,
            labels,
            encode=self.encoder.encode,
            only=range(len(known), len(known) + len(reconciled.births)),
            taken=[t.label for t in self.topics.values()],
        )
        born = []
        for n, members in enumerate(reconciled.births):
            words = described[len(known) + n]
            topic = topic_id(f"{self.day:%Y%m%d}", n + 1)
            for index in members:
                self.topic_of[index] = topic
            rows = self.window.embeddings[members]
            centroid = centroid_of(rows)
            born.append(
                Topic(
                    topic_id=topic,
                    born_on=self.day,
                    label=words.label,
                    keywords=words.keywords,
                    exemplar_ids=tuple(self.window.message_ids[i] for i in words.exemplars),
                    centroid=centroid,
                    radius=radius_of(rows, centroid),
                    size=len(members),
                )
            )
            detail = f"{len(members)} messages that no topic held"
            self.events.append(TopicEvent("birth", topic, None, detail))
        return born

    def _refresh(self, topic: Topic) -> Topic:
        """Let centroid and size follow the window; a topic without messages keeps its place."""
        members = [i for i, t in enumerate(self.topic_of) if t == topic.topic_id]
        if topic.born_on == self.day:
            return topic
        if not members:
            return replace(topic, size=0, status="quiet")
        if topic.status == "quiet":
            detail = f"{len(members)} messages after a silence"
            self.events.append(TopicEvent("revive", topic.topic_id, None, detail))
        rows = self.window.embeddings[members]
        centroid = centroid_of(rows)
        # The radius is that of birth or tighter news: members pass it, so it must not creep in.
        return replace(topic, centroid=centroid, size=len(members), status="active")

    def _changes(self, topics: Sequence[Topic]) -> list[Assignment]:
        by_id = {t.topic_id: t for t in topics}
        changes = []
        for index, (old, new) in enumerate(zip(self.before, self.topic_of, strict=True)):
            if new is not None and new != old:
                topic = by_id[new]
                similarity = float(self.window.embeddings[index] @ topic.centroid)
                changes.append(
                    Assignment(
                        self.window.message_ids[index], new, strength(similarity, topic.radius)
                    )
                )
        return changes

    def _expect(self, topics: Sequence[Topic]) -> tuple[list[TopicDay], list[Alert]]:
        first = self.day - dt.timedelta(emerge.HISTORY_DAYS)
        volumes = self.store.count_by_day(since=first, until=self.day)
        counts = self.store.daily_counts(first=first, last=self.day)
        for index, (old, new) in enumerate(zip(self.before, self.topic_of, strict=True)):
            if new is not None and new != old:
                row = counts.setdefault(new, {})
                arrived = self.window.arrived_on[index]
                row[arrived] = row.get(arrived, 0) + 1
        eve = self.day - dt.timedelta(1)
        recent = self.store.recent_alerts(first=first, last=eve)
        outbreaks: dict[int, set[dt.date]] = {}
        for alerted_on, alert in recent:
            if alert.kind == "surge":
                around = {alerted_on + dt.timedelta(n) for n in range(3)}
                outbreaks.setdefault(alert.topic_id, set()).update(around)
        days = [
            emerge.topic_day(
                t.topic_id,
                counts.get(t.topic_id, {}),
                volumes,
                self.day,
                born_on=t.born_on,
                skip=outbreaks.get(t.topic_id, ()),
            )
            for t in topics
        ]
        born = {
            t.topic_id
            for t in topics
            if t.born_on == self.day and emerge.is_sudden(counts.get(t.topic_id, {}), self.day)
        }
        discovered = self.store.days_discovered(before=self.day)
        alerts = emerge.raise_alerts(
            days,
            day=self.day,
            born=born,
            first_day=min(discovered, default=self.day),
            recent=recent,
            max_alerts=self.settings.max_alerts,
        )
        return days, alerts
