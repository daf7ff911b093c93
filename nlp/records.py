"""The frozen records that travel between steps.

Ids are strings in the canonical form of a UUID (`message_id`, `text_hash`) or integers
(`topic_id`). A `topic_id` of None means unclustered. Days are `datetime.date`, times are aware.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlp.states import (
    Abstention,
    AlertKind,
    Author,
    DayStatus,
    Event,
    LabelSource,
    ModelRole,
    Severity,
    Subject,
    TopicStatus,
    Violation,
)

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class RawRow:
    """One row as its source delivered it, unchecked and not redacted: it never leaves memory."""

    position: str
    """Its position for a person: `2026-03-02.csv, row 17`."""
    fields: Mapping[str, Any]
    problem: str | None = None
    """Why the reader could not parse the row (`not valid UTF-8`), else None."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A conversation that a helpdesk names as changed."""

    conversation: str
    """Its id; empty where the desk gives none."""
    version: str
    """Another one after every change; empty where the desk tells none."""
    created_on: dt.date | None
    is_gone: bool
    """Whether the desk says that it is deleted."""
    record: Mapping[str, Any] = field(repr=False)
    """What the desk says of it; it never leaves memory."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation as its helpdesk has it now, whole."""

    listed: Listed
    rows: tuple[RawRow, ...] = ()
    n_attachments: int = 0
    """Left out."""
    n_wordless: int = 0
    """Parts without a text, left out: changes of state, pictures alone."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What is known of a conversation since it was last read."""

    version: str
    first_day: dt.date
    last_day: dt.date
    """Messages from `first_day` to `last_day` are stored."""
    is_whole: bool
    """Whether it had no message after `last_day`."""
    n_messages: int
    n_quarantined: int
    is_fresh: bool
    """Whether it was read since the day was last finished: a day pulled again reads all again."""


@dataclass(frozen=True, slots=True)
class Message:
    """One customer message, redacted and ready to be stored."""

    message_id: str
    """UUID derived from `source` and `external_id` alone."""
    source: str
    external_id: str
    """Its id in the source; `<EMAIL>#…` with a keyed hash where the id is itself personal data."""
    created_at: dt.datetime
    day: dt.date
    """The date of `created_at` in the project's time zone."""
    arrived_on: dt.date
    """The day whose run pulled it; later than `day` for a late message."""
    text: str
    """Redacted and cleaned, line breaks kept."""
    text_hash: str
    """UUID of the normalised text; equal texts share one embedding."""
    language: str
    """ISO 639-1 code, or `und` for a text without letters and digits."""
    entities: tuple[str, ...] = ()
    """Kinds of personal data that were replaced, sorted, each once: `("CARD", "EMAIL")`."""
    channel: str | None = None
    customer_hash: str | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    subject: str | None = None
    conversation_id: str | None = None
    author: Author = Author.CUSTOMER
    zones: tuple[tuple[str, str], ...] = ()
    """What is not the customer's own words: (zone, redacted text), in order."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """One row that broke the contract, as it is kept in quarantine."""

    source: str
    external_id: str | None
    arrived_on: dt.date
    position: str
    reason: Violation
    detail: str
    """The sentence a person reads; holds no raw text."""
    excerpt: str
    """At most 200 characters of the redacted text."""
    customer_hash: str | None = None
    """None where the row names no customer."""


@dataclass(frozen=True, slots=True)
class PullCounts:
    """The outcome of one pull: `n_pulled` is `n_stored` + `n_known` + `n_quarantined`."""

    n_pulled: int
    n_stored: int
    n_known: int
    """Rows of messages that are already stored, whether the row is unchanged or still invalid."""
    n_quarantined: int
    n_late: int = 0
    """How many of the stored messages were created on an earlier day."""
    n_changed: int = 0
    """How many of the known messages have another text, subject or author now."""
    n_gone: int = 0
    """Messages that were deleted, as the source has them no more; they are not among the pulled."""
    n_missing: int = 0
    """Messages of an earlier delivery of the day that this one lacks, and that stay."""


@dataclass(frozen=True, slots=True)
class ReadConversation:
    """A conversation that was read, checked and redacted."""

    conversation_id: str
    """As its messages have it."""
    version: str
    first_day: dt.date
    last_day: dt.date
    is_whole: bool
    position: str
    """How the positions of its rows begin."""
    kept: frozenset[str] = frozenset()
    """Ids of the messages that it still has, those outside the days included."""
    messages: tuple[Message, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    is_gone: bool = False


@dataclass(frozen=True, slots=True)
class WriteBack:
    """What is to be written to one ticket."""

    key: str
    """The same for the same conversation, theme and intent."""
    conversation_id: str
    topic_id: int | None
    theme: str | None
    intent: str | None
    is_unsure: bool
    """Whether an earlier run may have written it."""


@dataclass(frozen=True, slots=True)
class TicketNote:
    """What is written, as words: a note and tags."""

    conversation: str
    key: str
    text: str
    """Plain text; the key stands in it."""
    tags: tuple[str, ...]
    is_unsure: bool


@dataclass(frozen=True, slots=True)
class StoredText:
    """The own words of one stored message."""

    message_id: str
    text: str
    """Redacted; empty where nothing of the message is the customer's own."""
    arrived_on: dt.date
    created_at: dt.datetime
    conversation: str | None
    """Source and id of its conversation; None where it has none."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A part of a message that is about one subject; most messages are one passage."""

    passage_id: str
    """UUID; that of the first passage is its message's."""
    message_id: str
    n: int
    """Its number within the message, from 1; the passage that says most is the first."""
    start: int
    """Offset of its first character in the message's text."""
    stop: int
    """Offset after its last character."""
    text: str
    """Its sentences except fillers, redacted: what is embedded."""
    text_hash: str


@dataclass(frozen=True, slots=True)
class DayTexts:
    """The passages of a day or window with their embeddings, in the order of `passage_ids`."""

    passage_ids: list[str]
    message_ids: list[str]
    """The message that each passage is part of."""
    texts: list[str]
    """Redacted texts."""
    arrived_on: list[dt.date]
    sources: list[str]
    embeddings: Floats
    """Shape (n_messages, dimension), rows of length 1."""
    customers: list[str]
    """Who wrote each passage: the hash of the customer's id, or the id of the message without."""


@dataclass(frozen=True, slots=True)
class Topic:
    """One living topic, in its state at the end of a day."""

    topic_id: int
    born_on: dt.date
    label: str
    keywords: tuple[str, ...]
    exemplar_ids: tuple[str, ...]
    """Messages that best show what it is about, the nearest first."""
    centroid: Floats
    """Shape (dimension,), length 1."""
    radius: float
    """Least cosine similarity to the centroid at which a message still belongs."""
    size: int
    """Number of messages that belonged to it in the window."""
    label_source: LabelSource = LabelSource.MODEL
    status: TopicStatus = TopicStatus.ACTIVE
    """`ACTIVE` or `QUIET`."""
    last_on: dt.date | None = None
    """The day its latest message arrived on."""
    is_held: bool = False
    """A person decided about it, so no run splits or merges it."""
    area_id: int | None = None
    """Its area: the id of the area's leading topic."""


@dataclass(frozen=True, slots=True)
class Wording:
    """How a language model puts a topic into words; without a label: its answer was refused."""

    topic_id: int
    model: str
    label: str = ""
    summary: str = ""
    """Two sentences at most."""
    cited: tuple[str, ...] = ()
    """Ids of the messages that the words rest on, at least two,"""
    shown: tuple[str, ...] = ()
    """of those that it was shown."""
    refusal: str = ""
    """Why an answer was refused, in words that show none of it."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """Which topic a passage belongs to."""

    passage_id: str
    topic_id: int | None
    strength: float
    """0..1; see `nlp.topics.assign.strength`. 0 where unclustered."""


@dataclass(frozen=True, slots=True)
class TopicDay:
    """One topic on one day: its count against the expected count."""

    topic_id: int
    n_messages: int
    expected: float | None
    """None while there is too little history for an expectation."""
    upper: float | None
    p_value: float | None
    status: DayStatus


@dataclass(frozen=True, slots=True)
class TopicEvent:
    """One event in the life of a topic, caused by a run."""

    event: Event
    topic_id: int
    other_topic_id: int | None
    """The child of a split, the heir of a merge, the parent of a birth."""
    detail: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """A split or merge that clustering found; it is made only if later days find it again."""

    kind: Event
    """`SPLIT` or `MERGE`."""
    topic_id: int
    """The topic that would split, or end."""
    other_topic_id: int | None
    """The heir of a merge."""
    n_days: int
    """Consecutive days on which it was found."""


@dataclass(frozen=True, slots=True)
class Segment:
    """The messages with one value of one attribute, as a share of a topic's last messages."""

    name: str
    """Of the attribute."""
    value: str
    n: int
    """Messages of the topic that have it, on its last `n_days`."""
    n_of: int
    """Those that have any value of the attribute, on the same days."""
    n_days: int
    """From one to three: those that show it best."""
    usual: float
    """The share that is usual, 0..1."""

    @property
    def sentence(self) -> str:
        """What is special, with both figures."""
        days = f" in {self.n_days} days" if self.n_days > 1 else ""
        is_value = f"are {self.name} {self.value}, usually {self.usual:.0%}"
        return f"{self.n} of {self.n_of}{days} {is_value}"

    @classmethod
    def of_alert(cls, row: Any) -> "Segment | None":
        """The segment of a stored alert, by its columns; None where it has none."""
        if row.segment_name is None:
            return None
        return cls(
            row.segment_name, row.segment_value, row.segment_n, row.segment_of,
            row.segment_days, row.segment_usual,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Driver:
    """A segment that has more of a topic's last messages than is usual for it."""

    segment: Segment
    p_value: float
    """Probability of such a share or a larger one by chance, times the segments of the topic."""
    lower: float
    """The share of the segment is at least this, with a probability of .95 with `upper`; 0..1."""
    upper: float


@dataclass(frozen=True, slots=True)
class Alert:
    """Something a person should look at today."""

    topic_id: int
    kind: AlertKind
    observed: int
    expected: float | None
    p_value: float | None
    severity: Severity
    n_customers: int | None = None
    """Distinct customers who wrote what was observed; None where they were not counted yet."""
    segment: Segment | None = None
    """The segment that rises; None where all do."""


@dataclass(frozen=True, slots=True)
class AlertNotice:
    """An alert in the form that is sent to people."""

    day: dt.date
    kind: AlertKind
    label: str
    observed: int
    expected: float | None
    severity: Severity
    exemplars: tuple[str, ...]
    """Redacted texts that show what it is about, three at most."""
    n_customers: int | None = None
    segment: Segment | None = None
    alert_id: str = ""
    subscribers: tuple[tuple[str, str], ...] = ()
    """Names of those who want to hear of it, with the address of each, empty for none."""

    @property
    def sentence(self) -> str:
        """What happened, in one sentence that quotes no customer."""
        usual = "" if self.expected is None else f", {self.expected:.0f} expected"
        kind = "New topic" if self.kind == AlertKind.NEW_TOPIC else "Surge"
        n = self.n_customers
        wrote = "" if n is None else f" from {n} customer{'s' * (n > 1)}"
        among = "" if self.segment is None else f"; {self.segment.sentence}"
        counted = f"{self.observed} messages{wrote}{usual}{among}"
        return f"{kind} on {self.day}: {self.label}: {counted}"


@dataclass(frozen=True, slots=True)
class Discovery:
    """Everything that the discovery of one day writes."""

    topics: list[Topic]
    assignments: list[Assignment]
    """Only for passages whose topic this discovery changes."""
    topic_days: list[TopicDay]
    events: list[TopicEvent]
    alerts: list[Alert]
    drivers: Mapping[int, Driver] = field(default_factory=dict)
    """Of the topics that have one."""


@dataclass(frozen=True, slots=True)
class LabelledExample:
    """One text with its intent; the text is redacted before it is stored."""

    text: str
    intent: str
    origin: str = "file"
    """Where the label came from: `file`, `correction` or `promotion`."""


@dataclass(frozen=True, slots=True)
class Intent:
    """One intent of the taxonomy."""

    name: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class ModelRecord:
    """One trained model in the form that is stored."""

    version: str
    encoder: str
    kind: str
    artefact: bytes
    metrics: Mapping[str, float]
    intents: Mapping[str, Mapping[str, float]]
    """Figures per intent."""
    data_sha256: str
    examples: tuple[tuple[str, str], ...]
    """The snapshot without its texts: (text_hash, intent)."""
    card: str = ""
    role: ModelRole = ModelRole.CHALLENGER
    gate: Mapping[str, Any] | None = None
    approved_by: str | None = None
    registry_ref: str | None = None


@dataclass(frozen=True, slots=True)
class Drift:
    """How far a week differs from the four weeks before it."""

    day: dt.date
    messages: float
    confidence: float | None
    intents: float | None
    n_messages: int
    n_before: int
    alert: str
    """Empty while all figures are below the limit."""
    shares: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    """Share of each intent before and in the week, the one that moved the index most first."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """The prediction of one model version for one passage."""

    passage_id: str
    intent: str | None
    """The best guess, also where the model abstained; None for an unsupported language."""
    probability: float
    runners_up: tuple[tuple[str, float], ...]
    abstained: bool
    reason: Abstention | None
    """Why the model abstained, else None."""


@dataclass(frozen=True, slots=True)
class RunReport:
    """What one job did on one day; its counts and seconds are stored in `runs`, no text is."""

    job: str
    day: dt.date
    counts: Mapping[str, int]
    seconds: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Trace:
    """A stored message that is to be erased, with all texts that it left."""

    message_id: str
    source: str
    external_id: str
    day: dt.date
    arrived_on: dt.date
    created_at: dt.datetime
    conversation: str | None
    """Source and id of its conversation; None where it has none."""
    text: str
    around: tuple[str, ...]
    """Its subject, its other zones, and attributes that are texts."""
    hashes: tuple[str, ...]
    """Of its text and of its passages."""


@dataclass(frozen=True, slots=True)
class Target:
    """What is erased: a customer, or one message."""

    kind: Subject
    """`CUSTOMER` or `MESSAGE`."""
    customer_hash: str | None = None
    key_mark: str | None = None
    """Of the key that made `customer_hash`."""
    source: str | None = None
    """Of the message; None: of whichever source has it."""
    external_ids: tuple[str, ...] = ()
    """The id of the message in each form in which it may be stored."""
    names: tuple[str, ...] = ()
    """The id as it was asked for; it is looked for in notes, and never stored."""


@dataclass(frozen=True, slots=True)
class LearntModel:
    """What a model version keeps of the texts that it learnt from."""

    version: str
    encoder: str
    artefact: bytes
    card: str
    registry_ref: str | None = None
