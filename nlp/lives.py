"""The records of topics' lives and of people's decisions about them.

`nlp.topics.lifecycle` makes them, `nlp.jobs.decide` carries them to the store.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from nlp.records import Floats, TopicEvent
from nlp.states import Action, AlertStatus, Channel, LabelSource, TopicStatus


@dataclass(frozen=True, slots=True)
class MergeRecord:
    """The latest decision on whether a topic is merged, by a run or a person."""

    topic_id: int
    into: int | None
    """The topic that it was merged into; None where that was undone."""
    day: dt.date
    actor: str


@dataclass(frozen=True, slots=True)
class Life:
    """One topic: what a person sees of it, and what was decided about it."""

    topic_id: int
    born_on: dt.date
    label: str
    """Empty at birth, until the run of the day has named it."""
    label_source: LabelSource = LabelSource.MODEL
    status: TopicStatus = TopicStatus.ACTIVE
    merge: MergeRecord | None = None
    """Its merge into another topic; None while it is not merged."""
    muted: bool = False
    is_decided: bool = False
    """A person merged, unmerged, split or promoted it, or undid that."""

    @property
    def is_held(self) -> bool:
        """Whether a person decided about it: no run splits or merges it."""
        return self.is_decided or self.label_source == LabelSource.PERSON


@dataclass(frozen=True, slots=True)
class Placement:
    """The topic or intent that a person gave messages; it outranks every run."""

    message_ids: tuple[str, ...]
    topic_id: int | None = None
    intent: str | None = None
    note: str = ""
    as_guessed: bool = False
    """The intent is what the model guessed: it neither teaches nor counts as judged."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a transition changes."""

    lives: tuple[Life, ...] = ()
    """The topics that change, in their state after the change."""
    moved: Mapping[str, int] = field(default_factory=dict)
    """By a run: the topic of each message that moves."""
    placed: Placement | None = None
    """By a person."""
    retracted: int | None = None
    """The decision whose placements, and labelled examples, are taken back."""
    events: tuple[TopicEvent, ...] = ()
    was: Mapping[str, Any] = field(default_factory=dict)
    """What the log of decisions records of the state before."""
    became: Mapping[str, Any] = field(default_factory=dict)
    """What the log of decisions records of the decision."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One entry of the log of decisions."""

    action: Action
    actor: str
    channel: Channel
    was: Mapping[str, Any]
    became: Mapping[str, Any]
    topic_id: int | None = None
    message_id: str | None = None
    alert_id: str | None = None
    number: int = 0
    """0 before it is stored."""
    decided_at: dt.datetime | None = None
    """None before it is stored."""
    undone_by: str | None = None
    undone_at: dt.datetime | None = None

    @property
    def token(self) -> str:
        """What a page keeps to detect whether somebody decided after it was loaded."""
        return f"{self.number}{'u' if self.undone_at else ''}"


@dataclass(frozen=True, slots=True)
class Moved:
    """What was of one intent and is of another now."""

    examples: tuple[str, ...]
    """Hashes of texts."""
    corrections: tuple[str, ...]
    """Ids."""


@dataclass(frozen=True, slots=True)
class Seed:
    """The first state of a topic that a person split off, until a run has seen it."""

    topic_id: int
    born_on: dt.date
    """The day of its first message."""
    centroid: Floats
    """Shape (dimension,), length 1."""
    radius: float
    size: int
    exemplar_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShownMessage:
    """The current topic and intent of a message, merges followed and corrections first."""

    message_id: str
    arrived_on: dt.date
    topic_id: int | None
    theme: str | None
    intent: str | None
    is_decided: bool = False
    """A person decided its intent."""


@dataclass(frozen=True, slots=True)
class AlertState:
    """The current state of an alert."""

    alert_id: str
    topic_id: int
    status: AlertStatus
    handled_by: str | None
    assigned_to: str | None = None
    snoozed_until: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Subscription:
    """A person who wants to hear of the alerts about a theme, or about a segment."""

    subscriber: str
    topic_id: int | None = None
    """The theme; None where it is a segment."""
    segment_name: str | None = None
    segment_value: str | None = None
    address: str = ""
    """Where alerts are mailed to; empty for none."""


@dataclass(frozen=True, slots=True)
class Decided:
    """What was decided."""

    number: int
    """By which it can be undone."""
    topic_id: int | None
    """The topic to look at: the heir of a merge, the newborn topic of a split."""
