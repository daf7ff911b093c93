"""The records of a digest: what is read for it, and what it says of a week.

`nlp.jobs.digest` builds it; page, mail, Slack and Markdown are made of it.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nlp.records import Driver, Segment
from nlp.states import Action, AlertKind, AlertStatus, Event, ModelDecision, Severity


@dataclass(frozen=True, slots=True)
class NamedTheme:
    """A theme that is not merged into another."""

    topic_id: int
    label: str
    born_on: dt.date
    muted: bool


@dataclass(frozen=True, slots=True)
class Quote:
    """What a customer wrote, redacted."""

    message_id: str
    text: str


@dataclass(frozen=True, slots=True)
class ThemeWeek:
    """A theme in the week, against the week before."""

    topic_id: int
    label: str
    born_on: dt.date
    n_messages: int
    n_before: int
    n_customers: int
    """Distinct customers who wrote in the week."""
    expected: float | None
    """What was forecast when the week began; None where the theme was too young."""
    lower: int | None
    upper: int | None
    driver: Driver | None
    quotes: tuple[Quote, ...]


@dataclass(frozen=True, slots=True)
class LifeStep:
    """Something that happened to a topic."""

    day: dt.date
    event: Event
    topic_id: int
    label: str
    """That of the topic now."""
    other_topic_id: int | None
    other_label: str | None
    actor: str


@dataclass(frozen=True, slots=True)
class RaisedAlert:
    """An alert of the week with its theme."""

    day: dt.date
    kind: AlertKind
    topic_id: int
    label: str
    observed: int
    expected: float | None
    severity: Severity
    status: AlertStatus
    segment: Segment | None


@dataclass(frozen=True, slots=True)
class LoggedDecision:
    """What a person decided in the week; what `was` and `became` contain depends on the action."""

    number: int
    actor: str
    action: Action
    topic_id: int | None
    label: str | None
    message_id: str | None
    was: Mapping[str, Any]
    became: Mapping[str, Any]
    is_undone: bool


@dataclass(frozen=True, slots=True)
class ModelStep:
    """What was decided about a model in the week."""

    version: str
    decision: ModelDecision
    actor: str
    """A user name, `gate` or `setting`."""
    detail: str


@dataclass(frozen=True, slots=True)
class ThemeAhead:
    """The forecast of a theme for the days after the week, as many as it has."""

    topic_id: int
    label: str
    n_messages: int
    """In the week."""
    expected: float
    lower: int
    upper: int
    """The count lies within both bounds in four of five weeks."""


@dataclass(frozen=True, slots=True)
class Digest:
    """A week of the themes against the week before it, merges followed as they are now."""

    day: dt.date
    """Its last day."""
    n_days: int
    """7 for a week."""
    last_discovered: dt.date | None
    missing: tuple[dt.date, ...]
    """Days of the week and of the one before that were not discovered: they count nothing."""
    n_messages: int
    n_before: int
    n_clustered: int
    """Messages of the week with a theme."""
    born: tuple[ThemeWeek, ...]
    """Themes that began in the week, the largest first; like the two below without muted ones."""
    grew: tuple[ThemeWeek, ...]
    """Those with more than was forecast and than the week before, the furthest above first."""
    faded: tuple[ThemeWeek, ...]
    n_young: int
    """Themes born before the week that are too young to be compared."""
    lives: tuple[tuple[LifeStep, ...], ...]
    """What happened to each theme that merged, split, parted, ended or came back, in order."""
    alerts: tuple[RaisedAlert, ...]
    decided: tuple[LoggedDecision, ...]
    models: tuple[ModelStep, ...]
    champion: str | None
    """Version of the model in service now."""
    n_corrections: int
    """Messages whose intent was corrected since that model was trained."""
    ahead: tuple[ThemeAhead, ...]
    """The largest first."""

    @property
    def first(self) -> dt.date:
        """The first day of the week."""
        return self.day - dt.timedelta(self.n_days - 1)

    @property
    def has_state(self) -> bool:
        """Whether any day of the week was discovered."""
        return any(self.day - dt.timedelta(n) not in self.missing for n in range(self.n_days))
