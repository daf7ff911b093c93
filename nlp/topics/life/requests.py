"""What a run or a person can ask of the lifecycle of topics; `nlp.topics.lifecycle` answers."""

from dataclasses import dataclass

from nlp.lives import Decision
from nlp.records import Proposal


@dataclass(frozen=True, slots=True)
class Create:
    """Messages become a new topic. By a run."""

    topic_id: int
    message_ids: tuple[str, ...]
    parent: int | None
    """The topic that it comes out of, if any."""
    evidence: str


@dataclass(frozen=True, slots=True)
class Revive:
    """A quiet topic comes back with messages of today. By a run."""

    topic_id: int
    message_ids: tuple[str, ...]
    evidence: str


@dataclass(frozen=True, slots=True)
class Tally:
    """The count of a topic in the window at the end of a day. By a run."""

    topic_id: int
    n_messages: int
    n_silent: int
    """Days since its latest message."""
    retires_after: int
    """Days of silence after which a topic retires."""


@dataclass(frozen=True, slots=True)
class Merge:
    """A topic is merged into another, its heir. By a run, for a `reason`, or by a person."""

    topic_id: int
    heir_id: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Rename:
    """A topic gets another label. By a run or by a person, whose label no run overwrites."""

    topic_id: int
    label: str


@dataclass(frozen=True, slots=True)
class Place:
    """Messages belong to a topic, or have an intent. By a run (the topic alone) or by a person."""

    message_ids: tuple[str, ...]
    topic_id: int | None = None
    intent: str | None = None
    note: str = ""
    is_bulk: bool = False
    """Of several at once: what somebody decided the intent of first stays as it is."""
    as_guessed: bool = False
    """The intent is what the model guessed, taken from a few examples."""


@dataclass(frozen=True, slots=True)
class Unmerge:
    """A topic that a run merged away is a topic of its own again. By a person."""

    topic_id: int


@dataclass(frozen=True, slots=True)
class Split:
    """Some messages of a topic become a topic of their own. By a person."""

    topic_id: int
    message_ids: tuple[str, ...]
    label: str


@dataclass(frozen=True, slots=True)
class Mute:
    """No more alerts about a topic, or alerts again. By a person."""

    topic_id: int
    muted: bool = True


@dataclass(frozen=True, slots=True)
class Promote:
    """A topic becomes an intent. By a person."""

    topic_id: int
    intent: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """A note is added to a topic. By a person."""

    topic_id: int
    words: str


@dataclass(frozen=True, slots=True)
class Undo:
    """The state before a decision is restored. By a person."""

    decision: Decision


RunRequest = Create | Revive | Tally | Merge | Rename | Place | Proposal
PersonRequest = Merge | Rename | Place | Unmerge | Split | Mute | Promote | Note
Request = RunRequest | PersonRequest | Undo
