"""The order of days: a day's topics depend on those of the day before."""

import datetime as dt
from typing import Protocol

from nlp.errors import DayOrderError
from nlp.ports import MessageStore, TopicStore
from nlp.settings import Settings


class OrderStore(MessageStore, TopicStore, Protocol):
    """What the check of the order reads."""


def unfinished_before(store: OrderStore, day: dt.date, *, settings: Settings) -> list[dt.date]:
    """Return the earlier days of the window that have messages but no topics, in order."""
    first = day - dt.timedelta(settings.window_days - 1)
    arrived = store.count_by_day(since=first, until=day - dt.timedelta(1))
    return sorted(set(arrived) - set(store.days_discovered(before=day)))


def check_order(store: OrderStore, day: dt.date, *, settings: Settings) -> None:
    """Raise DayOrderError while an earlier day of the window has messages but no topics."""
    if missing := unfinished_before(store, day, settings=settings):
        raise DayOrderError(
            f"Topics of {day} stand on those of {missing[0]}, which is not discovered yet. "
            f"Run the days in order: `triage run-day {missing[0]} --through {day}`"
        )
