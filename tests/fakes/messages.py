"""A source, and a store of messages and runs, in memory."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from nlp.errors import SourceMissingError
from nlp.records import (
    DayTexts,
    Floats,
    Message,
    Passage,
    PullCounts,
    RawRow,
    Rejected,
    RunReport,
    StoredText,
)
from nlp.states import Subject, Violation
from nlp.text.own import message_id
from nlp.topics.segments import values_of


@dataclass
class MemorySource:
    """`nlp.ports.Source` of rows that a test gives, by day."""

    name: str
    rows: dict[dt.date, list[RawRow]]
    whole_days: bool = False

    def pull(self, day: dt.date) -> Iterator[RawRow]:
        if day not in self.rows:
            raise SourceMissingError(f"Source {self.name!r} has nothing for {day}")
        yield from self.rows[day]


@dataclass
class MemoryMessages:
    """`nlp.ports.MessageStore`."""

    messages: dict[str, Message] = field(default_factory=dict)
    quarantine: list[Rejected] = field(default_factory=list)
    passages: dict[str, Passage] = field(default_factory=dict)
    joined_to: dict[str, str] = field(default_factory=dict)
    """The first message of the conversation, by later turn of one day."""
    embeddings: dict[tuple[str, str], Floats] = field(default_factory=dict)
    """By encoder and hash."""
    batch_sizes: list[int] = field(default_factory=list)
    tombstones: dict[tuple[Subject, str], str | None] = field(default_factory=dict)
    """The mark of the key of each erased message, customer and conversation."""

    def save_pull(
        self,
        *,
        source: str,
        day: dt.date,
        batches: Iterable[tuple[list[Message], list[Rejected]]],
        may_go: Callable[[int, int], None] | None = None,
    ) -> PullCounts:
        """All or nothing, like a transaction: nothing changes until every batch has arrived."""
        pulled: list[Message] = []
        rejected: list[Rejected] = []
        self.batch_sizes = []
        for messages, turned_away in batches:
            self.batch_sizes.append(len(messages) + len(turned_away))
            pulled += messages
            rejected += turned_away
        n_rejected = len(rejected)
        rejected = [_bare(r) if self._is_barred(r) else r for r in rejected]
        rejected += [_bare(_conflict(m)) for m in pulled if self._is_barred(m)]
        n_pulled = len(pulled) + n_rejected
        pulled = [m for m in pulled if not self._is_barred(m)]
        n_missing, n_gone = self._without(source, day, pulled, rejected, may_go)
        new, changed = self._versions(day, pulled)
        standing = self.messages | new | changed
        conflicts = [_conflict(m) for m in pulled if not _same(standing[m.message_id], m)]
        n_known = len(pulled) - len(new) - len(conflicts)
        reworded = [m for i, m in changed.items() if _says(m) != _says(self.messages[i])]
        for message in reworded:
            self._drop(message.message_id)
        self.messages = standing
        stored = {m.external_id for m in self.messages.values() if m.source == source}
        broken = [r for r in rejected if r.external_id not in stored]
        healed = {message.external_id for message in new.values()}
        self.quarantine = [
            r
            for r in self.quarantine
            if r.source != source or (r.arrived_on != day and r.external_id not in healed)
        ] + [*broken, *conflicts]
        return PullCounts(
            n_pulled=n_pulled,
            n_stored=len(new),
            n_known=n_known + len(rejected) - len(broken),
            n_quarantined=len(broken) + len(conflicts),
            n_late=sum(m.day < m.arrived_on for m in new.values()),
            n_changed=len(reworded),
            n_gone=n_gone,
            n_missing=n_missing,
        )

    def _versions(
        self, day: dt.date, pulled: Sequence[Message]
    ) -> tuple[dict[str, Message], dict[str, Message]]:
        """The new messages, and the new versions of those that an earlier delivery had."""
        new: dict[str, Message] = {}
        changed: dict[str, Message] = {}
        for message in pulled:
            stored = self.messages.get(message.message_id)
            if stored is None:
                new.setdefault(message.message_id, message)
            elif stored.arrived_on == day:
                standing = changed.setdefault(message.message_id, message)
                if _same(stored, message) and not _same(stored, standing):
                    changed[message.message_id] = message
        return new, changed

    def _without(
        self,
        source: str,
        day: dt.date,
        pulled: Sequence[Message],
        rejected: Sequence[Rejected],
        may_go: Callable[[int, int], None] | None,
    ) -> tuple[int, int]:
        """How many messages the delivery lacks and keeps, and how many it lacks and loses."""
        delivered = {m.external_id for m in pulled} | {r.external_id for r in rejected}
        own = [m for m in self.messages.values() if (m.source, m.arrived_on) == (source, day)]
        lacking = [m for m in own if m.external_id not in delivered]
        before = [r for r in self.quarantine if (r.source, r.arrived_on) == (source, day)]
        if may_go is None or _n_without_id(rejected) > _n_without_id(before):
            return len(lacking), 0
        may_go(len(lacking), len(own))
        for message in lacking:
            del self.messages[message.message_id]
            self._drop(message.message_id)
        return 0, len(lacking)

    def _drop(self, message_id: str) -> None:
        self.passages = {i: p for i, p in self.passages.items() if p.message_id != message_id}

    def _is_barred(self, one: Message | Rejected) -> bool:
        own = one.external_id and message_id(one.source, one.external_id)
        talk = getattr(one, "conversation_id", None)
        keys = {(Subject.MESSAGE, own), (Subject.CUSTOMER, one.customer_hash)}
        if talk and one.customer_hash is None:
            keys.add((Subject.CONVERSATION, f"{one.source} {talk}"))
        return bool(keys & self.tombstones.keys())

    def other_keys(self, key_mark: str) -> bool:
        return any(mark not in (None, key_mark) for mark in self.tombstones.values())

    def count_by_day(self, *, since: dt.date, until: dt.date) -> dict[dt.date, int]:
        days = (m.arrived_on for m in self.messages.values() if since <= m.arrived_on <= until)
        return dict(sorted(Counter(days).items()))

    def texts_of(
        self,
        *,
        first: dt.date,
        last: dt.date,
        languages: Sequence[str] | None = None,
        most: int | None = None,
    ) -> list[StoredText]:
        result = [
            StoredText(
                m.message_id,
                m.text,
                m.arrived_on,
                m.created_at,
                m.conversation_id and f"{m.source} {m.conversation_id}",
            )
            for _, m in sorted(self.messages.items())
            if first <= m.arrived_on <= last and (languages is None or m.language in languages)
        ]
        return result[:most]

    def save_passages(
        self, day: dt.date, passages: Sequence[Passage], *, joined_to: Mapping[str, str]
    ) -> None:
        kept = {p.passage_id: p for p in self.passages.values() if self._arrived(p) != day}
        self.passages = kept | {p.passage_id: p for p in passages}
        earlier = {i: m for i, m in self.joined_to.items() if self.messages[i].arrived_on != day}
        self.joined_to = earlier | dict(joined_to)

    def unembedded(self, text_hashes: Collection[str], *, encoder: str) -> set[str]:
        return {h for h in text_hashes if (encoder, h) not in self.embeddings}

    def save_embeddings(
        self, *, encoder: str, text_hashes: Sequence[str], embeddings: Floats
    ) -> None:
        for text_hash, row in zip(text_hashes, embeddings, strict=True):
            self.embeddings.setdefault((encoder, text_hash), row)

    def precision_in_use(self, weights: str) -> str | None:
        hashes = {p.text_hash for p in self.passages.values()}
        known = {n for n, h in self.embeddings if n.startswith(f"{weights}/") and h in hashes}
        return min(known).split("/")[1] if known else None

    def embeddings_of(self, text_hashes: Sequence[str], *, encoder: str) -> dict[str, Floats]:
        return {
            h: row
            for h in sorted(set(text_hashes))
            if (row := self.embeddings.get((encoder, h))) is not None
        }

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
        result = [
            (p, m)
            for _, p in sorted(self.passages.items())
            if first <= (m := self.messages[p.message_id]).arrived_on <= last
            and m.language in languages
            and (encoder, p.text_hash) in self.embeddings
            and (only is None or p.passage_id in only)
            and (after is None or p.passage_id > after)
        ][:most]
        rows = [self.embeddings[encoder, p.text_hash] for p, _ in result]
        return DayTexts(
            passage_ids=[p.passage_id for p, _ in result],
            message_ids=[m.message_id for _, m in result],
            texts=[p.text for p, _ in result],
            arrived_on=[m.arrived_on for _, m in result],
            sources=[m.source for _, m in result],
            embeddings=np.stack(rows) if rows else np.zeros((0, 0), dtype=np.float32),
            customers=[m.customer_hash or m.message_id for _, m in result],
        )

    def attributes_of(
        self, *, first: dt.date, last: dt.date, only: Collection[str] | None = None
    ) -> dict[str, dict[str, str]]:
        result = {
            i: values_of(m.channel, m.attributes)
            for i, m in self.messages.items()
            if first <= m.arrived_on <= last and (only is None or i in only)
        }
        return {i: values for i, values in result.items() if values}

    def unsupported(self, day: dt.date, *, languages: Sequence[str]) -> list[str]:
        return sorted(
            p.passage_id
            for p in self.passages.values()
            if self._arrived(p) == day and self.messages[p.message_id].language not in languages
        )

    def _arrived(self, passage: Passage) -> dt.date:
        return self.messages[passage.message_id].arrived_on


@dataclass
class MemoryRuns:
    """`nlp.ports.RunStore`."""

    runs: dict[tuple[str, dt.date], RunReport] = field(default_factory=dict)
    n_at_work: int = 0
    run_settings: dict[tuple[str, dt.date], Mapping[str, Any]] = field(default_factory=dict)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        self.n_at_work += 1
        try:
            yield
        finally:
            self.n_at_work -= 1

    def save_run(
        self, report: RunReport, *, settings: Mapping[str, Any], code_version: str
    ) -> None:
        self.runs[report.job, report.day] = report
        self.run_settings[report.job, report.day] = settings

    def runs_of(self, day: dt.date) -> list[RunReport]:
        return [self.runs[key] for key in sorted(self.runs) if key[1] == day]


def _same(one: Message, other: Message) -> bool:
    return (one.text_hash, one.created_at) == (other.text_hash, other.created_at)


def _says(message: Message) -> tuple[object, ...]:
    return message.text, message.zones, message.subject, message.author


def _n_without_id(rows: Iterable[Rejected]) -> int:
    return sum(r.external_id is None and r.reason != Violation.ERASED for r in rows)


def _bare(one: Rejected) -> Rejected:
    return replace(
        one, reason=Violation.ERASED, detail="It was erased", excerpt="", external_id=None,
        customer_hash=None,
    )  # fmt: skip


def _conflict(message: Message) -> Rejected:
    return Rejected(
        source=message.source,
        external_id=message.external_id,
        arrived_on=message.arrived_on,
        position="",
        reason=Violation.ID_CONFLICT,
        detail="The id is stored already with another text or time",
        excerpt=message.text[:200],
    )
