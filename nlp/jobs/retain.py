"""Delete what is older than the retention of its kind; counts of past days stay."""

import datetime as dt
import logging
import secrets
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager

from nlp.crossings import crossing
from nlp.ports import ErasureStore
from nlp.states import Kept

_log = logging.getLogger(__name__)
_MOST = 2_000
"""Rows of a batch: each is a transaction, between which runs and people have their turn."""

Erasing = Callable[[], AbstractContextManager[ErasureStore]]
"""Opens the store for one transaction."""


def retain(
    erasing: Erasing,
    retention: Mapping[Kept, int],
    *,
    today: dt.date,
    most: int = _MOST,
    seconds: int = 60,
) -> dict[str, int]:
    """Delete what is as old as `retention` says in days; return how many rows, by kind.

    It can be interrupted at any time, and goes on when it is called again. Waits up to `seconds`
    for jobs at work before each batch, then raises BusyError; what was deleted stays deleted.
    """
    counts: dict[str, int] = {}
    for kind, days in retention.items():
        before = today - dt.timedelta(days)
        counts[kind] = 0
        n = most
        while n == most:
            with erasing() as store:
                store.take_turn(seconds=seconds)
                n = store.expire(kind, before=before, most=most)
            counts[kind] += n
            crossing(
                "retain.batch",
                "Each batch is a transaction: what is left is as old tomorrow.",
            )
    if Kept.MESSAGES in retention:
        before = today - dt.timedelta(retention[Kept.MESSAGES])
        with erasing() as store:
            store.take_turn(seconds=seconds)
            counts["customers"] = store.forget_customers(before=before, salt=secrets.token_hex(16))
            counts["months"] = store.drop_months(before=before)
    _log.info("retention %s: %s", today, counts)
    return counts


def due(
    erasing: Erasing, retention: Mapping[Kept, int], *, today: dt.date, seconds: int = 60
) -> dict[str, int]:
    """Return how many rows `retain` would delete, by kind; `erasing` opens rehearsals."""
    everything = 2**31 - 1
    counts: dict[str, int] = {}
    for kind, days in retention.items():
        with erasing() as store:
            store.take_turn(seconds=seconds)
            before = today - dt.timedelta(days)
            counts[kind] = store.expire(kind, before=before, most=everything)
    return counts
