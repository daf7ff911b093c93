"""What came lately: parts of the cluster tree that hold more recent messages than chance allows.

A tree-based scan (Kulldorff et al. 2003): clustering knows nothing of time, so in a part that is
not new the messages of the last days are a random share. A small new theme shows in a part of the
tree before it stands apart from a large neighbour. Shares, not counts, are compared, so a day on
which everything doubles is no news.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_RECENT_DAYS = (1, 2, 3)
MAX_P = 1e-6
"""A day tests some 300 parts thrice, so chance alone gives one false find in about three years."""


@dataclass(frozen=True, slots=True)
class Fresh:
    """One part of the tree that came lately."""

    members: tuple[int, ...]
    """Indices of its messages, old ones included."""
    n_recent: int
    """Messages of the last `n_days`."""
    n_days: int
    p_value: float


def recency(ages: NDArray[np.intp], everyone: NDArray[np.intp]) -> tuple[float, int, int]:
    """Return (p-value, recent days, messages in them) of messages `ages` days old (0 = today).

    The p-value is that of as many recent ones in a random draw from `everyone`, the ages of all
    messages; the strongest of one, two or three days is told.
    """
    from scipy.stats import binom

    found = []
    for n_days in _RECENT_DAYS:
        share = float((everyone < n_days).mean())
        n_recent = int((ages < n_days).sum())
        found.append((float(binom.sf(n_recent - 1, len(ages), share)), n_days, n_recent))
    p_value, n_days, n_recent = min(found)
    return min(p_value * len(_RECENT_DAYS), 1.0), n_days, n_recent


def fresh_parts(
    nodes: Sequence[NDArray[np.intp]], ages: NDArray[np.intp], *, min_topic_size: int
) -> list[Fresh]:
    """Return the parts of a cluster tree that came lately, the most surprising first.

    `nodes` hold indices into `ages`, days since each clustered message came. No two overlap.
    """
    found = []
    for node in nodes:
        p_value, n_days, n_recent = recency(ages[node], ages)
        if p_value < MAX_P and len(node) >= min_topic_size and 2 * n_recent >= len(node):
            found.append(Fresh(tuple(node.tolist()), n_recent, n_days, p_value))
    found.sort(key=lambda f: (f.p_value, f.members))
    kept: list[Fresh] = []
    seen: set[int] = set()
    for part in found:
        if seen.isdisjoint(part.members):
            kept.append(part)
            seen.update(part.members)
    return kept
