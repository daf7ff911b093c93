"""What the jobs need of the world outside: a store, a source, an encoder, a classifier.

The jobs take these as arguments, so that the same use-cases run under Airflow, on the command
line and in tests with an in-memory fake. `sql` implements the stores on Postgres. Every method
that writes is one transaction and may be repeated: it leaves the same rows.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from nlp.records import (
    Alert,
    AlertNotice,
    Assignment,
    DayTexts,
    Discovery,
    Drift,
    Floats,
    Intent,
    LabelledExample,
    Message,
    ModelRecord,
    Prediction,
    PullCounts,
    RawRow,
    Rejected,
    RunReport,
    Topic,
    TopicDay,
    TopicEvent,
)
from nlp.states import ModelDecision


class Source(Protocol):
    """Where messages come from; a helpdesk's API is one more class with these two members."""

    name: str

    def pull(self, day: dt.date) -> Iterator[RawRow]:
        """Yield every row that the source holds for `day`, in a stable order.

        Raises SourceMissingError where there is nothing yet, SourceError (with name and
        position) where it cannot be read.
        """
        ...


class Encoder(Protocol):
    """Turns texts into vectors."""

    @property
    def name(self) -> str:
        """Names weights and precision; embeddings of different names never mix."""
        ...

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        ...

    def encode(self, texts: Sequence[str]) -> Floats:
        """Return (len(texts), dimension), rows of length 1."""
        ...


class MessageStore(Protocol):
    def save_pull(
        self,
        *,
        source: str,
        day: dt.date,
        batches: Iterable[tuple[list[Message], list[Rejected]]],
    ) -> PullCounts:
        """Store one pull: new messages, and the rows that broke the contract.

        A message that is stored already with the same text counts as known; one with another
        text is quarantined as `id_conflict`, like a repeat within the pull with another text.
        What stood in quarantine for this source and day is replaced. A stored message takes its
        own broken rows out of quarantine for good: pulled again, they count as known.
        """
        ...

    def count_by_day(self, *, since: dt.date, until: dt.date) -> dict[dt.date, int]:
        """Messages by the day they arrived on, both ends included; days without any are absent."""
        ...

    def texts_without_embedding(
        self, day: dt.date, *, encoder: str, languages: Sequence[str], shard: int, n_shards: int
    ) -> list[tuple[str, str]]:
        """Distinct (text_hash, redacted text) of the day that `encoder` has not embedded yet.

        Sorted by text_hash; the shard of a text depends on its hash alone.
        """
        ...

    def save_embeddings(
        self, *, encoder: str, text_hashes: Sequence[str], embeddings: Floats
    ) -> None: ...

    def embeddings_of(self, text_hashes: Sequence[str], *, encoder: str) -> dict[str, Floats]: ...

    def window(
        self, *, first: dt.date, last: dt.date, encoder: str, languages: Sequence[str]
    ) -> DayTexts:
        """Messages that arrived from `first` to `last` and have an embedding, by message_id."""
        ...

    def unsupported(self, day: dt.date, *, languages: Sequence[str]) -> list[str]:
        """Ids of the day's messages in a language that is not supported."""
        ...


class TopicStore(Protocol):
    def topics_on_eve(self, day: dt.date) -> list[Topic]:
        """The living topics as they stood at the end of the last day before `day`, by id."""
        ...

    def topics_of_messages(self, *, day: dt.date, first: dt.date) -> dict[str, int | None]:
        """The topic of each message that arrived from `first` to `day`, as discovery finds them.

        For messages before `day` as decided up to the eve, for those of `day` as assigned on it.
        """
        ...

    def save_assignments(self, day: dt.date, assignments: Sequence[Assignment]) -> None: ...

    def save_discovery(self, day: dt.date, discovery: Discovery) -> None:
        """Replace all that the discovery of `day` ever wrote."""
        ...

    def recent_events(self, *, first: dt.date, last: dt.date) -> list[tuple[dt.date, TopicEvent]]:
        """What the runs of some days made of the topics, in order."""
        ...

    def days_discovered(self, *, before: dt.date) -> list[dt.date]: ...

    def topic_days(self, day: dt.date) -> list[TopicDay]: ...

    def placed_messages(self, *, day: dt.date, first: dt.date) -> set[str]:
        """The messages that arrived from `first` to `day` whose topic is a person's decision."""
        ...

    def muted_topics(self) -> set[int]:
        """The topics that a person wants no alerts about."""
        ...


class AlertStore(Protocol):
    def recent_alerts(self, *, first: dt.date, last: dt.date) -> list[tuple[dt.date, Alert]]: ...

    def send_alerts(self, day: dt.date, send: Callable[[AlertNotice], None]) -> int:
        """Hand each alert of `day` that was not sent yet to `send`; return how many.

        An alert counts as sent when `send` returned: a run that dies or fails between goes on with
        the rest when it is repeated. Alerts of muted topics are not sent.
        """
        ...


class IntentStore(Protocol):
    def examples(self) -> list[LabelledExample]:
        """All labelled examples, sorted by text and intent."""
        ...

    def save_examples(self, examples: Sequence[LabelledExample], *, origin: str) -> int:
        """Add redacted examples, return how many were new."""
        ...

    def taxonomy(self) -> list[Intent]:
        """The active intents, by name."""
        ...

    def corrected(self) -> list[LabelledExample]:
        """The latest correction of each message that has one, by text; the active intents only."""
        ...

    def correct(self, message_id: str, intent: str, *, by: str, note: str = "") -> None:
        """Record what a person says of a message. Raises LabelError where either is unknown."""
        ...

    def unlabelled(
        self, *, encoder: str, languages: Sequence[str], most: int
    ) -> tuple[list[str], Floats]:
        """Redacted texts and embeddings of the latest distinct messages that nobody labelled."""
        ...

    def save_model(self, model: ModelRecord) -> None:
        """Store a challenger; a version that is stored already stays as it is."""
        ...

    def model(self, version: str) -> ModelRecord:
        """Raises ModelError where there is none, or where its checksum does not fit."""
        ...

    def champion_version(self) -> str | None:
        """The model in service, or None before the first."""
        ...

    def champion(self) -> tuple[str, bytes] | None:
        """Version and artefact of the model in service, or None before the first."""
        ...

    def decide(self, version: str, decision: ModelDecision, *, by: str, detail: str = "") -> None:
        """Record a decision; `promote` and `rollback` put the model into service at once."""
        ...

    def served_before(self) -> str | None:
        """The version that was in service before the champion, or None."""
        ...

    def describe_model(
        self, version: str, *, gate: Mapping[str, Any] | None, card: str, registry_ref: str | None
    ) -> None:
        """Add what is known only after training; None leaves what is there."""
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


class RunStore(Protocol):
    def save_run(
        self, report: RunReport, *, settings: Mapping[str, Any], code_version: str
    ) -> None: ...

    def runs_of(self, day: dt.date) -> list[RunReport]: ...


class Store(MessageStore, TopicStore, AlertStore, IntentStore, RunStore, Protocol):
    """Everything the jobs need kept."""


class Tracker(Protocol):
    """Where trainings are recorded and models registered."""

    def log(self, model: ModelRecord, trained: Any, *, card: str) -> str:
        """Record a training (`nlp.intents.training.Trained`) and register its model.

        Returns its reference in the registry. Raises RegistryError where it cannot be reached.
        """
        ...

    def crown(self, reference: str) -> None:
        """Let the alias `champion` point to that model. Raises RegistryError."""
        ...
