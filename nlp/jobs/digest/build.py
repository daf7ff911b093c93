"""Build the digest of a week from a store."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from nlp.digests import (
    Digest,
    LifeStep,
    LoggedDecision,
    ModelStep,
    NamedTheme,
    Quote,
    RaisedAlert,
    ThemeAhead,
    ThemeWeek,
)
from nlp.errors import NotFoundError
from nlp.records import Driver
from nlp.settings import Settings
from nlp.states import Event
from nlp.topics.config import topic_config
from nlp.topics.forecast import N_AHEAD, N_PAST, Forecast, forecast

MOST_DAYS = N_PAST // 2
"""A digest has so many days at most."""
_MOST_LISTED = 6
"""Themes of a kind that are listed, as on Today."""
_N_QUOTES = 3


class DigestStore(Protocol):
    """What a digest reads: merges and corrections are followed as they are now; days by arrival."""

    def last_day(self) -> dt.date | None:
        """The last day that was discovered."""
        ...

    def volumes(self, *, first: dt.date, last: dt.date) -> dict[dt.date, tuple[int, int]]:
        """Messages, and those with a theme, of each day that was discovered."""
        ...

    def theme_days(self, *, first: dt.date, last: dt.date) -> dict[int, dict[dt.date, int]]:
        """The messages of each theme by day."""
        ...

    def themes(self) -> list[NamedTheme]: ...

    def customers(self, *, first: dt.date, last: dt.date) -> dict[int, int]:
        """Distinct customers who wrote about each theme."""
        ...

    def drivers(self, day: dt.date) -> dict[int, Driver]:
        """The driver of each theme that has one, of the week up to `day`."""
        ...

    def quotes(self, topic_id: int, *, first: dt.date, last: dt.date, most: int) -> list[Quote]:
        """Different texts of a theme that show best what it is about."""
        ...

    def life_steps(self, *, first: dt.date, last: dt.date) -> list[LifeStep]:
        """What happened to topics, by runs and people, in order."""
        ...

    def raised(self, *, first: dt.date, last: dt.date) -> list[RaisedAlert]:
        """The alerts of some days, the most severe first."""
        ...

    def decided(self, *, first: dt.date, last: dt.date) -> list[LoggedDecision]:
        """What people decided on some days of UTC, in order."""
        ...

    def model_steps(self, *, first: dt.date, last: dt.date) -> list[ModelStep]: ...

    def champion(self) -> tuple[str | None, int]:
        """Version of the model in service, and the messages corrected since it was trained."""
        ...


def week_before(today: dt.date) -> dt.date:
    """Return the last day of the week before: the Sunday before `today`."""
    return today - dt.timedelta(today.weekday() + 1)


def build_digest(
    store: DigestStore, day: dt.date | None, *, n_days: int = N_AHEAD, settings: Settings
) -> Digest:
    """Return the digest of the `n_days` up to `day`; None means the last day that was discovered.

    Raises NotFoundError where no day was discovered yet, ValueError for less than 1 day or more
    than `MOST_DAYS`.
    """
    if not 1 <= n_days <= MOST_DAYS:
        raise ValueError(f"A digest has 1 to {MOST_DAYS} days. Was: {n_days}")
    last = store.last_day()
    if last is None:
        raise NotFoundError("No day was discovered yet. Run `triage run-day DAY` or `triage demo`")
    week = _Week.read(store, day or last, n_days=n_days, settings=settings)
    first = week.first
    version, n_corrections = store.champion()
    return Digest(
        day=week.day,
        n_days=n_days,
        last_discovered=last,
        missing=week.missing(),
        n_messages=week.volume(first, week.day),
        n_before=week.volume(first - dt.timedelta(n_days), first - dt.timedelta(1)),
        n_clustered=sum(week.volumes[d][1] for d in week.volumes if first <= d <= week.day),
        born=week.born(),
        grew=week.grew(),
        faded=week.faded(),
        n_young=week.n_young(),
        lives=_lives(store.life_steps(first=first, last=week.day)),
        alerts=tuple(store.raised(first=first, last=week.day)),
        decided=tuple(store.decided(first=first, last=week.day)),
        models=tuple(store.model_steps(first=first, last=week.day)),
        champion=version,
        n_corrections=n_corrections,
        ahead=week.ahead(),
    )


@dataclass(frozen=True)
class _Week:
    """What is known of the themes of a week."""

    store: DigestStore
    day: dt.date
    n_days: int
    themes: Mapping[int, NamedTheme]
    volumes: Mapping[dt.date, tuple[int, int]]
    counts: Mapping[int, Mapping[dt.date, int]]
    customers: Mapping[int, int]
    expected: Mapping[int, Forecast]
    """Of the week, as it was forecast when it began."""
    forecasts: Mapping[int, Forecast]
    """Of the days after it."""
    drivers: Mapping[int, Driver]

    @classmethod
    def read(cls, store: DigestStore, day: dt.date, *, n_days: int, settings: Settings) -> "_Week":
        """Read it from the store, and forecast."""
        config = topic_config(settings)
        first = day - dt.timedelta(n_days - 1)
        since = first - dt.timedelta(N_PAST)
        counts = store.theme_days(first=since, last=day)
        volumes = store.volumes(first=since, last=day)
        totals = {d: n for d, (n, _) in volumes.items()}
        eve = first - dt.timedelta(1)
        return cls(
            store=store,
            day=day,
            n_days=n_days,
            themes={t.topic_id: t for t in store.themes()},
            volumes=volumes,
            counts=counts,
            customers=store.customers(first=first, last=day),
            expected=forecast(counts, totals, eve, n_ahead=n_days, config=config),
            forecasts=forecast(counts, totals, day, n_ahead=n_days, config=config)
            if day in volumes
            else {},
            drivers=store.drivers(day),
        )

    @property
    def first(self) -> dt.date:
        """The first day of the week."""
        return self.day - dt.timedelta(self.n_days - 1)

    def missing(self) -> tuple[dt.date, ...]:
        """The days of both weeks that were not discovered."""
        days = (self.day - dt.timedelta(n) for n in range(2 * self.n_days - 1, -1, -1))
        return tuple(d for d in days if d not in self.volumes)

    def volume(self, first: dt.date, last: dt.date) -> int:
        """The messages of some days."""
        return sum(n for d, (n, _) in self.volumes.items() if first <= d <= last)

    def count(self, topic_id: int, *, n_ago: int = 0) -> int:
        """The messages of a theme in the week, or `n_ago` weeks before."""
        last = self.day - dt.timedelta(n_ago * self.n_days)
        first = last - dt.timedelta(self.n_days - 1)
        return sum(n for d, n in self.counts.get(topic_id, {}).items() if first <= d <= last)

    def born(self) -> tuple[ThemeWeek, ...]:
        """See `Digest.born`."""
        born = [t.topic_id for t in self._heard() if self.first <= t.born_on <= self.day]
        return self._listed(sorted(born, key=lambda t: (-self.count(t), t)))

    def grew(self) -> tuple[ThemeWeek, ...]:
        """See `Digest.grew`."""
        above = {
            t: self.count(t) - known.total.expected
            for t, known in self._compared().items()
            if self.count(t) > max(known.total.upper, self.count(t, n_ago=1))
        }
        return self._listed(sorted(above, key=lambda t: (-above[t], t)))

    def faded(self) -> tuple[ThemeWeek, ...]:
        """See `Digest.faded`."""
        below = {
            t: known.total.expected - self.count(t)
            for t, known in self._compared().items()
            if self.count(t) < min(known.total.lower, self.count(t, n_ago=1))
        }
        return self._listed(sorted(below, key=lambda t: (-below[t], t)))

    def n_young(self) -> int:
        """See `Digest.n_young`."""
        old = [t.topic_id for t in self._heard() if t.born_on < self.first]
        return sum(1 for t in old if t not in self.expected and self.count(t))

    def ahead(self) -> tuple[ThemeAhead, ...]:
        """See `Digest.ahead`."""
        rows = []
        for theme in self._heard():
            if (known := self.forecasts.get(theme.topic_id)) is not None and known.total.upper:
                n = self.count(theme.topic_id)
                total = known.total
                expected = round(total.expected, 1)
                rows.append(
                    ThemeAhead(theme.topic_id, theme.label, n, expected, total.lower, total.upper)
                )
        return tuple(sorted(rows, key=lambda row: (-row.expected, row.topic_id)))

    def _heard(self) -> list[NamedTheme]:
        """The themes that nobody muted."""
        return [theme for theme in self.themes.values() if not theme.muted]

    def _compared(self) -> dict[int, Forecast]:
        """The forecasts that the week is compared with: none where it is empty or has a gap."""
        has_gap = any(day >= self.first for day in self.missing())
        if has_gap or not self.volume(self.first, self.day):
            return {}
        heard = {theme.topic_id for theme in self._heard()}
        return {t: known for t, known in self.expected.items() if t in heard}

    def _listed(self, topics: Sequence[int]) -> tuple[ThemeWeek, ...]:
        """The themes with their quotes."""
        return tuple(self._theme(t, quoted=n < _MOST_LISTED) for n, t in enumerate(topics))

    def _theme(self, topic_id: int, *, quoted: bool) -> ThemeWeek:
        theme, known = self.themes[topic_id], self.expected.get(topic_id)
        quotes: Sequence[Quote] = ()
        if quoted:
            quotes = self.store.quotes(topic_id, first=self.first, last=self.day, most=_N_QUOTES)
        return ThemeWeek(
            topic_id=topic_id,
            label=theme.label,
            born_on=theme.born_on,
            n_messages=self.count(topic_id),
            n_before=self.count(topic_id, n_ago=1),
            n_customers=self.customers.get(topic_id, 0),
            expected=None if known is None else round(known.total.expected, 1),
            lower=None if known is None else known.total.lower,
            upper=None if known is None else known.total.upper,
            driver=self.drivers.get(topic_id),
            quotes=tuple(quotes),
        )


def _lives(steps: Sequence[LifeStep]) -> tuple[tuple[LifeStep, ...], ...]:
    """The steps of each topic to which more happened than its birth."""
    of_topic: dict[int, list[LifeStep]] = {}
    for step in steps:
        of_topic.setdefault(step.topic_id, []).append(step)
    return tuple(
        tuple(own) for own in of_topic.values() if any(s.event != Event.BIRTH for s in own)
    )
