"""Write themes and intents of a day to the tickets of a helpdesk, once each.

The store keeps an outbox. A row is marked before it is sent and after it, so a run that was killed
between the two leaves it open, and the next run looks at the desk before it sends it again.
"""

import datetime as dt
import re
import time
from typing import Protocol

from nlp.jobs.at_work import at_work
from nlp.jobs.ingest import known_as
from nlp.jobs.record import record_run
from nlp.ports import Desk, RunStore, WriteBackStore
from nlp.records import RunReport, TicketNote, WriteBack
from nlp.settings import Settings
from nlp.states import WriteState
from nlp.text.redact import redactor_of
from nlp.topics.words.naming import unnamed

_MOST_OF_TAG = 32
"""Characters that every desk takes."""


class OutboxStore(WriteBackStore, RunStore, Protocol):
    """What writing back reads and writes."""


@at_work
def write_back_day(
    store: OutboxStore, desk: Desk, day: dt.date, *, as_tags: bool, settings: Settings
) -> RunReport:
    """Write what is due of `day` and of earlier days; repeating it writes nothing twice.

    Raises SourceError or TransientError where the desk fails; the next run continues.
    """
    started = time.perf_counter()
    redactor, key = redactor_of(settings), settings.customer_key()

    def write(one: WriteBack) -> WriteState:
        note = note_of(one, page_url=settings.page_url)
        if known_as(one.conversation_id, redactor, key) != one.conversation_id:
            return WriteState.REFUSED  # its id is personal data and was replaced
        return desk.write(note, as_tags=as_tags) if note.tags else WriteState.WAITING

    counts = store.write_back(day, source=desk.name, write=write)
    report = RunReport(
        job=f"write_back:{desk.name}",
        day=day,
        counts={f"n_{state}": n for state, n in sorted(counts.items())},
        seconds={"total": time.perf_counter() - started},
    )
    return record_run(store, report, settings=settings)


def note_of(one: WriteBack, *, page_url: str | None) -> TicketNote:
    """Return the words of a note and its tags; a theme without a name has none yet."""
    theme = None if one.topic_id is None or one.theme == unnamed(one.topic_id) else one.theme
    lines = [f"Theme: {theme}"] if theme else []
    lines += [f"Intent: {one.intent}"] if one.intent else []
    lines += [f"{page_url}/themes/{one.topic_id}"] if theme and page_url else []
    tags = [_tag("theme", theme)] if theme else []
    tags += [_tag("intent", one.intent)] if one.intent else []
    return TicketNote(one.conversation_id, one.key, "\n".join(lines), tuple(tags), one.is_unsure)


def _tag(kind: str, words: str) -> str:
    """Return a tag of letters, digits and hyphens."""
    plain = re.sub(r"[^\w]+|_", "-", words.lower()).strip("-")
    return f"{kind}-{plain}"[:_MOST_OF_TAG].rstrip("-")
