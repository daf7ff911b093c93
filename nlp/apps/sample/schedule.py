"""How many messages of each intent come on each day, and the planted events."""

import datetime as dt
import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from nlp.apps.sample.material import Intent

OTHER_LANGUAGE = "other_language"
"""The true intent of every message that is not in English: the default encoder understands only
English, so `unsupported_language` is the right answer."""
OTHER_LANGUAGE_SHARE = 0.03
_WEEKDAY = (1.1, 1.02, 1.0, 0.98, 0.95, 0.55, 0.45)
"""Volume relative to a usual weekday, Monday first: high after the weekend, low on it."""
_NEW_SHARE = 0.07
"""A new topic's messages relative to `per_day`: 28 for 400 on a weekday."""
_SURGE_FACTOR = 5
_SEGMENT_SURGE = 0.5
"""What a surge in a segment adds, relative to the whole intent's usual count."""
_MACHINE_SHARE = 0.03
AGENT_TURN, MACHINE_MAIL, THANKS_ONLY = NO_REQUEST = ("agent_turn", "machine_mail", "thanks_only")
"""The true intent of good rows in which no customer asks for anything: an agent's turn, a mail that
no person wrote, a customer's last word in a conversation."""


@dataclass(frozen=True, slots=True)
class Event:
    """A planted event: a new topic, or a surge of a running intent."""

    intent: str
    kind: str
    """`new_topic` or `surge`."""
    start: int
    """First day, from 0."""
    n_days: int
    segment: str = ""
    """`name=value;name=value`: only among customers with these attributes; empty for all."""

    def suits(self, attributes: Mapping[str, str]) -> bool:
        """Return whether a customer with these attributes is in the segment."""
        wanted = (pair.split("=") for pair in self.segment.split(";") if pair)
        return all(attributes.get(name) == value for name, value in wanted)


EVENTS = (
    Event("top_up_failed", "surge", start=16, n_days=3),
    Event("phishing_text", "new_topic", start=21, n_days=7),
    Event("branch_closure", "new_topic", start=23, n_days=5),
    Event("app_login", "surge", start=22, n_days=3, segment="app_version=8.2;device=android"),
)


def events_within(n_days: int) -> list[Event]:
    """Return the events that start within the first `n_days`, cut off at the last day."""
    return [replace(e, n_days=min(e.n_days, n_days - e.start)) for e in EVENTS if e.start < n_days]


def rates(
    intents: Sequence[Intent], *, number: int, day: dt.date, per_day: int
) -> Mapping[str, float]:
    """Return the expected messages by intent on day `number` (from 0), other languages included.

    Running intents and other languages add up to `per_day` on a usual weekday; the messages of an
    event come on top.
    """
    weekday = _WEEKDAY[day.weekday()]
    volume = per_day * weekday
    total = sum(i.rate for i in intents)
    expected = {i.name: (1 - OTHER_LANGUAGE_SHARE) * volume * i.rate / total for i in intents}
    expected[OTHER_LANGUAGE] = OTHER_LANGUAGE_SHARE * volume
    for event in EVENTS:
        if event.start <= number < event.start + event.n_days and not event.segment:
            if event.kind == "surge":
                expected[event.intent] *= _SURGE_FACTOR
            else:  # people write about news at weekends too
                expected[event.intent] = _NEW_SHARE * per_day * math.sqrt(weekday)
    return expected


def segment_rates(expected: Mapping[str, float], *, number: int) -> list[tuple[Event, float]]:
    """Return how many messages come on top of day `number` from the segments that surge.

    An eighth of the customers are in the segment: their count becomes about five times as large,
    that of the whole intent half as large again.
    """
    running = [e for e in EVENTS if e.segment and e.start <= number < e.start + e.n_days]
    return [(e, _SEGMENT_SURGE * expected[e.intent]) for e in running]


def n_machine_mails(rng: random.Random, *, day: dt.date, per_day: int) -> int:
    """Draw how many mails of a day no person wrote."""
    return poisson(rng, _MACHINE_SHARE * per_day * _WEEKDAY[day.weekday()])


def poisson(rng: random.Random, expected: float) -> int:
    """Draw a Poisson count from the waiting times between its events."""
    n, waited = 0, rng.expovariate(1.0)
    while waited < expected:
        n, waited = n + 1, waited + rng.expovariate(1.0)
    return n
