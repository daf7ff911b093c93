"""A fair share of each group, where all of their members would be too many."""

from collections.abc import Collection, Sequence


def thin(groups: Collection[Sequence[int]], total: int) -> list[int]:
    """Return at most `total` members of `groups`: the first of each, large groups cut most."""
    most = _fair_share(sorted(map(len, groups)), total)
    return [member for group in groups for member in group[:most]]


def _fair_share(sizes: Sequence[int], total: int) -> int:
    """The most that each of `sizes`, ascending, may give for all to give `total` at most."""
    left = total
    for n, size in enumerate(sizes):
        share = left // (len(sizes) - n)
        if size > share:
            return share
        left -= size
    return sizes[-1] if sizes else 0
