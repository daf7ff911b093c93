"""Scores of replayed complaints, from the files that `triage replay` exports.

The planted complaints count only in the figures of the outage.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.complaint_stream import OUTAGE
from bench.stream_scores import alerts_of, rows_of
from bench.streams import Stream
from nlp.records import Floats

UNCLUSTERED = "-"


@dataclass(frozen=True, slots=True)
class OutageScores:
    """The figures of the planted outage."""

    delay: float
    """Days from its start to the first alert on a topic of mostly its messages; NaN: none."""
    share: float
    """Share of its messages that are in their largest theme at the end; 0: all are unclustered."""
    purity: float
    """Share of that theme's messages that are about the outage; NaN: there is no such theme."""

    @property
    def has_own_theme(self) -> bool:
        """Whether most of its messages are in a theme that consists mostly of them."""
        return self.share > 0.5 and self.purity > 0.5


def outage_scores(stream: Stream, out: Path) -> OutageScores:
    """Score the outage; alerts are read as in `bench.stream_scores`."""
    (event,) = stream.events
    delays = [
        (day - event.start).days
        for day, intent in alerts_of(stream, out)
        if intent == OUTAGE and day >= event.start
    ]
    rows = rows_of(out / "assignments.csv")
    themes = [(r["topic_id"], stream.intents[int(r["message_id"])] == OUTAGE) for r in rows]
    own = Counter(theme for theme, is_planted in themes if is_planted and theme)
    n_planted = sum(is_planted for _, is_planted in themes)
    delay = float(min(delays, default=float("nan")))
    if not own:
        return OutageScores(delay, share=0.0, purity=float("nan"))
    largest, n_own = own.most_common(1)[0]
    n_in_it = sum(theme == largest for theme, _ in themes)
    return OutageScores(delay, share=n_own / n_planted, purity=n_own / n_in_it)


@dataclass(frozen=True, slots=True)
class ThemeScores:
    """Figures of the real complaints; all shares are 0..1."""

    n_messages: int
    n_themes: int
    coverage: float
    """Share with a theme at the end."""
    largest: float
    """Share of all messages that are in the largest theme."""
    three_largest: float


def theme_scores(themes: Sequence[str]) -> ThemeScores:
    """Return the figures of the theme of each message; `-` is unclustered."""
    sizes = Counter(t for t in themes if t != UNCLUSTERED)
    largest = [n for _, n in sizes.most_common(3)]
    n = len(themes)
    return ThemeScores(
        n_messages=n,
        n_themes=len(sizes),
        coverage=sizes.total() / n,
        largest=sum(largest[:1]) / n,
        three_largest=sum(largest) / n,
    )


def nmi(gold: Sequence[str], result: Sequence[str]) -> float:
    """Return the normalised mutual information of two labellings (n,), scikit-learn's."""
    from sklearn.metrics import normalized_mutual_info_score

    return float(normalized_mutual_info_score(gold, result))


def nmi_of_kmeans(
    embeddings: Floats, golds: Mapping[str, Sequence[str]], *, n_clusters: int, n_seeds: int
) -> dict[str, float]:
    """Return the NMI of k-means with each labelling, medians over the seeds 0, 1, ….

    `embeddings` is (n, d), rows of length 1; each labelling has n entries.
    """
    from sklearn.cluster import KMeans

    result = [
        KMeans(n_clusters, n_init=10, random_state=seed).fit_predict(embeddings).tolist()
        for seed in range(n_seeds)
    ]
    return {
        name: float(np.median([nmi(gold, labels) for labels in result]))
        for name, gold in golds.items()
    }
