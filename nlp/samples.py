"""Records of a sampled window: what may be read of it, and what is counted."""

import datetime as dt
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

Counts = Mapping[tuple[dt.date, str], int]
"""Messages by day and source."""


@dataclass(frozen=True, slots=True)
class Rest:
    """The messages of a window beyond its sample; there are none where the window is small."""

    arrived: Counts = field(default_factory=dict)
    topics: Mapping[int, Counts] = field(default_factory=dict)
    """The messages of each topic."""
    customers: Mapping[int, tuple[int, int]] = field(default_factory=dict)
    """The distinct customers of each topic in all of the window, its sample included, and those
    of its last day."""
    n_clustered: int = 0
    """The messages of the last day that have a topic."""
    free: Collection[str] = ()
    """The passages of the sample that were read as no topic had them when they came."""

    def after(
        self, moved: Mapping[int, Mapping[tuple[dt.date, str], int]], n_joined: int = 0
    ) -> "Rest":
        """Return the rest after messages moved: what to add to each topic or, below 0, to take.

        `n_joined` of the last day had no topic before.
        """
        topics = {topic: Counter(counts) for topic, counts in self.topics.items()}
        for topic, counts in moved.items():
            topics.setdefault(topic, Counter()).update(counts)
        left = {topic: +counts for topic, counts in topics.items() if +counts}
        return replace(self, topics=left, n_clustered=self.n_clustered + n_joined)


NO_REST = Rest()
"""The rest of a window that is read whole."""


@dataclass(frozen=True, slots=True)
class Pools:
    """Passages of a large window from which its sample is drawn, each in the order of ids."""

    claimed: list[str]
    """Of messages that had a topic when they came: those of each topic, as far as they fit."""
    today: list[str]
    """Of messages of the last day that had none."""
    earlier: list[str]
    """The same of earlier days."""
    total: Rest
    """The counts of the whole window."""
