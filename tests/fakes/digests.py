"""What a digest reads, in memory."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from nlp.digests import (
    LifeStep,
    LoggedDecision,
    ModelStep,
    NamedTheme,
    Quote,
    RaisedAlert,
)
from nlp.records import Driver


@dataclass
class MemoryDigest:
    """`nlp.jobs.digest.build.DigestStore` of what a test says."""

    named: Sequence[NamedTheme] = ()
    counts: dict[int, dict[dt.date, int]] = field(default_factory=dict)
    days: dict[dt.date, tuple[int, int]] = field(default_factory=dict)
    driven: dict[int, Driver] = field(default_factory=dict)
    steps: Sequence[LifeStep] = ()
    alerts: Sequence[RaisedAlert] = ()
    decisions: Sequence[LoggedDecision] = ()
    models: Sequence[ModelStep] = ()
    text: str = "My card is lost"

    def last_day(self) -> dt.date | None:
        return max(self.days, default=None)

    def volumes(self, *, first: dt.date, last: dt.date) -> dict[dt.date, tuple[int, int]]:
        return {d: n for d, n in self.days.items() if first <= d <= last}

    def theme_days(self, *, first: dt.date, last: dt.date) -> dict[int, dict[dt.date, int]]:
        return {
            t: {d: n for d, n in own.items() if first <= d <= last}
            for t, own in self.counts.items()
        }

    def themes(self) -> list[NamedTheme]:
        return list(self.named)

    def customers(self, *, first: dt.date, last: dt.date) -> dict[int, int]:
        return {t: len(own) for t, own in self.counts.items()}

    def drivers(self, day: dt.date) -> dict[int, Driver]:
        return self.driven if day == self.last_day() else {}

    def quotes(self, topic_id: int, *, first: dt.date, last: dt.date, most: int) -> list[Quote]:
        return [Quote(f"{topic_id}-{n}", self.text) for n in range(most)]

    def life_steps(self, *, first: dt.date, last: dt.date) -> list[LifeStep]:
        return [s for s in self.steps if first <= s.day <= last]

    def raised(self, *, first: dt.date, last: dt.date) -> list[RaisedAlert]:
        return [a for a in self.alerts if first <= a.day <= last]

    def decided(self, *, first: dt.date, last: dt.date) -> list[LoggedDecision]:
        return list(self.decisions)

    def model_steps(self, *, first: dt.date, last: dt.date) -> list[ModelStep]:
        return list(self.models)

    def champion(self) -> tuple[str | None, int]:
        return "m1", 12
