"""What came lately meets the topics: it is one of them that surges, or it leaves them at once.

Clustering sees a small new theme late, because it lies beside a large one that swallows it. Where
the scan finds that messages came lately, they are asked whether they mix with the older messages
of the topic that holds them. If they do, that topic surges; if not, they are a topic of their own.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlp.records import Floats
from nlp.topics.neighbors import nearest
from nlp.topics.novelty import Fresh

_EMERGING_SHARE = 0.6
"""Share of the smallest topic size that an emerging topic, which is still growing, needs."""
_HOLDER_SHARE = 0.5
"""Share of the recent messages from which a topic holds a fresh place."""
_COVERED_SHARE = 0.5
"""Share of a topic that lies in a fresh place, from which that place is the topic itself."""
_SURGING_REST_P = 0.01
"""P-value under which what is left of a topic has more recent messages than its share."""
_SAME_MIXING = 0.35
"""Mixing from which a fresh place and the rest of its topic are one theme."""
_N_NEIGHBORS = 5
_N_AGREEING = 3
_MOST_REST = 400


@dataclass(frozen=True, slots=True)
class Emergence:
    """A fresh place and what it is."""

    fresh: Fresh
    topic: int | None
    """The standing topic that surges; None = a topic is born."""
    members: tuple[int, ...]
    """Indices of the messages of the newborn topic."""
    parent: int | None
    """The topic that it leaves, if any."""


def settle(
    embeddings: Floats,
    ages: NDArray[np.intp],
    topic_of: Sequence[int | None],
    places: Sequence[Fresh],
    *,
    min_topic_size: int,
    held: Collection[int] = (),
) -> list[Emergence]:
    """Tell of each of `places` what it is; `embeddings` is (n, d), `ages` (n,) in
    days, `topic_of` (n,).

    Topics in `held` are as a person wants them: nothing leaves them.
    """
    found: list[Emergence] = []
    topics = list(topic_of)
    near = _Nearest(embeddings)
    surging: set[int] = set()
    for place in places:
        holder = _holder(place, topics)
        members = [i for i in place.members if topics[i] in (None, holder)]
        if holder is None and len(members) < len(place.members) / 2:
            members = list(place.members)  # of several topics, and of none in particular
        members = _grown(near, members, topics, holder)
        if holder is not None and (
            holder in held or _is_same(embeddings, ages, place, members, topics, holder)
        ):
            if holder not in surging:
                surging.add(holder)
                found.append(Emergence(place, holder, (), None))
        elif len(members) >= _EMERGING_SHARE * min_topic_size:
            found.append(Emergence(place, None, tuple(members), holder))
            for i in members:
                topics[i] = -len(found)
    return found


def _holder(place: Fresh, topics: Sequence[int | None]) -> int | None:
    """The topic that has most of the recent messages of a place that have one."""
    claimed = Counter(t for i in place.recent if (t := topics[i]) is not None)
    if not claimed:
        return None
    topic, n = min(claimed.items(), key=lambda item: (-item[1], item[0]))
    return topic if n >= _HOLDER_SHARE * len(place.recent) else None


class _Nearest:
    """The nearest others of each of n messages, found when they are first asked for."""

    def __init__(self, embeddings: Floats) -> None:
        self._embeddings = embeddings
        k = max(min(_N_NEIGHBORS, len(embeddings) - 1), 0)
        self._found = np.full((len(embeddings), k), -1, dtype=np.intp)

    def of(self, rows: NDArray[np.intp]) -> NDArray[np.intp]:
        """Return the nearest others (m, k) of the messages `rows`."""
        unknown = rows[(self._found[rows] < 0).any(axis=1)]
        if len(unknown):
            queries = self._embeddings[unknown]
            k = self._found.shape[1]
            self._found[unknown], _ = nearest(queries, self._embeddings, k, selves=unknown)
        return self._found[rows]


def _grown(
    near: _Nearest, members: list[int], topics: Sequence[int | None], holder: int | None
) -> list[int]:
    """Take along what lies among `members`: the nearest others of a message decide."""
    others = set(members)
    candidates = np.array(
        [i for i, t in enumerate(topics) if t in (None, holder) and i not in others], dtype=np.intp
    )
    if not len(candidates) or len(members) < _N_AGREEING:
        return sorted(members)
    inside = np.zeros(len(topics), dtype=bool)
    inside[members] = True
    joining = candidates[inside[near.of(candidates)].sum(axis=1) >= _N_AGREEING]
    return sorted([*members, *joining.tolist()])


def _is_same(
    embeddings: Floats,
    ages: NDArray[np.intp],
    place: Fresh,
    members: list[int],
    topics: Sequence[int | None],
    holder: int,
) -> bool:
    """Whether a fresh place is the topic that holds it.

    It is if it is most of that topic, if what is left of the topic surges as well, or if the two
    mix.
    """
    from scipy.stats import binom

    inside = set(members)
    own = [i for i, t in enumerate(topics) if t == holder]
    rest = [i for i in own if i not in inside]
    if len(rest) <= (1 - _COVERED_SHARE) * len(own):
        return True
    n_recent = int((ages[rest] < place.n_days).sum())
    if binom.sf(n_recent - 1, len(rest), place.expected / len(place.members)) < _SURGING_REST_P:
        return True
    sample = rest[:: len(rest) // _MOST_REST + 1]
    return mixing(embeddings[members], embeddings[sample]) >= _SAME_MIXING


def mixing(one: Floats, other: Floats) -> float:
    """Return how densely nearest neighbours lie across two sets, against within (n, d), (m, d).

    1 where they are two samples of one place, 0 where they are apart.
    """
    if len(one) < 2 or len(other) < 2:
        return 0.0
    points = np.concatenate([one, other])
    k = min(2 * _N_NEIGHBORS, len(points) - 1)
    near, _ = nearest(points, points, k, selves=np.arange(len(points)))
    first: NDArray[np.bool_] = near < len(one)
    n, m = len(one), len(other)
    within_one = first[:n].sum() / (n * (n - 1))
    within_other = (~first[n:]).sum() / (m * (m - 1))
    across = ((~first[:n]).sum() + first[n:].sum()) / (2 * n * m)
    return float(across / max(np.sqrt(within_one * within_other), 1e-12))
