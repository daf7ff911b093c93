"""The intents of each day of a mail stream, and the planted events."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.streams import N_DAYS, START, WEEK, Event

SEGMENTS = {
    "country": {"GB": 0.5, "IE": 0.15, "DE": 0.15, "FR": 0.1, "ES": 0.1},
    "plan": {"basic": 0.7, "plus": 0.2, "business": 0.1},
    "app_version": {"8.0": 0.4, "8.1": 0.35, "8.2": 0.25},
    "device": {"ios": 0.4, "android": 0.4, "web": 0.2},
}
"""The attributes of messages, and the share of each value."""
_PER_DAY = 150 * 1.45
"""Intents raised on a weekday; about 1.45 per message."""
_N_NEW = _N_SURGES = 6
_MIN_SURGING = 2
"""Steady messages per weekday of an intent that can surge."""
_SURGE_DAYS = 3


@dataclass(frozen=True, slots=True)
class Schedule:
    """`rates` are mean messages per day (28,) of each intent, without surges."""

    rates: dict[str, NDArray[np.float64]]
    events: list[Event]

    def surges_on(self, day: int) -> list[Event]:
        """Return the surges of a day, 0..27: each adds four times the usual rate."""
        at = START + dt.timedelta(day)
        surges = [e for e in self.events if e.kind == "surge"]
        return [e for e in surges if 0 <= (at - e.start).days < e.n_days]


def plan(intents: Sequence[str], rng: np.random.Generator) -> Schedule:
    """Draw steady rates that differ up to eight-fold, and plant the events."""
    weight = np.exp(rng.uniform(0, np.log(8), len(intents)))
    steady = _PER_DAY * weight / weight.sum()
    days = np.arange(N_DAYS)
    week = WEEK[days % 7]
    rates = {i: r * week for i, r in zip(intents, steady, strict=True)}
    order = rng.permutation(list(intents)).tolist()
    new = order[:_N_NEW]
    surging = [i for i in order[_N_NEW:] if rates[i][0] >= _MIN_SURGING][:_N_SURGES]
    events = []
    for intent in new:
        start = int(rng.integers(12, 23))
        rate = int(rng.integers(8, 20))
        rates[intent] = np.where(days >= start, rate * week**0.5, 0.0)
        events.append(_event(intent, "new_topic", start, N_DAYS - start))
    for n, intent in enumerate(surging):
        start = int(rng.integers(12, 24))
        segment = _segment(rng)  # drawn for each event, used for every second one
        events.append(_event(intent, "surge", start, _SURGE_DAYS, segment if n % 2 else ""))
    return Schedule(rates, events)


def _segment(rng: np.random.Generator) -> str:
    """Draw an attribute and one of its values, except the first, which is the most common."""
    name = list(SEGMENTS)[int(rng.integers(len(SEGMENTS)))]
    values = list(SEGMENTS[name])
    return f"{name}={values[1 + int(rng.integers(len(values) - 1))]}"


def _event(intent: str, kind: str, start: int, n_days: int, segment: str = "") -> Event:
    return Event(intent, kind, START + dt.timedelta(start), n_days, segment)
