"""The jobs on the real store with the real encoder: repeats, order, identity."""

import csv
import datetime as dt
import hashlib
from pathlib import Path

import pytest
from sqlalchemy import text

from nlp.errors import DayOrderError
from nlp.jobs.discover import discover_day
from nlp.jobs.govern import train_intents
from nlp.jobs.ingest import ingest_day
from nlp.jobs.replay import run_days
from nlp.jobs.train import add_examples
from nlp.jobs.triage import embed_day
from nlp.records import LabelledExample
from nlp.settings import Settings
from nlp.sources.replay import ReplaySource
from nlp.text.embed import SentenceEncoder
from sql.connect import PostgresStore

_SUBJECTS = {
    "card_lost": ("I lost my card {}", "my card is gone, lost it {}", "card missing since {}"),
    "refund": ("where is my refund from {}", "refund not here, shop {}", "still no refund of {}"),
    "pin": ("how do I change my pin {}", "pin blocked {}", "forgot the pin code {}"),
    "app": ("the app crashes on {}", "cannot open the app {}", "app shows error {}"),
}
_PLACES = ("London", "the train", "a shop", "monday", "the park", "Berlin", "my trip", "work")
_DAYS = [dt.date(2026, 3, 2), dt.date(2026, 3, 3)]
_TABLES = (
    "messages", "passages", "quarantine", "embeddings", "topics", "topic_states", "memberships",
    "topic_days", "topic_events", "alerts", "intent_predictions",
)  # fmt: skip


@pytest.fixture
def source(tmp_path: Path) -> ReplaySource:
    """Two days of four subjects, each with one bad row and one message in another language."""
    file = tmp_path / "messages.csv"
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["message_id", "created_at", "text"])
        for day in _DAYS:
            number = 0
            for frames in _SUBJECTS.values():
                for frame in frames:
                    for place in _PLACES:
                        number += 1
                        words = f"{frame.format(place)} {'again' if day == _DAYS[1] else ''}"
                        writer.writerow([f"{day}-{number}", f"{day}T10:00:00Z", words])
            writer.writerow([f"{day}-bad", f"{day}T10:00:00Z", "   "])
            german = "Meine Karte wurde gestern leider abgelehnt und ich brauche Hilfe"
            writer.writerow([f"{day}-de", f"{day}T10:00:00Z", german])
    return ReplaySource(file, zone=dt.UTC)


def _run(
    store: PostgresStore, encoder: SentenceEncoder, source: ReplaySource, settings: Settings
) -> None:
    run_days(store, encoder, _DAYS, sources=[source], settings=settings)


def _digest(store: PostgresStore) -> dict[str, str]:
    """A hash of all rows of all tables, without times of writing."""
    out = {}
    with store.engine.connect() as connection:
        for table in _TABLES:
            rows = connection.execute(
                text(
                    "SELECT (to_jsonb(t) - 'stored_at' - 'quarantined_at')::text AS row "
                    f"FROM triage.{table} t ORDER BY 1"
                )
            )
            out[table] = hashlib.sha256("\n".join(rows.scalars()).encode()).hexdigest()
    return out


def test_running_days_again_leaves_the_same_rows(
    store: PostgresStore, encoder: SentenceEncoder, source: ReplaySource, settings: Settings
) -> None:
    """Running each day again leaves every table exactly the same, and embeds nothing."""
    _run(store, encoder, source, settings)
    before = _digest(store)
    again = embed_day(store, encoder, _DAYS[0], settings=settings)
    _run(store, encoder, source, settings)
    assert again.counts["n_embedded"] == 0
    assert _digest(store) == before


def test_themes_are_found_and_keep_their_identity(
    store: PostgresStore, encoder: SentenceEncoder, source: ReplaySource, settings: Settings
) -> None:
    """Topics of the first day get messages of the second day and keep their id.

    A fragment may merge into its topic, with an event. Labels are chosen again on the second day,
    and most stay the same.
    """
    _run(store, encoder, source, settings)
    first = {t.topic_id: t.label for t in store.topics_on_eve(_DAYS[1])}
    second = {t.topic_id: t.label for t in store.topics_on_eve(_DAYS[1] + dt.timedelta(1))}
    assert len(first) >= 4
    with store.engine.connect() as connection:
        ended = connection.scalars(text("SELECT topic_id FROM triage.topics WHERE heir_id > 0"))
        assert first.keys() - second.keys() <= set(ended)
    lasting = first.keys() & second.keys()
    assert len(lasting) >= 4
    assert sum(second[topic] == first[topic] for topic in lasting) >= len(lasting) - 1
    assert len(set(second.values())) == len(second)
    assert sum(r.n_messages for r in store.topic_days(_DAYS[1])) > 60


def test_a_day_waits_for_its_eve(
    store: PostgresStore, encoder: SentenceEncoder, source: ReplaySource, settings: Settings
) -> None:
    """Discovery before an earlier day is finished is refused, with the command that fixes it."""
    for day in _DAYS:
        ingest_day(store, source, day, settings=settings)
    with pytest.raises(DayOrderError, match=r"triage run-day 2026-03-02 --through 2026-03-03"):
        discover_day(store, encoder, _DAYS[1], settings=settings)


def test_counts_of_a_pull_add_up(
    store: PostgresStore, source: ReplaySource, settings: Settings
) -> None:
    """In both pulls, pulled rows are stored plus known plus quarantined ones."""
    first = ingest_day(store, source, _DAYS[0], settings=settings).counts
    second = ingest_day(store, source, _DAYS[0], settings=settings).counts
    assert (first["n_pulled"], first["n_stored"], first["n_quarantined"]) == (98, 97, 1)
    assert (second["n_stored"], second["n_known"], second["n_quarantined"]) == (0, 97, 1)


def test_intents_are_predicted_and_foreign_texts_are_not(
    store: PostgresStore, encoder: SentenceEncoder, source: ReplaySource, settings: Settings
) -> None:
    """A trained model predicts each message once; an unsupported language has its own reason."""
    examples = [
        LabelledExample(frame.format(place), intent)
        for intent, frames in _SUBJECTS.items()
        for frame in frames
        for place in ("Rome", "the bus", "sunday")
    ]
    add_examples(store, examples, origin="test", settings=settings)
    train_intents(store, encoder, settings=settings)
    _run(store, encoder, source, settings)
    with store.engine.connect() as connection:
        rows = connection.execute(
            text("SELECT external_id, intent, abstain_reason FROM triage.message_triage")
        ).all()
    foreign = [r for r in rows if r.external_id.endswith("-de")]
    assert [(r.intent, r.abstain_reason) for r in foreign] == [(None, "unsupported_language")] * 2
    right = [
        r.intent == list(_SUBJECTS)[(int(r.external_id.rsplit("-", 1)[1]) - 1) // 24]
        for r in rows
        if not r.external_id.endswith("-de")
    ]
    assert len(right) == 192
    assert sum(right) > 180
