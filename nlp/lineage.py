"""Today's clusters meet the standing topics: who continues, who is born.

Continuity comes first. A message that a standing topic holds stays in it; a cluster speaks only
for the messages that nobody holds. Where most of a cluster is such, it is a topic of its own;
where it lies inside a standing topic, its unclaimed messages join that topic.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_BIRTH_SHARE = 0.6
"""Share of unclaimed messages from which a cluster is a topic of its own."""
_JOIN_SHARE = 0.6
"""Share of the claimed rest that one topic must hold for the unclaimed to join it."""


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What becomes of each message and cluster."""

    joined: dict[int, int]
    """Index of a message to the standing topic that it joins."""
    births: list[list[int]]
    """Indices of the messages of each newborn topic, the largest first."""


def reconcile(
    labels: NDArray[np.intp], standing: Sequence[int | None], *, min_topic_size: int
) -> Reconciled:
    """Match the clusters `labels` (n,), -1 = unclustered, with `standing`, each message's topic.

    A birth needs `min_topic_size` unclaimed messages.
    """
    joined: dict[int, int] = {}
    births: list[list[int]] = []
    for cluster in range(int(labels.max(initial=-1)) + 1):
        members = np.flatnonzero(labels == cluster).tolist()
        unclaimed = [i for i in members if standing[i] is None]
        if len(unclaimed) >= max(min_topic_size, _BIRTH_SHARE * len(members)):
            births.append(unclaimed)
        elif unclaimed and len(unclaimed) < len(members):
            held = Counter(t for i in members if (t := standing[i]) is not None)
            topic, n = min(held.items(), key=lambda item: (-item[1], item[0]))
            if n >= _JOIN_SHARE * held.total():
                joined.update(dict.fromkeys(unclaimed, topic))
    births.sort(key=lambda members: (-len(members), members))
    return Reconciled(joined, births)


def topic_id(day_number: str, ordinal: int) -> int:
    """Return the id for life of the `ordinal`-th topic (from 1) born on a day, `20260302`."""
    return int(day_number) * 1000 + ordinal
