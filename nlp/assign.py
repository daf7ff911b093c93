"""A day's messages to the topics that stood on the eve.

Each topic has a rule of its own: the similarity to its centroid that its own members have. A
message goes to the nearest centroid whose rule it meets, else it stays unclustered.
"""

from collections.abc import Sequence

import numpy as np

from nlp.records import Assignment, Floats, Topic

_RADIUS_PERCENTILE = 5
_STRENGTH_SPAN = 0.5


def radius_of(members: Floats, centroid: Floats) -> float:
    """Return the similarity that all but the loosest 5% of `members` (n, d) have to `centroid`."""
    return float(np.percentile(members @ centroid, _RADIUS_PERCENTILE))


def centroid_of(members: Floats) -> Floats:
    """Return the mean direction of `members` (n, d), length 1."""
    mean: Floats = members.mean(axis=0, dtype=np.float64).astype(np.float32)
    return mean / max(float(np.linalg.norm(mean)), 1e-12)


def assign(
    message_ids: Sequence[str], embeddings: Floats, topics: Sequence[Topic]
) -> list[Assignment]:
    """Return one assignment a message, in their order.

    `embeddings` is (n, d), rows of length 1. The strength is how far inside the topic's radius
    the message lies: 0.5 on its edge, 1 at the centroid; 0 for an unclustered message.
    """
    if not topics or not len(message_ids):
        return [Assignment(m, None, 0.0) for m in message_ids]
    similarity = embeddings @ np.stack([t.centroid for t in topics]).T
    radius = np.array([t.radius for t in topics], dtype=np.float32)
    inside = similarity >= radius
    nearest = np.where(inside, similarity, -np.inf).argmax(axis=1)
    return [
        Assignment(message_id, topics[t].topic_id, strength(float(s[t]), float(radius[t])))
        if ok[t]
        else Assignment(message_id, None, 0.0)
        for message_id, t, s, ok in zip(message_ids, nearest, similarity, inside, strict=True)
    ]


def strength(similarity: float, radius: float) -> float:
    """Return 0.5 on the edge of a topic, 1 at its centroid, in between in proportion."""
    room = max(1 - radius, 1e-6)
    inside = min(max((similarity - radius) / room, 0.0), 1.0)
    return round(1 - _STRENGTH_SPAN + _STRENGTH_SPAN * inside, 4)
