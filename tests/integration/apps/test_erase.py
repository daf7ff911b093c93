"""`triage erase` on the command line: what it says, and its exit codes."""

import datetime as dt
import re
from pathlib import Path

import pytest
from sqlalchemy import text

from nlp.apps.cli import erase
from nlp.jobs.ingest import ingest_day
from nlp.records import RawRow
from nlp.settings import Settings, load
from sql import embedded
from sql.connect import PostgresStore, migrate
from tests.command_line import Triage, one_line, triage  # noqa: F401
from tests.fakes import MemorySource

_DAY = dt.date(2026, 3, 2)


def _source(name: str) -> MemorySource:
    fields = {"created_at": f"{_DAY}T09:00:00Z", "text": "I lost my card", "customer_id": "maria"}
    rows = [RawRow(str(n), {**fields, "external_id": f"m-{n}"}) for n in range(3)]
    return MemorySource(name, {_DAY: rows})


@pytest.fixture
def run(triage: Triage, store: PostgresStore, settings: Settings) -> Triage:  # noqa: F811
    """The command line on a store with three messages of one customer."""
    ingest_day(store, _source("inbox"), _DAY, settings=settings)
    assert settings.database_url is not None
    triage.monkeypatch.setenv("TRIAGE_DATABASE_URL", settings.database_url.get_secret_value())
    triage.monkeypatch.setenv("TRIAGE_HASH_KEY", settings.customer_key().decode())
    return triage


def _n(store: PostgresStore) -> int:
    with store.engine.connect() as connection:
        return connection.scalar(text("SELECT count(*) FROM triage.messages")) or 0


def test_a_customer_is_rehearsed_erased_and_erased_again(run: Triage, store: PostgresStore) -> None:
    """Counts by table are said; a rehearsal changes nothing; the second time nothing is left."""
    rehearsed = run("erase", "--customer", "maria", "--rehearse")
    assert (rehearsed.code, _n(store)) == (0, 3)
    assert "Would erase: 3 messages. Nothing was changed" in rehearsed.out
    erased = run("erase", "--customer", "maria", "--by", "officer")
    assert (erased.code, erased.err, _n(store)) == (0, "", 0)
    assert re.search(r"Erased: 3 messages. Erasure \d; this customer is barred", erased.out)
    again = run("erase", "--customer", "maria")
    assert again.code == 0
    assert "Nothing is stored of this customer. It was erased on" in again.out
    with store.engine.connect() as connection:
        logged = connection.execute(text("SELECT actor, kind, counts FROM triage.erasures")).all()
    assert [tuple(row) for row in logged] == [("officer", "customer", {"messages": 3})]


def test_a_message_is_erased_and_an_unknown_one_refused(run: Triage, store: PostgresStore) -> None:
    """One message goes; an id that no source has ends with code 1 and what to do."""
    assert run("erase", "--message", "m-1").code == 0
    assert _n(store) == 2
    unknown = run("erase", "--message", "m-9")
    assert "No message of this id is stored" in one_line(unknown)
    barred = run("erase", "--message", "m-9", "--source", "inbox")
    assert barred.code == 0
    assert "Nothing is stored of this message. It is barred from now on" in barred.out


@pytest.mark.parametrize(
    "arguments",
    [[], ["--customer", "a", "--message", "b"], ["--customer", "a", "--source", "inbox"]],
)
def test_one_thing_is_erased_at_a_time(run: Triage, arguments: list[str]) -> None:
    """Neither, both, or a source without a message is wrong usage."""
    ended = run("erase", *arguments)
    assert ended.code == 2
    assert "--customer ID, or --message ID" in ended.err


def test_databases_of_replays_are_erased_from_too(local_dir: Path, settings: Settings) -> None:
    """A replay leaves a database on the embedded server; it is found, unless another is named."""
    url = embedded.database_url(local_dir, "replay_1")
    own = load(database_url=url, local_dir=local_dir, _env_file=None)
    here = load(local_dir=local_dir, _env_file=None)
    try:
        migrate(own)
        assert "replay_1" in [
            name for name, _ in erase.replays(here)
        ]  # beside those of other tests
        assert list(erase.replays(settings)) == []
    finally:
        embedded.drop_database(local_dir, "replay_1")
