"""Pull one day from a helpdesk: conversations that changed, each as it is now.

Conversations are stored by small batches, each with the version that was read. A run that was
killed therefore continues: what it has read and has not changed since is not asked for again. A day
that was finished and is pulled again reads everything again.
"""

import datetime as dt
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, fields, replace
from itertools import islice

from nlp.crossings import crossing
from nlp.errors import SourceError
from nlp.jobs.ingest import Gate, IngestStore, KeyMark
from nlp.jobs.record import record_run
from nlp.ports import Desk
from nlp.records import (
    Conversation,
    Listed,
    PullCounts,
    RawRow,
    ReadConversation,
    Reading,
    RunReport,
)
from nlp.settings import Settings
from nlp.text.contract import external_id_of, key_mark

_BATCH = 5
"""Conversations of one transaction: what a killed run has to ask for again at most."""


def ingest_desk(store: IngestStore, desk: Desk, day: dt.date, *, settings: Settings) -> RunReport:
    """Store what `desk` holds for `day` and what changed of earlier days; see `ingest_day`.

    Raises SourceError or TransientError where the desk fails; what was read until then stays.
    """
    started = time.perf_counter()
    pull = _Pull(store, desk, day, settings=settings)
    pull.run()
    extra = {"n_read": pull.n_read, "n_attachments": pull.n_attachments,
             "n_wordless": pull.n_wordless}  # fmt: skip
    report = RunReport(
        job=f"ingest:{desk.name}",
        day=day,
        counts={**asdict(pull.counts), **extra},
        seconds={"pull": pull.gate.seconds_pull, "total": time.perf_counter() - started},
    )
    key = KeyMark(mark=key_mark(pull.gate.hash_key))
    return record_run(store, report, settings=settings, customer_key=key)


class _Pull:
    """One pull of one day."""

    def __init__(self, store: IngestStore, desk: Desk, day: dt.date, *, settings: Settings) -> None:
        self.store, self.desk, self.day, self.zone = store, desk, day, settings.zone
        self.gate = Gate(desk.name, day, settings=settings)
        began = store.first_read(source=desk.name)
        self.first = min(day, began) if began else day
        self.counts = PullCounts(0, 0, 0, 0)
        self.seen: dict[str, str] = {}
        """Version of each conversation that the desk named."""
        self.vanished: list[Listed] = []
        self.n_read = self.n_attachments = self.n_wordless = 0

    def run(self) -> None:
        """Read and store what changed, then what the desk names no more."""
        listing = self._timed(self.desk.changed(self.day))
        while batch := list(islice(listing, _BATCH)):
            self._save(self._read(self._wanted(batch)))
        stored = self.store.conversations_on(self.day, source=self.desk.name)
        for idents in _batches(sorted(stored - self.seen.keys())):
            self._save(self._read(self._looked_at(idents)))
        if self.vanished and not self.n_read and not self.counts.n_known:
            raise SourceError(
                f"Source {self.desk.name!r}: the desk names {len(self.vanished)} conversations, "
                "but answers 404 to each. Correct the source's address and description"
            )
        self._save([self._gone(listed) for listed in self.vanished])

    def _wanted(self, batch: Iterable[Listed]) -> Iterator[Listed]:
        """Yield the conversations of a batch that must be read; count what is stored of others."""
        new = {}
        for listed in batch:
            key = self._known_as(listed.conversation)
            if not listed.conversation or self.seen.get(key) != listed.version:
                new[key] = listed
            self.seen[key] = listed.version
        known = self.store.readings(new, source=self.desk.name, day=self.day)
        for key, listed in new.items():
            if listed.created_on and listed.created_on > self.day:
                continue
            reading = known.get(key)
            if reading and not listed.is_gone and self._is_enough(reading, listed):
                self._count_known(reading)
            else:
                yield listed

    def _is_enough(self, reading: Reading, listed: Listed) -> bool:
        is_same = bool(listed.version) and reading.version == listed.version
        holds_day = reading.is_whole or reading.last_day >= self.day
        return is_same and reading.is_fresh and holds_day and reading.first_day <= self.first

    def _count_known(self, reading: Reading) -> None:
        n, broken = reading.n_messages, reading.n_quarantined
        self.counts = _sum(self.counts, PullCounts(n + broken, 0, n, broken))

    def _looked_at(self, stored: Iterable[str]) -> Iterator[Listed]:
        """Yield stored conversations that the desk did not name, as it has them now.

        One whose id was replaced, because it was personal data, cannot be asked for and stays.
        """
        for ident in stored:
            if self._known_as(ident) != ident:
                continue
            listed = self.desk.look(ident)
            yield listed or Listed(ident, "", None, is_gone=True, record={})

    def _read(self, wanted: Iterable[Listed]) -> list[ReadConversation]:
        gathered = []
        for listed in wanted:
            read = None if listed.is_gone else self.desk.read(listed)
            if read is not None:
                self.n_read += 1
                gathered.append(self._checked(read))
            elif listed.is_gone:
                gathered.append(self._gone(listed))
            else:
                self.vanished.append(listed)
        return gathered

    def _checked(self, read: Conversation) -> ReadConversation:
        """Return a conversation with its rows checked and redacted, as far as they are of the days.

        Rows of later days are left to their own runs, rows from before the first day are history.
        """
        raw = read.listed.conversation
        ident = self._known_as(raw)
        rows = [_positioned(row, raw, ident) for row in read.rows]
        days = [self._day_of(row) for row in rows]
        ours = [r for r, d in zip(rows, days, strict=True) if self._is_ours(d)]
        messages, rejected = self.gate.pass_through(ours)
        broken = {r.external_id for r in rejected}
        kept = {self._known_as(e) for row in rows if (e := external_id_of(row))} - broken
        self.n_attachments += read.n_attachments
        self.n_wordless += read.n_wordless
        return ReadConversation(
            conversation_id=ident,
            version=read.listed.version,
            first_day=self.first,
            last_day=self.day,
            is_whole=not any(d is not None and d > self.day for d in days),
            position=_position(ident),
            kept=frozenset(kept),
            messages=tuple(replace(m, conversation_id=ident or None) for m in messages),
            rejected=tuple(rejected),
        )

    def _gone(self, listed: Listed) -> ReadConversation:
        ident = self._known_as(listed.conversation)
        return ReadConversation(
            ident, "", self.first, self.day, is_whole=True,
            position=_position(ident), is_gone=True,
        )  # fmt: skip

    def _save(self, conversations: list[ReadConversation]) -> None:
        if conversations:
            counts = self.store.save_conversations(
                conversations, source=self.desk.name, day=self.day
            )
            self.counts = _sum(self.counts, counts)
            crossing(
                "desk.saved",
                "Conversations are stored whole with their version: the rest is asked for again.",
            )

    def _known_as(self, ident: str) -> str:
        return self.gate.known_as(ident) if ident else ""

    def _is_ours(self, day: dt.date | None) -> bool:
        return day is None or self.first <= day <= self.day

    def _day_of(self, row: RawRow) -> dt.date | None:
        value = row.fields.get("created_at")
        try:
            return value.astimezone(self.zone).date() if isinstance(value, dt.datetime) else None
        except OverflowError:
            return None

    def _timed(self, listing: Iterator[Listed]) -> Iterator[Listed]:
        while True:
            started = time.perf_counter()
            listed = next(listing, None)
            self.gate.seconds_pull += time.perf_counter() - started
            if listed is None:
                return
            yield listed


def _position(ident: str) -> str:
    return f"conversation {ident}, " if ident else "listing"


def _positioned(row: RawRow, raw: str, ident: str) -> RawRow:
    """Return a row whose position does not quote an id that is personal data."""
    if raw == ident:
        return row
    return replace(row, position=_position(ident) + row.position.removeprefix(_position(raw)))


def _sum(one: PullCounts, other: PullCounts) -> PullCounts:
    names = [f.name for f in fields(PullCounts)]
    return PullCounts(**{n: getattr(one, n) + getattr(other, n) for n in names})


def _batches(values: list[str]) -> Iterator[list[str]]:
    rest = iter(values)
    while batch := list(islice(rest, _BATCH)):
        yield batch
