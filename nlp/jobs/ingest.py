"""Pull one day from one source: check, redact and normalise rows, store or quarantine them."""

import datetime as dt
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from itertools import islice
from typing import Any, Protocol

from pydantic import BaseModel

from nlp.crossings import crossing
from nlp.errors import PartialDayError, SettingError, TriageError
from nlp.jobs.at_work import at_work
from nlp.jobs.record import record_run
from nlp.ports import DaySource, Desk, MessageStore, RunStore, Source
from nlp.records import Message, PullCounts, RawRow, Rejected, RunReport
from nlp.settings import Settings
from nlp.states import Zone
from nlp.text.clean import clean
from nlp.text.contract import (
    Broken,
    Draft,
    check,
    customer_hash,
    external_id_of,
    key_mark,
    known_id,
)
from nlp.text.language import LanguageDetector
from nlp.text.own import message_id, own_text
from nlp.text.redact import Redactor, redactor_of
from nlp.text.zones import separate_own_words

_BATCH = 2_000
_OTHER_KEY = (
    "TRIAGE_HASH_KEY is not the key under which customers were erased, so they would come back. "
    "Restore that key. Where it is lost, erase those customers again with this one, and then "
    "delete the rows of triage.tombstones whose key_mark is another"
)
_AROUND = frozenset({Zone.GREETING, Zone.CLOSING, Zone.SIGNATURE})
"""Zones in which a line may be a name alone."""


class IngestStore(MessageStore, RunStore, Protocol):
    """What ingestion reads and writes."""


@at_work
def ingest_day(
    store: IngestStore, source: Source, day: dt.date, *, settings: Settings
) -> RunReport:
    """Store the rows that `source` holds for `day`; repeating it adds nothing.

    A day that is delivered again changes the messages whose rows changed. What the delivery lacks
    goes, if the source is known to deliver whole days.

    Raises PartialDayError where more than `max_gone_share` of the day would go, SourceError or
    SourceMissingError where the source fails, SettingError where the key of the customer hash is
    another than that of erased customers; then nothing is stored. A helpdesk is stored
    conversation by conversation; see `nlp.jobs.desk`.
    """
    mark = key_mark(settings.customer_key())
    if store.other_keys(mark):
        raise SettingError(_OTHER_KEY)
    if isinstance(source, Desk):
        from nlp.jobs.desk import ingest_desk

        return ingest_desk(store, source, day, settings=settings)
    started = time.perf_counter()
    gate = Gate(source.name, day, settings=settings)
    counts = store.save_pull(
        source=source.name,
        day=day,
        batches=gate.batches(source.pull(day)),
        may_go=_guard(source, day, settings),
    )
    crossing(
        "ingest.stored",
        "The pull is whole, its run not recorded: the next run counts its rows as known.",
    )
    gate.check_counts(counts)
    report = RunReport(
        job=f"ingest:{source.name}",
        day=day,
        counts=asdict(counts),
        seconds={"pull": gate.seconds_pull, "total": time.perf_counter() - started},
    )
    return record_run(store, report, settings=settings, customer_key=KeyMark(mark=mark))


def _guard(source: Source, day: dt.date, settings: Settings) -> Callable[[int, int], None] | None:
    """Return what refuses to delete too many messages; None where none is to be deleted."""
    if not (isinstance(source, DaySource) and source.whole_days):
        return None

    def may_go(n_gone: int, n_stored: int) -> None:
        if n_gone > settings.max_gone_share * n_stored:
            raise PartialDayError(
                f"Source {source.name!r} delivers {day} again without {n_gone:,} of the "
                f"{n_stored:,} messages that are stored, more than the share of "
                f"{settings.max_gone_share} that TRIAGE_MAX_GONE_SHARE allows. Nothing was "
                "changed. Deliver the whole day; if they are gone, set it to 1 for this run"
            )

    return may_go


class KeyMark(BaseModel):
    """Which key of the customer hash a run used, for its record."""

    mark: str


def known_as(external_id: str, redactor: Redactor, key: bytes) -> str:
    """Return the id, or a unique replacement where the id is itself personal data.

    A keyed hash keeps ids distinct and equal in every pull, and cannot be reversed.
    """
    redacted = redactor.redact_named("id", external_id)
    if redacted == external_id:
        return external_id
    return f"{redacted}#{customer_hash(f'external_id {external_id}', key)}"


class Gate:
    """Turns rows into messages, or rejects them with a reason."""

    def __init__(self, source: str, day: dt.date, *, settings: Settings) -> None:
        self.source = source
        self.day = day
        self.settings = settings
        self.hash_key = settings.customer_key()
        self.redactor = redactor_of(settings)
        self.detector = LanguageDetector(settings.languages)
        self.n_pulled = 0
        self.n_rejected = 0
        self.seconds_pull = 0.0

    def batches(self, rows: Iterator[RawRow]) -> Iterator[tuple[list[Message], list[Rejected]]]:
        """Yield the messages and rejected rows in batches, so that memory is bounded."""
        while True:
            started = time.perf_counter()
            batch = list(islice(rows, _BATCH))
            self.seconds_pull += time.perf_counter() - started
            if not batch:
                return
            yield self.pass_through(batch)

    def check_counts(self, counts: PullCounts) -> None:
        """Raise TriageError where the store counts other rows than passed through."""
        n_settled = counts.n_stored + counts.n_known + counts.n_quarantined
        is_plausible = counts.n_known >= 0 and counts.n_stored <= self.n_pulled - self.n_rejected
        if not (self.n_pulled == counts.n_pulled == n_settled and is_plausible):
            raise TriageError(
                f"Source {self.source!r} gave {self.n_pulled} rows for {self.day}, but the store "
                f"counts {asdict(counts)}: report this as a defect"
            )

    def pass_through(self, rows: list[RawRow]) -> tuple[list[Message], list[Rejected]]:
        messages, rejected = [], []
        for row in rows:
            self.n_pulled += 1
            try:
                draft = check(
                    row,
                    arrived_on=self.day,
                    zone=self.settings.zone,
                    max_chars=self.settings.max_text_chars,
                    hash_key=self.hash_key,
                )
            except Broken as broken:
                rejected.append(self._rejected(row, broken))
                self.n_rejected += 1
            else:
                messages.append(self._message(draft))
        return messages, rejected

    def _message(self, draft: Draft) -> Message:
        words, parts = separate_own_words(draft.text, subject=draft.subject, author=draft.author)
        redacted = self.redactor.redact(clean(words))
        own = own_text(redacted.text)
        around = [
            (p.zone, self.redactor.redact(clean(p.text), is_around=p.zone in _AROUND))
            for p in parts
        ]
        kinds = {*redacted.entities, *(kind for _, part in around for kind in part.entities)}
        external_id = self.known_as(draft.external_id)
        return Message(
            message_id=message_id(self.source, external_id),
            source=self.source,
            external_id=external_id,
            created_at=draft.created_at,
            day=draft.day,
            arrived_on=self.day,
            text=own.text,
            text_hash=own.text_hash,
            language=draft.language or self.detector.detect(own.embedded),
            entities=tuple(sorted(kinds)),
            channel=draft.channel and self.redactor.redact(draft.channel).text,
            customer_hash=draft.customer_hash,
            attributes=self._redacted(draft.attributes),
            subject=draft.subject and self.redactor.redact(draft.subject).text,
            conversation_id=draft.conversation_id and self.known_as(draft.conversation_id),
            author=draft.author,
            zones=tuple((zone, part.text) for zone, part in around if part.text),
        )

    def _rejected(self, row: RawRow, broken: Broken) -> Rejected:
        value = row.fields.get("text")
        text = value if isinstance(value, str) and not row.problem else ""
        # Bytes that are not text, and a number cut in the middle, could escape redaction: an
        # unreadable row shows nothing, and a cut excerpt loses its end after redaction.
        excerpt = self.redactor.redact(clean(text[:2_000])).text
        if len(text) > 2_000:
            excerpt = excerpt[:-100]
        external_id = None if row.problem else external_id_of(row)
        customer = None if row.problem else known_id(row.fields.get("customer_id"))
        return Rejected(
            source=self.source,
            external_id=external_id and self.known_as(external_id),
            arrived_on=self.day,
            position=row.position,
            reason=broken.reason,
            detail=str(broken),
            excerpt=excerpt[:200],
            customer_hash=customer and customer_hash(customer, self.hash_key),
        )

    def known_as(self, external_id: str) -> str:
        """See `known_as`."""
        return known_as(external_id, self.redactor, self.hash_key)

    def _redacted(self, attributes: Mapping[str, Any]) -> dict[str, Any]:
        return {
            self.redactor.redact(key).text: self._redacted_value(key, value)
            for key, value in attributes.items()
        }

    def _redacted_value(self, key: str, value: Any) -> Any:
        """The value, or its redacted text: a number may be a card number."""
        if value is None or isinstance(value, bool):
            return value
        is_whole = isinstance(value, float) and value.is_integer()
        text = str(int(value) if is_whole else value)  # not `4.1e+18`
        redacted = self.redactor.redact_named(key, text)
        return value if redacted == text else redacted
