"""The window: the days whose messages are clustered together."""

import datetime as dt

from nlp.ports import MessageStore
from nlp.settings import Settings

_LONGEST = 365
"""Days that it reaches back at most: what customers write about changes within a year."""


def first_of_window(store: MessageStore, last: dt.date, *, settings: Settings) -> dt.date:
    """Return the first day of the window that ends on `last`.

    It has `window_days` days, and more where fewer than `window_messages` arrived on them: days are
    no measure of how much there is to tell themes apart by.
    """
    shortest = last - dt.timedelta(settings.window_days - 1)
    n_days = settings.window_days
    while True:
        since = last - dt.timedelta(min(n_days, _LONGEST) - 1)
        n = 0
        arrived = store.count_by_day(since=since, until=last)
        for day in sorted(arrived, reverse=True):
            n += arrived[day]
            if n >= settings.window_messages:
                return min(day, shortest)
        if n_days >= _LONGEST:
            return min(shortest, *arrived) if arrived else shortest
        n_days *= 2
