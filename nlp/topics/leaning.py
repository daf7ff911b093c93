"""The topic that each message leans to: whose count it weighs in, whatever topic holds it.

Who holds a message at the border of two topics is chance, and on its own day it is often held by
none. Counted as they are held, an outbreak next door spills over into a topic, and a surge that is
yet to be taken in looks small. So each message is asked anew, those of past days like today's.
"""

from collections.abc import Sequence

import numpy as np

from nlp.records import Floats
from nlp.topics.neighbors import nearest
from nlp.topics.thin import thin

_N_NEIGHBORS = 15
_MARGIN = 4
"""Chosen on thirty streams of `bench` with seeds 11 to 18, which it does not report, as topics
stood in them: 135 of 144 surges and 21 false alarms, where 127 and 18 were without, both at the
mark for a surge that `nlp.topics.emerge` has, and 131 and 27 at twice that."""
_MOST_ASKED = 4_000
"""Members that are looked at, at most, large topics cut most, so that a day's cost is bounded."""


def leaning(embeddings: Floats, topic_of: Sequence[int | None]) -> list[int | None]:
    """Return the topic that each message leans to; None = none.

    `embeddings` is (n, d), rows of length 1; `topic_of` (n,), None = unclustered. A message leans
    to the topic that holds it, unless four more of its fifteen nearest members are of another.
    """
    groups: dict[int, list[int]] = {}
    for index, topic in enumerate(topic_of):
        if topic is not None:
            groups.setdefault(topic, []).append(index)
    members = np.array(sorted(thin(groups.values(), _MOST_ASKED)), dtype=np.intp)
    k = min(_N_NEIGHBORS, len(members) - 1)
    if k < _MARGIN:
        return list(topic_of)
    near = members[nearest(embeddings, embeddings[members], k + 1)[0]]
    itself = near == np.arange(len(near))[:, None]
    others = np.take_along_axis(near, np.argsort(itself, axis=1, kind="stable"), axis=1)[:, :k]
    own = np.array([topic or 0 for topic in topic_of], dtype=np.int64)
    votes = own[others]
    counts = np.stack([(votes == votes[:, [n]]).sum(axis=1) for n in range(k)], axis=1)
    moves = counts.max(axis=1) - (votes == own[:, None]).sum(axis=1) >= _MARGIN
    most = votes[np.arange(len(votes)), counts.argmax(axis=1)]
    return [topic or None for topic in np.where(moves, most, own).tolist()]
