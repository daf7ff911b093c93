"""Themes written to tickets from the real outbox, by processes that are killed."""

import datetime as dt
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest
from sqlalchemy import text

from bench.desk_world import World
from nlp.jobs.write_back import write_back_day
from nlp.settings import DeskSource, Settings
from nlp.sources.desks.build import desk_source
from sql.connect import PostgresStore
from tests.three_themes import CARD, DAY, N_EACH, fill, merge_by_a_run
from tests.writable import WRITABLE, Writing

_N = 24
"""Tickets of the day, about three themes."""


@pytest.fixture
def server() -> Iterator[Writing]:
    """A Zendesk with the tickets of a day."""
    world = World(dt.datetime.combine(DAY, dt.time(8), dt.UTC))
    for n in range(_N):
        world.begin(f"There is a problem, in branch {n}")
    make, forms = WRITABLE["zendesk"]
    with make(world, writes=tuple(forms.values())) as opened:
        yield opened


@pytest.fixture
def triaged(store: PostgresStore) -> PostgresStore:
    """The store after the day: each ticket has a theme, one an intent that a person gave it."""
    fill(store)
    named = text(
        "UPDATE triage.messages m SET source = 'support', conversation_id = 1000 + n FROM ("
        "SELECT message_id, row_number() OVER (ORDER BY message_id) AS n FROM triage.messages) o "
        "WHERE o.message_id = m.message_id"
    )
    corrected = text(
        "INSERT INTO triage.corrections (message_id, intent, corrected_by) "
        "SELECT message_id, 'card_lost', 'lead' FROM triage.messages WHERE conversation_id = '1002'"
    )
    with store.engine.begin() as connection:
        connection.execute(named)
        connection.execute(corrected)
    return store


def _setting(server: Writing) -> DeskSource:
    return DeskSource(kind="zendesk", url=server.url, user="agent@acme.example", write_back="note")


def _start(server: Writing, settings: Settings) -> subprocess.Popen[str]:
    """Start `triage write-back` in a process of its own."""
    assert settings.database_url is not None
    own = {
        "DATABASE_URL": settings.database_url.get_secret_value(),
        "LOCAL_DIR": str(settings.local_dir),
        "SOURCES": json.dumps({"support": _setting(server).model_dump()}),
        "TOKENS": json.dumps({"support": server.token}),
        "PAGE_URL": "https://airflow.example.org/triage",
    }
    return subprocess.Popen(
        [sys.executable, "-m", "nlp.apps.cli", "write-back", str(DAY)],
        env={**os.environ, **{f"TRIAGE_{name}": value for name, value in own.items()}},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


def _states(store: PostgresStore) -> dict[str, int]:
    query = text("SELECT state, count(*) FROM triage.write_backs GROUP BY 1")
    with store.engine.connect() as connection:
        return {row[0]: row[1] for row in connection.execute(query)}


def _n_notes(server: Writing) -> list[int]:
    """How many notes each ticket has, without those that are deleted."""
    return [len(t.parts) - 1 for t in server.world.talks.values() if not t.is_deleted]


def test_a_kill_between_sending_and_marking_writes_nothing_twice(
    triaged: PostgresStore, settings: Settings, server: Writing
) -> None:
    """Each ticket has one note in the end, with its theme and link; a deleted one is left."""
    gone = server.world.talks[1001]
    server.world.delete(gone)
    process = _start(server, settings)

    def kill() -> None:
        if len(server.keys) == 5:
            process.send_signal(signal.SIGKILL)
            process.wait()

    server.before_reply = kill
    process.communicate(timeout=200)
    assert process.returncode == -signal.SIGKILL
    assert _states(triaged)["sending"] == 1
    assert sum(_n_notes(server)) == 5
    again = _start(server, settings)
    words, _ = again.communicate(timeout=200)
    assert again.returncode == 0, words
    assert _n_notes(server) == [1] * (_N - 1)
    assert _states(triaged) == {"sent": _N - 1, "gone": 1}
    lines = server.world.talks[1002].parts[1].text.splitlines()
    topic = f"https://airflow.example.org/triage/themes/{CARD}"
    assert lines[:3] == ["Theme: Card lost", "Intent: card_lost", topic]


def test_another_theme_is_another_note(
    triaged: PostgresStore, settings: Settings, server: Writing
) -> None:
    """A day that runs again writes what is new of a ticket, and nothing about what it has."""
    setting = _setting(server).model_copy(update={"write_back": "tags"})
    for n_new in (_N, 0, N_EACH):
        with desk_source("support", setting, settings, token=server.token) as desk:
            report = write_back_day(triaged, desk, DAY, as_tags=True, settings=settings)
        assert report.counts.get("n_sent", 0) == n_new
        if n_new == 0:
            merge_by_a_run(triaged)
    tags = [t.tags for t in server.world.talks.values()]
    assert tags.count(("theme-pin-blocked", "theme-card-lost")) == N_EACH
    assert tags.count(("theme-card-lost", "intent-card-lost")) == 1
