"""Pull one day of one source: check, redact, normalise, store or quarantine."""

import datetime as dt
import logging
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from itertools import islice
from typing import Any, Protocol

from nlp import __version__
from nlp.clean import message_id, normalise, text_hash
from nlp.contract import Broken, Draft, check, external_id_of
from nlp.errors import TriageError
from nlp.language import LanguageDetector
from nlp.ports import MessageStore, RunStore, Source
from nlp.records import Message, RawRow, Rejected, RunReport
from nlp.redact import Redactor
from nlp.settings import Settings

_BATCH = 2_000
_log = logging.getLogger(__name__)


class IngestStore(MessageStore, RunStore, Protocol):
    """What ingestion needs kept."""


def ingest_day(
    store: IngestStore,
    source: Source,
    day: dt.date,
    *,
    settings: Settings,
) -> RunReport:
    """Bring the rows that `source` holds for `day` into the store; repeating it adds nothing.

    Raises SourceError or SourceMissingError where the source fails; then nothing is stored.
    """
    started = time.perf_counter()
    gate = _Gate(source.name, day, settings=settings)
    rows = source.pull(day)
    batches = (gate.pass_through(batch) for batch in _batches(rows))
    counts = store.save_pull(source=source.name, day=day, batches=batches)
    if counts.n_pulled != gate.n_pulled:
        raise TriageError(
            f"Source {source.name!r} gave {gate.n_pulled} rows for {day}, but "
            f"{counts.n_pulled} were stored, known or quarantined: report this as a defect"
        )
    report = RunReport(
        job=f"ingest:{source.name}",
        day=day,
        counts=asdict(counts),
        seconds={"total": time.perf_counter() - started},
    )
    store.save_run(report, settings=settings.record(), code_version=__version__)
    _log.info("%s %s: %s", report.job, day, dict(report.counts))
    return report


class _Gate:
    """Lets rows through as messages, or turns them away with a reason."""

    def __init__(self, source: str, day: dt.date, *, settings: Settings) -> None:
        self.source = source
        self.day = day
        self.settings = settings
        self.hash_key = settings.customer_key()
        self.redactor = Redactor(region=settings.redact_region, spacy_model=settings.spacy_model)
        self.detector = LanguageDetector(settings.languages)
        self.n_pulled = 0

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
            else:
                messages.append(self._message(draft))
        return messages, rejected

    def _message(self, draft: Draft) -> Message:
        redacted = self.redactor.redact(draft.text)
        # A text of nothing but personal data is still known by what is left of it.
        normalised = normalise(redacted.text) or redacted.text
        return Message(
            message_id=message_id(self.source, draft.external_id),
            source=self.source,
            external_id=draft.external_id,
            created_at=draft.created_at,
            day=draft.day,
            arrived_on=self.day,
            text=redacted.text,
            text_hash=text_hash(normalised),
            language=draft.language or self.detector.detect(normalised),
            entities=redacted.entities,
            channel=draft.channel,
            customer_hash=draft.customer_hash,
            attributes=self._redacted(draft.attributes),
        )

    def _rejected(self, row: RawRow, broken: Broken) -> Rejected:
        text = row.fields.get("text")
        # Bytes that are no text and a text cut in the middle of a number could slip past
        # redaction: an unreadable row shows nothing, the others are cut after it.
        shown = str(text)[:2_000] if isinstance(text, str) and not row.problem else ""
        return Rejected(
            source=self.source,
            external_id=None if row.problem else external_id_of(row),
            arrived_on=self.day,
            position=row.position,
            reason=broken.reason,
            detail=str(broken),
            excerpt=self.redactor.redact(shown.replace("\0", "")).text[:200],
        )

    def _redacted(self, attributes: Mapping[str, Any]) -> dict[str, Any]:
        return {
            self.redactor.redact(key).text: self.redactor.redact(value.replace("\0", "")).text
            if isinstance(value, str)
            else value
            for key, value in attributes.items()
        }


def _batches(rows: Iterator[RawRow]) -> Iterator[list[RawRow]]:
    while batch := list(islice(rows, _BATCH)):
        yield batch
