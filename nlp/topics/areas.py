"""The broader area of each topic, identified by the id of its leading topic."""

from collections import Counter
from collections.abc import Mapping, Sequence

from nlp.records import Topic
from nlp.topics.cluster import Clustering


def areas_of(
    clusters: Clustering, standing: Sequence[int | None], topics: Mapping[int, Topic]
) -> dict[int, int]:
    """Return the area of each topic that has clustered messages: the area of most of them.

    `standing` (m,) are the topics of the messages that were clustered. An area is led by its
    largest topic, unless a topic in it led an area yesterday: then that one leads it.
    """
    votes: dict[int, Counter[int]] = {}
    for topic, label in zip(standing, clusters.labels.tolist(), strict=True):
        if topic is not None and label >= 0:
            votes.setdefault(topic, Counter())[int(clusters.areas[label])] += 1
    area_of = {t: min(c, key=lambda a: (-c[a], a)) for t, c in votes.items()}
    sizes = Counter(t for t in standing if t is not None)
    leaders: dict[int, int] = {}
    for topic in sorted(area_of, key=lambda t: (topics[t].area_id != t, -sizes[t], t)):
        leaders.setdefault(area_of[topic], topic)
    return {topic: leaders[area] for topic, area in area_of.items()}
