"""The order of days: a day's topics stand on those of the day before."""

import datetime as dt
from typing import Protocol

from nlp.errors import DayOrderError
from nlp.ports import MessageStore, TopicStore
from nlp.settings import Settings


class OrderStore(MessageStore, TopicStore, Protocol):
    """What tells which days are finished."""


def check_order(store: OrderStore, day: dt.date, *, settings: Settings) -> None:
    """Raise DayOrderError while an earlier day of the window has messages but no topics."""
    first = day - dt.timedelta(settings.window_days - 1)
    arrived = store.count_by_day(since=first, until=day - dt.timedelta(1))
    if missing := sorted(set(arrived) - set(store.days_discovered(before=day))):
        raise DayOrderError(
            f"Topics of {day} stand on those of {missing[0]}, which is not discovered yet. "
            f"Run the days in order: `triage run-day {missing[0]} --through {day}`"
        )
