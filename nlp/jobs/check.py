"""Data-quality checks between the jobs: a day that is empty, incomplete or does not add up."""

import datetime as dt
from statistics import median
from typing import Protocol

from nlp.errors import PartialDayError
from nlp.ports import MessageStore, RunStore
from nlp.settings import Settings

_WEEKS = 4


def check_ingested(store: MessageStore, day: dt.date, *, settings: Settings) -> dict[str, int]:
    """Return the day's count; raise PartialDayError where it is zero or far below the usual count.

    The usual count is the median of the same weekday in the four weeks before.
    """
    before = [day - dt.timedelta(7 * n) for n in range(1, _WEEKS + 1)]
    counts = store.count_by_day(since=before[-1], until=day)
    n = counts.get(day, 0)
    if n == 0:
        raise PartialDayError(f"No message arrived for {day}. Is the source complete?")
    past = [counts[d] for d in before if d in counts]
    if past and n < settings.partial_day_share * median(past):
        raise PartialDayError(
            f"{n} messages arrived for {day}, such a weekday usually has {median(past):.0f}. "
            "Deliver the rest and run the day again, or lower TRIAGE_PARTIAL_DAY_SHARE"
        )
    return {"n_messages": n}


class CheckStore(MessageStore, RunStore, Protocol):
    """What the check of a finished job reads."""


def check_triaged(store: CheckStore, day: dt.date) -> dict[str, int]:
    """Raise PartialDayError unless every message of the day was assigned or set aside."""
    return _compare(store, day, job="assign")


def check_discovered(store: CheckStore, day: dt.date) -> dict[str, int]:
    """Raise PartialDayError unless discovery saw every message of the day."""
    return _compare(store, day, job="discover")


def _compare(store: CheckStore, day: dt.date, *, job: str) -> dict[str, int]:
    counts = {report.job: report.counts for report in store.runs_of(day)}
    figures, cut = counts.get(job, {}), counts.get("cut", {})
    apart = {key: cut.get(key, 0) for key in ("n_wordless", "n_joined")}
    n = store.count_by_day(since=day, until=day).get(day, 0)
    seen = figures.get("n_messages", 0) + figures.get("n_unsupported", 0) + sum(apart.values())
    if seen != n:
        raise PartialDayError(
            f"{n} messages are stored for {day}, {job} saw {seen}. Run triage and discovery of "
            "the day again"
        )
    return {
        "n_messages": n,
        "n_unsupported": figures.get("n_unsupported", 0),
        **apart,
    }
