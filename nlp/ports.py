"""What the jobs need from outside: a store, a source, an encoder, a model registry.

The jobs take these as arguments, so that the same use-cases run under Airflow, on the command
line and in tests with an in-memory fake. `sql` implements the stores on Postgres. Every method
that writes is one transaction; repeating it leaves the same rows.
"""

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol, runtime_checkable

from nlp.lives import (
    AlertState,
    Change,
    Decision,
    Life,
    MergeRecord,
    Moved,
    Seed,
    ShownMessage,
    Subscription,
)
from nlp.records import (
    Alert,
    AlertNotice,
    Assignment,
    Conversation,
    DayTexts,
    Discovery,
    Drift,
    Floats,
    Intent,
    LabelledExample,
    LearntModel,
    Listed,
    Message,
    ModelRecord,
    Passage,
    Prediction,
    PullCounts,
    RawRow,
    ReadConversation,
    Reading,
    Rejected,
    RunReport,
    StoredText,
    Target,
    TicketNote,
    Topic,
    TopicDay,
    TopicEvent,
    Trace,
    Wording,
    WriteBack,
)
from nlp.samples import Pools
from nlp.states import Action, AlertStatus, Kept, ModelDecision, Subject, WriteState


class Source(Protocol):
    """Where messages come from."""

    name: str

    def pull(self, day: dt.date) -> Iterator[RawRow]:
        """Yield every row that the source holds for `day`, in a stable order.

        Raises SourceMissingError where there is nothing yet, SourceError (with name and position)
        where the source cannot be read.
        """
        ...


@runtime_checkable
class DaySource(Source, Protocol):
    """A source of which a day can be delivered again."""

    whole_days: bool
    """Whether what a delivery lacks is gone."""


@runtime_checkable
class Desk(Source, Protocol):
    """A source that reads conversations whole, so that edits and deletions are seen."""

    def changed(self, day: dt.date) -> Iterator[Listed]:
        """Yield the conversations that changed since `day` began; one may come twice.

        Raises SourceError and TransientError, as for `pull`.
        """
        ...

    def look(self, conversation: str) -> Listed | None:
        """Return a conversation by its id, None where the desk has it no more."""
        ...

    def read(self, listed: Listed) -> Conversation | None:
        """Return a conversation with all its messages, None where the desk has it no more."""
        ...

    def write(self, note: TicketNote, *, as_tags: bool) -> WriteState:
        """Write to a ticket and return what became of it; the same note is written once.

        Raises SourceError and TransientError, as for `pull`; it may have arrived then.
        """
        ...


class Encoder(Protocol):
    """Turns texts into vectors."""

    @property
    def name(self) -> str:
        """Names weights and precision; embeddings of different encoders never mix."""
        ...

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        ...

    def encode(self, texts: Sequence[str]) -> Floats:
        """Return (len(texts), dimension), rows of length 1."""
        ...


class EncoderStore(Protocol):
    """Knows which encoder the stored embeddings are of."""

    def precision_in_use(self, weights: str) -> str | None:
        """Precision of the newest passages' embeddings by `weights`; None if there are none."""
        ...


class MessageStore(Protocol):
    def save_pull(
        self,
        *,
        source: str,
        day: dt.date,
        batches: Iterable[tuple[list[Message], list[Rejected]]],
        may_go: Callable[[int, int], None] | None = None,
    ) -> PullCounts:
        """Store one pull: new messages, and the rows that broke the contract.

        A message that is already stored with the same text counts as known. Where its day is
        delivered again, another text is a new version: what was derived of the old one is deleted.
        In the delivery of another day it is quarantined as `id_conflict`, as is a repeat with
        another text within the pull. Messages that an earlier delivery of the day had and this one
        lacks stay. If there is `may_go`, they are deleted, unless more rows than before have no
        id; it takes how many go and how many are stored, and may raise: nothing is changed then.
        The rows in quarantine for this source and day are replaced. Once a message is stored, its
        broken rows leave quarantine for good: pulled again, they count as known. A row that was
        erased, itself or with its customer, is quarantined as `erased`, with nothing that tells of
        it.
        """
        ...

    def other_keys(self, key_mark: str) -> bool:
        """Whether customers were erased under another key of their hash than that of the mark."""
        ...

    def readings(
        self, conversations: Collection[str], *, source: str, day: dt.date
    ) -> dict[str, Reading]:
        """What is known of those conversations of a helpdesk that were read before."""
        ...

    def conversations_on(self, day: dt.date, *, source: str) -> set[str]:
        """The conversations with a stored message that was written on `day`."""
        ...

    def first_read(self, *, source: str) -> dt.date | None:
        """The first day that was ever pulled from a helpdesk."""
        ...

    def save_conversations(
        self, conversations: Sequence[ReadConversation], *, source: str, day: dt.date
    ) -> PullCounts:
        """Store conversations as their helpdesk has them now.

        A message with another text is a new version: what was derived from the old one is deleted,
        and the message keeps its id and the day that it arrived on. A message that is gone is
        deleted with all that was derived from it, and so is one whose row breaks the contract now.
        """
        ...

    def uncut_days(self, *, before: dt.date) -> list[dt.date]:
        """Days before `before` that were cut, and have messages without passages since."""
        ...

    def count_by_day(self, *, since: dt.date, until: dt.date) -> dict[dt.date, int]:
        """Number of messages by arrival day, both ends included; days without any are absent."""
        ...

    def texts_of(
        self,
        *,
        first: dt.date,
        last: dt.date,
        languages: Sequence[str] | None = None,
        most: int | None = None,
    ) -> list[StoredText]:
        """Messages that arrived from `first` to `last` in one of `languages`, sorted by id.

        None means all languages. Of more than `most` messages the first are returned: a fair
        sample, because ids are hashes.
        """
        ...

    def save_passages(
        self, day: dt.date, passages: Sequence[Passage], *, joined_to: Mapping[str, str]
    ) -> None:
        """Replace the passages of the messages that arrived on `day`.

        `joined_to` gives, for each message that is a later turn of a conversation, the message
        that it is counted with: it has no passages of its own. Memberships and predictions of a
        passage that no longer exists are deleted.
        """
        ...

    def unembedded(self, text_hashes: Collection[str], *, encoder: str) -> set[str]:
        """Those of `text_hashes` that `encoder` has not embedded yet."""
        ...

    def save_embeddings(
        self, *, encoder: str, text_hashes: Sequence[str], embeddings: Floats
    ) -> None: ...

    def embeddings_of(self, text_hashes: Sequence[str], *, encoder: str) -> dict[str, Floats]: ...

    def window(
        self,
        *,
        first: dt.date,
        last: dt.date,
        encoder: str,
        languages: Sequence[str],
        only: Collection[str] | None = None,
        after: str | None = None,
        most: int | None = None,
    ) -> DayTexts:
        """Passages that arrived from `first` to `last` and have an embedding, sorted by id.

        `only` are ids of passages. `most` passages at most, those after the passage `after`.
        """
        ...

    def attributes_of(
        self, *, first: dt.date, last: dt.date, only: Collection[str] | None = None
    ) -> dict[str, dict[str, str]]:
        """The attributes of messages that arrived from `first` to `last`, the channel among them.

        By id of the message, then by name; values as text. Messages without any are left out.
        `only` are ids of messages.
        """
        ...

    def unsupported(self, day: dt.date, *, languages: Sequence[str]) -> list[str]:
        """Ids of the day's passages in a language that is not supported."""
        ...


class TopicStore(Protocol):
    def topics_on_eve(self, day: dt.date) -> list[Topic]:
        """The living topics in their state at the end of the eve of `day`, sorted by id."""
        ...

    def topics_of_passages(
        self,
        *,
        day: dt.date,
        first: dt.date,
        only: Collection[str] | None = None,
        of: Collection[int] | None = None,
    ) -> dict[str, int | None]:
        """The topic of each passage that arrived from `first` to `day`, before discovery of `day`.

        Passages before `day` have the topic decided up to the eve, those of `day` the one assigned
        on it. What a person decided about a message applies to all its passages. `only`
        are ids of passages; `of` are the topics whose passages are wanted.
        """
        ...

    def pools(
        self,
        *,
        day: dt.date,
        first: dt.date,
        last: dt.date,
        languages: Sequence[str],
        living: Collection[int],
        most: int,
    ) -> Pools | None:
        """The passages from `first` to `last` of which a sample of `most` is drawn.

        None where these days have no more. Topics are those before discovery of `day`; those not in
        `living` are none. A third of `most` had a topic when they came, more where `last` is not
        `day`, as then no others are wanted; of the others up to five times `most` are returned, as
        many of earlier days as of the last.
        """
        ...

    def save_assignments(self, day: dt.date, assignments: Sequence[Assignment]) -> None: ...

    def save_discovery(self, day: dt.date, discovery: Discovery) -> None:
        """Replace everything that an earlier discovery of `day` wrote."""
        ...

    def recent_events(self, *, first: dt.date, last: dt.date) -> list[tuple[dt.date, TopicEvent]]:
        """The events that the runs of some days caused, in order."""
        ...

    def days_discovered(self, *, before: dt.date) -> list[dt.date]: ...

    def topic_days(self, day: dt.date) -> list[TopicDay]: ...

    def placed_passages(self, *, day: dt.date, first: dt.date) -> set[str]:
        """The passages that arrived from `first` to `day` and whose topic a person decided."""
        ...

    def muted_topics(self) -> set[int]:
        """The topics that a person wants no alerts about."""
        ...


class WordingStore(Protocol):
    """What a language model answered, by what it was asked."""

    def wording(self, key: str) -> Wording | None:
        """The answer to a question, None where it was not asked before."""
        ...

    def save_wording(self, key: str, wording: Wording) -> None: ...

    def labels_by_model(self) -> dict[int, str]:
        """The last label that a language model gave, by topic."""
        ...


class AlertStore(Protocol):
    def recent_alerts(self, *, first: dt.date, last: dt.date) -> list[tuple[dt.date, Alert]]: ...

    def send_alerts(
        self, day: dt.date, channels: Mapping[str, Callable[[AlertNotice], None]]
    ) -> int:
        """Pass each alert of `day` to each channel that it was not sent on; return how many times.

        An alert counts as sent on a channel once that has returned, so a repeated run continues
        with the rest. What was sent on all channels is finished, also for one that is added later.
        A channel that raises stops no other; the first error is raised at the end. Alerts of muted
        topics are not sent.
        """
        ...


class IntentStore(Protocol):
    def examples(self) -> list[LabelledExample]:
        """All labelled examples, sorted by text and intent."""
        ...

    def save_examples(self, examples: Sequence[LabelledExample], *, origin: str) -> int:
        """Add redacted examples; return how many were new."""
        ...

    def taxonomy(self) -> list[Intent]:
        """The active intents, by name."""
        ...

    def corrected(self) -> list[LabelledExample]:
        """The latest correction of each message that has one, by text; the active intents only."""
        ...

    def unlabelled(
        self, *, encoder: str, languages: Sequence[str], most: int
    ) -> tuple[list[str], Floats]:
        """Redacted texts and embeddings of the latest distinct messages without a label."""
        ...

    def save_model(self, model: ModelRecord) -> None:
        """Store a challenger; an already stored version stays unchanged."""
        ...

    def model(self, version: str) -> ModelRecord:
        """Return a stored model. Raises ModelError for an unknown version or a wrong checksum."""
        ...

    def champion_version(self) -> str | None:
        """Version of the model in service, or None before the first."""
        ...

    def champion(self) -> tuple[str, bytes] | None:
        """Version and artefact of the model in service, or None before the first."""
        ...

    def decide(self, version: str, decision: ModelDecision, *, by: str, detail: str = "") -> None:
        """Record a decision; `PROMOTE` and `ROLLBACK` put the model into service at once."""
        ...

    def served_before(self) -> str | None:
        """Version of the model in service before the champion, or None."""
        ...

    def describe_model(
        self, version: str, *, gate: Mapping[str, Any] | None, card: str, registry_ref: str | None
    ) -> None:
        """Add what is known only after training; None leaves the stored value."""
        ...

    def save_predictions(
        self, day: dt.date, *, model_version: str, predictions: Sequence[Prediction]
    ) -> None: ...

    def predictions(
        self, *, first: dt.date, last: dt.date, model_version: str
    ) -> list[tuple[dt.date, str | None, float]]:
        """Day, intent and probability of the messages that arrived from `first` to `last`."""
        ...

    def save_drift(self, drift: Drift) -> None: ...


class WriteBackStore(Protocol):
    def write_back(
        self, day: dt.date, *, source: str, write: Callable[[WriteBack], WriteState]
    ) -> Mapping[WriteState, int]:
        """Pass what is to be written to the tickets of `day`, and what is left of earlier days.

        Each theme and intent of a conversation is passed until `write` has returned another state
        than WAITING. Where it raises, or the process is killed, the next run passes it with
        `is_unsure`. Returns how many got each state.
        """
        ...


class RunStore(Protocol):
    def at_work(self) -> AbstractContextManager[None]:
        """Keep erasures and retention from what a job has read, until it has written.

        Waits while one of them is in progress.
        """
        ...

    def save_run(
        self, report: RunReport, *, settings: Mapping[str, Any], code_version: str
    ) -> None: ...

    def runs_of(self, day: dt.date) -> list[RunReport]: ...


class DecisionStore(Protocol):
    """What a person's decision reads and writes; it contains no rules.

    All of it is one transaction. Whoever opened the store ends it; an error leaves everything
    unchanged.
    """

    def take_turn(self) -> None:
        """Wait until no run writes topics and nobody else decides; held until the end."""
        ...

    def last_day(self) -> dt.date:
        """The day that decisions are recorded under: the last one that was discovered."""
        ...

    def lives(self, topic_ids: Collection[int]) -> dict[int, Life]:
        """Those topics that exist, and all that they were merged into, up to the heir."""
        ...

    def lives_called(self, label: str) -> list[Life]:
        """The topics that have a label, ignoring case."""
        ...

    def least_id(self, *, first: int, last: int) -> int | None:
        """The smallest id of a topic from `first` to `last`, None where there is none."""
        ...

    def carried(self, merge: MergeRecord) -> list[str]:
        """The messages that a run's merge moved and no later run decided about, sorted."""
        ...

    def shown(self, message_ids: Sequence[str]) -> list[ShownMessage]:
        """The current topics and intents of messages; those that do not exist are missing."""
        ...

    def members(self, topic_id: int, *, most: int) -> list[str]:
        """The latest messages of a topic and of those merged into it."""
        ...

    def embedded(self, message_ids: Sequence[str]) -> tuple[list[str], Floats]:
        """Ids, sorted, and embeddings (n, d), by the encoder that embedded most of the messages.

        Messages without one are missing.
        """
        ...

    def example_texts(self, topic_id: int, *, min_strength: float, most: int) -> dict[str, str]:
        """The latest distinct redacted texts of a topic, by hash.

        Messages that fit it less than `min_strength`, or whose intent was corrected, do not count.
        """
        ...

    def intents(self) -> dict[str, bool]:
        """Each intent, and whether it is active."""
        ...

    def has_examples(self, intent: str) -> bool:
        """Whether any labelled example has the intent."""
        ...

    def is_used(self, intent: str) -> bool:
        """Whether any labelled example, or any correction of a message, has the intent."""
        ...

    def description(self, intent: str) -> str:
        """What an intent covers, empty where nobody wrote it down."""
        ...

    def alert(self, alert_id: str) -> AlertState | None: ...

    def decision(self, number: int) -> Decision | None: ...

    def step(self, number: int) -> list[Decision]:
        """The further decisions of the step that a decision began, the last first."""
        ...

    def last_decision(
        self,
        *,
        topic_id: int | None = None,
        message_id: str | None = None,
        intent: str | None = None,
    ) -> Decision | None:
        """The decision about a message, an intent, or else a topic, made or undone last.

        Notes and decisions about alerts do not count.
        """
        ...

    def decided_since(
        self,
        number: int,
        *,
        actions: Collection[Action],
        topic_id: int | None,
        message_id: str | None,
        intents: Collection[str] = (),
    ) -> Decision | None:
        """A later decision, not undone, with one of `actions` about the same topic or message, or
        one of `intents`.
        """
        ...

    def save(
        self, change: Change, *, actor: str, day: dt.date, seed: Seed | None = None
    ) -> list[str]:
        """Store a change; return the ids of the corrections that place its messages.

        `seed` is that of the topic that the change creates.
        """
        ...

    def log(self, decision: Decision) -> int:
        """Record who decided what; return its number."""
        ...

    def mark_undone(self, number: int, *, actor: str) -> None: ...

    def add_days(self, topic_id: int, *, since: dt.date) -> None:
        """Add the days that a topic missed while it was merged, with no messages."""
        ...

    def save_intent(self, name: str, *, description: str) -> None:
        """Add an intent, or make an existing one active again."""
        ...

    def set_active(self, intent: str, *, active: bool) -> None: ...

    def describe_intent(self, name: str, *, description: str) -> None: ...

    def move_intent(self, intent: str, name: str) -> Moved:
        """Give the examples and corrections of an intent the name of another; texts that are
        examples of both stay.
        """
        ...

    def move_back(self, decision: Decision) -> None:
        """Give what `move_intent` moved, as a decision recorded it, its intent again."""
        ...

    def save_texts(self, texts: Mapping[str, str], *, intent: str, number: int) -> None:
        """Store texts, by hash, as labelled examples of a decision; undoing it removes them."""
        ...

    def set_alert(self, alert_id: str, status: AlertStatus, *, actor: str) -> None: ...

    def assign_alert(self, alert_id: str, person: str | None) -> None: ...

    def snooze_alert(self, alert_id: str, until: dt.date | None) -> None: ...

    def people(self) -> set[str]:
        """Everybody who decided something, has an alert, or subscribes to some."""
        ...

    def subscribe(self, wanted: Subscription) -> None:
        """Add a subscription, or change the address of the one that there is."""
        ...


class ErasureStore(Protocol):
    """What an erasure reads and writes.

    All of it is one transaction. Whoever opened the store ends it; an error leaves everything
    unchanged.
    """

    def take_turn(self, *, seconds: int) -> None:
        """Wait until no job is at work and nobody decides; held until the end.

        Raises BusyError after `seconds`.
        """
        ...

    def key_marks(self) -> set[str]:
        """The marks of the keys under which customers were stored."""
        ...

    def sources_of(self, external_ids: Sequence[str]) -> list[str]:
        """The sources that have a message, or a row in quarantine, of one of these ids."""
        ...

    def barred_on(self, target: Target, message_ids: Sequence[str]) -> dt.datetime | None:
        """When the customer, or one of these messages, was erased last; None where never."""
        ...

    def traces(self, target: Target) -> list[Trace]:
        """The messages to erase, sorted by id.

        Those of a customer, and those of the customer's conversations that name no customer.
        """
        ...

    def unused(self, message_ids: Sequence[str], text_hashes: Collection[str]) -> set[str]:
        """Those of `text_hashes` that are of no message and no passage but of these messages."""
        ...

    def vectors_of(self, text_hashes: Collection[str]) -> dict[str, Floats]:
        """The embeddings of texts, by encoder of a stored model: (n, d), or (0, 0)."""
        ...

    def delete(
        self, target: Target, message_ids: Sequence[str], text_hashes: Collection[str]
    ) -> dict[str, int]:
        """Delete these messages, and what was derived from them and from texts of these hashes that
        nobody else has, and the rows in quarantine; return how many rows changed, by table.

        Counts of past days stay.
        """
        ...

    def strings(self) -> set[str]:
        """What people and runs wrote about topics, messages, intents and models."""
        ...

    def unsaid(self, phrases: Collection[str]) -> set[str]:
        """Those of `phrases` that no stored message and no labelled example says."""
        ...

    def blank(self, strings: Collection[str]) -> dict[str, int]:
        """Replace `strings` wherever one stands; return how many rows changed, by table.

        A topic without its label is unnamed until a run names it.
        """
        ...

    def models(self) -> list[LearntModel]:
        """All model versions, sorted by version."""
        ...

    def save_model(self, model: LearntModel) -> None:
        """Replace the artefact of a version."""
        ...

    def expire(self, kind: Kept, *, before: dt.date, most: int) -> int:
        """Delete at most `most` rows of a kind that are of days before `before`; return how many.

        Messages go by arrival and take with them what was derived; counts of past days stay.
        """
        ...

    def forget_customers(self, *, before: dt.date, salt: str) -> int:
        """Replace who wrote on days before `before` by what tells nothing of them.

        Two days of one customer stay those of one, where `salt` is the same.
        """
        ...

    def drop_months(self, *, before: dt.date) -> int:
        """Drop partitions of months that ended before `before` and have no message; how many."""
        ...

    def bar(
        self,
        target: Target,
        ids: Mapping[Subject, Collection[str]],
        *,
        actor: str,
        counts: Mapping[str, int],
    ) -> int:
        """Keep hashes of `ids`, so that ingestion turns them away; record the erasure.

        Messages are known by `message_id`, customers by their hash. Returns the erasure's number.
        """
        ...


class Store(
    MessageStore,
    TopicStore,
    WordingStore,
    AlertStore,
    IntentStore,
    WriteBackStore,
    RunStore,
    Protocol,
):
    """Everything that the jobs read and write."""


class Tracker(Protocol):
    """Where trainings are recorded and models registered."""

    def log(self, model: ModelRecord, trained: Any, *, card: str) -> str:
        """Record a training (`nlp.intents.training.Trained`) and register its model.

        Returns its reference in the registry. Raises RegistryError where it cannot be reached.
        """
        ...

    def replace(self, model: LearntModel) -> None:
        """Replace the artefact and the card of a registered model. Raises RegistryError."""
        ...

    def mark_champion(self, reference: str) -> None:
        """Point the alias `champion` to that model. Raises RegistryError."""
        ...
