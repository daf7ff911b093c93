"""What the jobs need of the world outside: a store, a source, an encoder, a classifier.

The jobs take these as arguments, so that the same use-cases run under Airflow, on the command
line and in tests with an in-memory fake. `sql` implements the stores on Postgres. Every method
that writes is one transaction and may be repeated: it leaves the same rows.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from nlp.records import (
    Alert,
    Assignment,
    DayTexts,
    Discovery,
    Floats,
    LabelledExample,
    Message,
    Prediction,
    PullCounts,
    RawRow,
    Rejected,
    RunReport,
    Topic,
    TopicDay,
    TopicEvent,
)


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

    def daily_counts(self, *, first: dt.date, last: dt.date) -> dict[int, dict[dt.date, int]]:
        """Messages by topic and day of arrival, as decided up to `last`; empty days are absent."""
        ...

    def recent_alerts(self, *, first: dt.date, last: dt.date) -> list[tuple[dt.date, Alert]]: ...

    def save_assignments(self, day: dt.date, assignments: Sequence[Assignment]) -> None: ...

    def save_discovery(self, day: dt.date, discovery: Discovery) -> None:
        """Replace all that the discovery of `day` ever wrote."""
        ...

    def recent_events(self, *, first: dt.date, last: dt.date) -> list[tuple[dt.date, TopicEvent]]:
        """What the runs of some days made of the topics, in order."""
        ...

    def days_discovered(self, *, before: dt.date) -> list[dt.date]: ...

    def topic_days(self, day: dt.date) -> list[TopicDay]: ...

    def muted_topics(self) -> set[int]:
        """The topics that a person wants no alerts about."""
        ...


class IntentStore(Protocol):
    def examples(self) -> list[LabelledExample]:
        """All labelled examples, sorted by text and intent."""
        ...

    def save_examples(self, examples: Sequence[LabelledExample], *, origin: str) -> int:
        """Add redacted examples, return how many were new."""
        ...

    def save_model(
        self,
        *,
        version: str,
        encoder: str,
        artefact: bytes,
        metrics: Mapping[str, float],
        make_champion: bool,
    ) -> None: ...

    def champion(self) -> tuple[str, bytes] | None:
        """Version and artefact of the model in service, or None before the first."""
        ...

    def save_predictions(
        self, day: dt.date, *, model_version: str, predictions: Sequence[Prediction]
    ) -> None: ...


class RunStore(Protocol):
    def save_run(
        self, report: RunReport, *, settings: Mapping[str, Any], code_version: str
    ) -> None: ...

    def runs_of(self, day: dt.date) -> list[RunReport]: ...


class Store(MessageStore, TopicStore, IntentStore, RunStore, Protocol):
    """Everything the jobs need kept."""
