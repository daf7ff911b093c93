"""The files of a mail stream: the messages for the replay, and the truth in separate files."""

import csv
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from bench.mail_streams import MailStream
from bench.streams import START

_TRUTH = {
    "truth": ("message_id", "intent"),
    "truth_all": ("message_id", "intent", "text"),
    "quoted": ("message_id", "intent"),
    "events": ("intent", "kind", "start", "days", "segment"),
}


def write_messages(stream: MailStream, file: Path) -> None:
    """Write the messages of a stream without the truth, for a replay."""
    columns = ("message_id", "created_at", "text", "channel", "customer_id", "attributes")
    rows = (
        (
            m.message_id,
            m.created_at.isoformat(),
            m.text,
            m.channel,
            m.customer_id,
            json.dumps(m.attributes),
        )
        for m in stream.messages
    )
    _write(file, columns, rows)


def write_truth(stream: MailStream, folder: Path) -> None:
    """Write first intents, all intents, quoted intents and events; `start` is a day's number.

    In `truth`, messages that belong nowhere have `~noise` or `~machine`.
    """
    messages = stream.messages
    rows = {
        "truth": ((m.message_id, m.intents[0]) for m in messages),
        "truth_all": (
            (m.message_id, r.intent, r.text) for m in messages if m.belongs for r in m.requests
        ),
        "quoted": ((m.message_id, m.quoted_intent) for m in messages if m.quoted_intent),
        "events": (
            (e.intent, e.kind, (e.start - START).days, e.n_days, e.segment) for e in stream.events
        ),
    }
    for name, columns in _TRUTH.items():
        _write(folder / f"{name}.csv", columns, rows[name])


def _write(file: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
