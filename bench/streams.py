"""A labelled stream with planted events, built from any labelled set with a seed.

Twenty-eight days of about 200 messages, half of that at weekends, without repeated texts. 60% of
the intents run from the first day at steady rates; eight others each start on a later day, and six
of the running ones rise five-fold for three days. The hard stream plants siblings of running
intents in small numbers, adds noise that belongs nowhere, and doubles the volume of one day. Its
noise is from another set or, in the near stream, evenly from the intents of the same set that never
run.
"""

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

import numpy as np
from numpy.typing import NDArray

NOISE = "~noise"
N_DAYS = 28
WARM_UP_DAYS = 10
_PER_DAY = 200
START = dt.date(2026, 3, 2)
"""A Monday."""
WEEK = np.array([1, 1, 1, 1, 1, 0.5, 0.5])
"""The messages of each day of the week, as a share of those of a Monday."""
_NOISE_SHARE = 0.15


@dataclass(frozen=True, slots=True)
class Event:
    """A planted event."""

    intent: str
    kind: str
    """`new_topic` or `surge`."""
    start: dt.date
    n_days: int
    segment: str = ""
    """Such as `plan=basic` if only messages with that attribute surge; empty: all do."""


@dataclass(frozen=True, slots=True)
class Stream:
    """Messages in order of time, and their true intents."""

    times: list[dt.datetime]
    texts: list[str]
    intents: list[str]
    events: list[Event]


def build(
    texts: Sequence[str],
    intents: Sequence[str],
    *,
    seed: int,
    flat: bool = False,
    noise: Sequence[str] = (),
    near: bool = False,
) -> Stream:
    """Build the stream of a seed; `flat` plants no events, `noise` texts make it hard.

    `near` makes it hard with noise from the same set: the texts of intents that never run.
    """
    rng = np.random.default_rng(seed)
    pool = _pool(texts, intents, rng)
    names = sorted(pool)
    rng.shuffle(names)
    n_running = int(0.6 * len(names))
    running, rest = names[:n_running], names[n_running:]
    rates = _steady_rates(pool, running, rng)
    hard = near or bool(noise)
    events = [] if flat else _plant(pool, running, rest, rates, rng, hard=hard)
    doubled = int(rng.integers(12, 26)) if hard else -1
    loose = _in_turns(pool, [i for i in rest if i not in rates]) if near else []
    loose += list(rng.permutation(sorted(noise))) if noise else []
    drawn: list[tuple[dt.datetime, str, str]] = []
    for day in range(N_DAYS):
        today: list[tuple[str, str]] = []
        for intent, rate in rates.items():
            n = rng.poisson(rate[day] * (2 if day == doubled else 1))
            today += [(pool[intent].pop(), intent) for _ in range(n) if pool[intent]]
        n_noise = int(len(today) * _NOISE_SHARE / (1 - _NOISE_SHARE)) if loose else 0
        today += [(loose.pop(), NOISE) for _ in range(n_noise) if loose]
        midnight = dt.datetime.combine(START + dt.timedelta(day), dt.time(), dt.UTC)
        for n in rng.permutation(len(today)):
            at = midnight + dt.timedelta(seconds=int(rng.integers(0, 86_400)))
            drawn.append((at, *today[n]))
    return Stream(
        [at for at, _, _ in drawn], [t for _, t, _ in drawn], [i for _, _, i in drawn], events
    )


def _pool(
    texts: Sequence[str], intents: Sequence[str], rng: np.random.Generator
) -> dict[str, list[str]]:
    """Return the distinct texts of each intent in random order."""
    pool: dict[str, list[str]] = {}
    for text, intent in zip(texts, intents, strict=True):
        pool.setdefault(intent, []).append(text)
    for intent, own in pool.items():
        pool[intent] = list(dict.fromkeys(own))
        rng.shuffle(pool[intent])
    return pool


def _in_turns(pool: dict[str, list[str]], intents: list[str]) -> list[str]:
    """Return the texts of the intents in such an order that `pop` takes one of each in turn.

    A text that another intent also has is left out.
    """
    elsewhere = Counter(text for own in pool.values() for text in own)
    own = [[text for text in pool[i] if elsewhere[text] == 1] for i in intents]
    turns = [text for turn in zip_longest(*own) for text in turn if text is not None]
    return turns[::-1]


def _steady_rates(
    pool: dict[str, list[str]], running: list[str], rng: np.random.Generator
) -> dict[str, NDArray[np.float64]]:
    """Return steady messages per day of each running intent (28,); they differ up to ten-fold."""
    weight = np.exp(rng.uniform(0, np.log(10), len(running)))
    rate = _PER_DAY * weight / weight.sum()
    lasting = [len(pool[i]) / (N_DAYS * WEEK.mean()) / 1.6 for i in running]
    week = np.array([WEEK[d % 7] for d in range(N_DAYS)])
    return {i: r * week for i, r in zip(running, np.minimum(rate, lasting).tolist(), strict=True)}


def _plant(
    pool: dict[str, list[str]],
    running: list[str],
    rest: list[str],
    rates: dict[str, NDArray[np.float64]],
    rng: np.random.Generator,
    *,
    hard: bool,
) -> list[Event]:
    steady = {i: float(r.max()) for i, r in rates.items()}
    events = []
    ample = [i for i in rest if len(pool[i]) >= 60] or rest
    chosen = _siblings(pool, running, ample)[:8] if hard else rng.permutation(ample)[:8].tolist()
    for intent in chosen:
        start = int(rng.integers(12, 24))
        rate = float(rng.integers(5, 9) if hard else rng.integers(12, 31))
        rate = min(rate, len(pool[intent]) / max(4, min(N_DAYS - start, 6)))
        days = np.arange(N_DAYS)
        on = (days >= start) & (days < start + 6)
        rates[intent] = np.where(on, rate * WEEK[days % 7] ** 0.5, 0.0)
        events.append(Event(intent, "new_topic", START + dt.timedelta(start), 6))
    strong = [i for i in running if steady[i] >= 2 and steady[i] * 12 < 0.4 * len(pool[i])]
    strong = strong or [max(running, key=lambda i: steady[i])]
    for intent in rng.permutation(strong)[:6].tolist():
        start = int(rng.integers(12, 25))
        rates[intent] = rates[intent].copy()
        rates[intent][start : start + 3] *= 5
        events.append(Event(intent, "surge", START + dt.timedelta(start), 3))
    return events


def _siblings(pool: dict[str, list[str]], running: list[str], rest: list[str]) -> list[str]:
    """Return `rest` sorted by distance to the nearest running intent, by TF-IDF centroids."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    vectors = words.fit_transform([" ".join(pool[i]) for i in running + rest])
    nearness = (vectors[len(running) :] @ vectors[: len(running)].T).toarray().max(axis=1)
    return [rest[n] for n in np.argsort(-nearness)]
