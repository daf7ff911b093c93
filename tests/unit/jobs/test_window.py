"""How far back the window reaches."""

import datetime as dt

import pytest

from nlp.jobs.window import first_of_window
from nlp.settings import Settings, load
from tests.fakes import MemoryStore

_LAST = dt.date(2026, 3, 31)


class _Store(MemoryStore):
    """A store with the same number of messages on every day since a given day."""

    def __init__(self, a_day: int, *, since: dt.date = dt.date.min) -> None:
        super().__init__()
        self.a_day, self.since = a_day, since

    def count_by_day(self, *, since: dt.date, until: dt.date) -> dict[dt.date, int]:
        days = ((since + dt.timedelta(n)) for n in range((until - since).days + 1))
        return {day: self.a_day for day in days if day >= self.since}


def _settings(messages: int) -> Settings:
    return load(window_days=14, window_messages=messages, _env_file=None)


@pytest.mark.parametrize(
    ("a_day", "messages", "n_days"),
    [
        (200, 0, 14),
        (200, 2800, 14),
        (200, 2801, 15),
        (12, 3000, 250),
        (1, 3000, 365),  # at most a year
        (10_000, 3000, 14),
    ],
)
def test_it_reaches_back_until_it_holds_enough(a_day: int, messages: int, n_days: int) -> None:
    """The window grows until it has enough messages: at least its days, at most a year."""
    first = first_of_window(_Store(a_day), _LAST, settings=_settings(messages))
    assert (_LAST - first).days + 1 == n_days


@pytest.mark.parametrize(("age", "n_days"), [(5, 14), (40, 41)])
def test_it_does_not_reach_beyond_the_first_message(age: int, n_days: int) -> None:
    """The window ends at the first message, even if it has too few."""
    store = _Store(12, since=_LAST - dt.timedelta(age))
    first = first_of_window(store, _LAST, settings=_settings(3000))
    assert (_LAST - first).days + 1 == n_days


def test_without_messages_it_has_its_days() -> None:
    """In an empty store the window has its configured days."""
    first = first_of_window(MemoryStore(), _LAST, settings=_settings(3000))
    assert (_LAST - first).days + 1 == 14
