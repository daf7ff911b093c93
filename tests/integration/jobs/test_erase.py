"""A customer and a message are erased from the real store, and nothing brings them back."""

import csv
import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, make_url, text

from nlp.errors import BusyError, DecisionError, NotFoundError, SettingError
from nlp.intents.model import load as load_model
from nlp.jobs import erase as job
from nlp.jobs.bulk import place_all
from nlp.jobs.govern import train_intents
from nlp.jobs.ingest import ingest_day
from nlp.jobs.replay import run_days
from nlp.jobs.train import add_examples
from nlp.records import LabelledExample, RawRow
from nlp.settings import Settings
from nlp.states import Channel
from nlp.text.own import message_id
from nlp.topics.life import requests as ask
from sql import embedded
from sql.connect import PostgresStore, open_store
from sql.queries.export import export
from sql.queries.tally import tally_of
from tests import deciding
from tests.conftest import migrated
from tests.fakes import MemoryEncoder, MemorySource

_DAYS = [dt.date(2026, 3, 2), dt.date(2026, 3, 3)]
_ENCODER = MemoryEncoder(("card", "refund", "pin", "zyxquamble"))
_MARK, _CUSTOMER = "zyxquamble", "customer-7781"
_PLACES = ("in London", "on the train", "at a shop", "on monday", "in the park", "at work",
           "after lunch", "this week", "last night", "at home", "by post", "at noon")  # fmt: skip


def _row(name: str, day: dt.date, words: str, **fields: Any) -> RawRow:
    given = {"external_id": name, "created_at": f"{day}T09:00:00Z", "text": words, **fields}
    return RawRow(f"rows {day}", given)


def _others(day: dt.date) -> list[RawRow]:
    return [
        _row(f"{s}-{day}-{n}", day, f"There is a problem with my {s} {place}", customer_id=f"c{n}")
        for s in ("card", "refund", "pin")
        for n, place in enumerate(_PLACES)
    ]


def _own(day: dt.date) -> list[RawRow]:
    """A theme of the customer alone, a message in one of all, a talk, and rows that are broken."""
    own = {"customer_id": _CUSTOMER}
    talk = own | {"conversation_id": f"talk-{day}"}
    answer = f"You wrote {_MARK}, so here is help"
    return [
        *(
            _row(f"q7781-{day}-{n}", day, f"Our {_MARK} broke {place}", **own,
                 attributes={"device": _MARK})
            for n, place in enumerate(_PLACES)
        ),
        _row(f"q7781-{day}-card", day, f"My card is lost. The {_MARK} took it", **own),
        _row(f"q7781-{day}-ask", day, f"The refund of {_MARK} is late", **talk),
        _row(f"q7781-{day}-again", day, "There is no refund yet", **talk),
        _row(f"q7781-{day}-answer", day, answer, conversation_id=f"talk-{day}", author="agent"),
        _row(f"q7781-{day}-bad", day, f"A {_MARK} with a bad time", **own, created_at="soon"),
        _row("", day, f"A {_MARK} without an id", **own),
    ]  # fmt: skip


def _source(*, with_customer: bool = True) -> MemorySource:
    rows = {d: _others(d) + (_own(d) if with_customer else []) for d in _DAYS}
    return MemorySource("inbox", rows)


def _read(store: PostgresStore, query: str, **values: Any) -> list[Any]:
    with store.engine.connect() as db:
        return [tuple(row) for row in db.execute(text(query), values)]


def _ids(store: PostgresStore, *, beginning: str) -> list[str]:
    query = (
        "SELECT m.message_id::text FROM triage.messages m JOIN triage.passages p "
        "ON p.passage_id = m.message_id WHERE external_id LIKE :b ORDER BY external_id"
    )
    return [row[0] for row in _read(store, query, b=f"{beginning}%")]


@contextmanager
def _deciding(store: PostgresStore) -> Iterator[Connection]:
    with store.engine.begin() as db:
        yield db


def _decide_things(store: PostgresStore) -> None:
    """All that people can decide about the customer's messages, with notes that quote them."""
    own, cards = _ids(store, beginning="q7781"), _ids(store, beginning="card-")
    (topic,) = _read(
        store, "SELECT topic_id FROM triage.message_triage WHERE message_id = :m", m=own[0]
    )[0]
    (card,) = _read(
        store, "SELECT topic_id FROM triage.message_triage WHERE message_id = :m", m=cards[0]
    )[0]
    with _deciding(store) as db:
        deciding.promote(db, topic, "broken", actor="lead", description=f"A broken {_MARK}")
        deciding.promote(db, card, "card_lost", actor="lead")
        note = f"The customer of {_MARK} called"
        deciding.decide(db, ask.Place((own[0],), None, "card_lost", note), actor="lead")
        deciding.decide(db, ask.Note(card, f"See q7781-{_DAYS[0]}-card"), actor="lead")
        deciding.split(db, topic, own[1:5], f"Parts of {_MARK}", actor="lead")
        deciding.rename(db, card, f"Cards and {_MARK}", actor="lead")
        deciding.rename(db, card, "Cards", actor="lead")
    with store.deciding() as decisions:
        ids = [*own[5:8], cards[0]]
        place_all(decisions, ids, "card_lost", is_new=False, actor="lead",
                  channel=Channel.PAGE)  # fmt: skip


@pytest.fixture(scope="module")
def pattern(local_dir: Path) -> Iterator[Settings]:
    """Two days with the customer, decisions about the messages, and a model that learnt them."""
    with migrated(local_dir) as settings:
        with open_store(settings) as store:
            run_days(store, _ENCODER, _DAYS, sources=[_source()], settings=settings)
            _decide_things(store)
            examples = [LabelledExample(f"where is my refund {p}", "refund") for p in _PLACES]
            add_examples(store, examples, origin="file", settings=settings)
            train_intents(store, _ENCODER, settings=settings)
        yield settings


@pytest.fixture
def settings(settings: Settings, pattern: Settings) -> Settings:
    """Settings that name a copy of that database."""
    assert pattern.database_url is not None
    assert settings.database_url is not None
    name = make_url(settings.database_url.get_secret_value()).database
    like = make_url(pattern.database_url.get_secret_value()).database
    embedded.drop_database(settings.local_dir, str(name))
    server = embedded.database_url(settings.local_dir, "postgres")
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f'CREATE DATABASE "{name}" TEMPLATE "{like}"')
    engine.dispose()
    return settings


@pytest.fixture
def empty(local_dir: Path) -> Iterator[tuple[PostgresStore, Settings]]:
    """A store without any message."""
    with migrated(local_dir) as settings, open_store(settings) as store:
        yield store, settings


@pytest.fixture
def lived(store: PostgresStore) -> PostgresStore:
    """The store of that copy."""
    return store


def _erase(store: PostgresStore, target: Any) -> job.Erased:
    with store.erasing() as erasures:
        erased = job.erase(erasures, target, actor="officer", sources=["inbox"], seconds=1)
    store.vacuum(erased.counts.keys() - {"to_cut_again"}, days=erased.days)
    return erased


_TABLES = """
SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE nspname = 'triage' AND relkind IN ('r', 'p', 'v') ORDER BY 1
"""
_STATISTICS = """
SELECT tablename, attname FROM pg_stats WHERE schemaname = 'triage'
AND strpos(lower(concat(most_common_vals::text, histogram_bounds::text)), :needle) > 0
"""


def _places_of(store: PostgresStore, needle: str) -> list[str]:
    """Every table, view and statistic that has the text; bytes are searched as they are written."""
    found = []
    for (table,) in _read(store, _TABLES):
        query = (
            f"SELECT count(*) FROM triage.{table} x WHERE strpos(lower(x::text), :needle) > 0 "
            "OR strpos(lower(x::text), :bytes) > 0"
        )
        values = {"needle": needle.lower(), "bytes": needle.lower().encode().hex()}
        found += [table] * (_read(store, query, **values) != [(0,)])
    statistics = _read(store, _STATISTICS, needle=needle.lower())
    return found + [f"statistics of {t}.{c}" for t, c in statistics]


def _needles(store: PostgresStore) -> list[str]:
    """The mark, and every id by which the customer and the messages are known."""
    query = (
        "SELECT DISTINCT message_id::text, customer_hash, external_id FROM triage.messages "
        "WHERE external_id LIKE 'q7781%'"
    )
    rows = _read(store, query)
    assert len(rows) == 2 * 16
    return [_MARK, "q7781", *sorted({v for row in rows for v in row[:2] if v})]


_DAYS_OF_TOPICS = "SELECT * FROM triage.topic_days ORDER BY day, topic_id"
_MIX = "SELECT * FROM triage.topic_mix ORDER BY day, topic_id, channel, intent"
_CUSTOMERS = """
SELECT topic_id, day, n_customers, n_messages FROM triage.theme_trend ORDER BY day, topic_id
"""


def test_nothing_of_a_customer_is_left(
    lived: PostgresStore, settings: Settings, tmp_path: Path
) -> None:
    """No table, view, statistic, model or export has a word or an id; counts of days stay."""
    needles = _needles(lived)
    everywhere = {place for n in needles for place in _places_of(lived, n)}
    assert {
        "messages", "passages", "memberships", "quarantine", "topics", "topic_states", "decisions",
        "corrections", "labelled_examples", "intents", "model_versions", "topic_events",
        "topic_customers", "topic_seeds",
    } <= everywhere  # fmt: skip
    counted = [_read(lived, q) for q in (_DAYS_OF_TOPICS, _MIX, _CUSTOMERS)]

    erased = _erase(lived, job.customer(_CUSTOMER, settings=settings))

    assert {n: _places_of(lived, n) for n in needles if _places_of(lived, n)} == {}
    assert [_read(lived, q) for q in (_DAYS_OF_TOPICS, _MIX, _CUSTOMERS)] == counted
    assert erased.counts["messages"] == 2 * 16
    assert erased.counts["quarantine"] == 2 * 2
    assert len(erased.models) == 1
    for file in export(lived.engine, tmp_path):
        assert not [n for n in needles if n in file.read_text(encoding="utf-8").lower()], file


_OF_OTHERS = [
    f"SELECT x.* FROM triage.{table} x JOIN triage.messages m USING (message_id) "
    "WHERE m.external_id NOT LIKE 'q7781%' ORDER BY x::text"
    for table in ("messages", "passages", "memberships", "message_triage", "corrections")
] + [
    f"SELECT {columns} FROM triage.{table} x WHERE x::text NOT ILIKE '%zyxquamble%' "
    "AND x::text NOT LIKE '%lost.%' AND x::text NOT LIKE '(broken,%' ORDER BY 1, 2"
    for table, columns in (
        ("labelled_examples", "text, intent, origin"),
        ("intents", "name, description, active"),
    )
]


def test_what_others_wrote_stays(lived: PostgresStore, settings: Settings) -> None:
    """Rows of other customers are as they were, their labels, examples and corrections too."""
    before = [_read(lived, q) for q in _OF_OTHERS]
    assert all(before)
    _erase(lived, job.customer(_CUSTOMER, settings=settings))
    assert [_read(lived, q) for q in _OF_OTHERS] == before


def test_a_model_still_answers_for_the_others(lived: PostgresStore, settings: Settings) -> None:
    """The model in service loads, and answers texts of others as before."""
    from nlp.intents.data import Inputs

    texts = [f"There is a problem with my card {p}" for p in _PLACES]
    inputs = Inputs(texts, _ENCODER.encode(texts))

    def answers() -> list[str | None]:
        champion = lived.champion()
        assert champion is not None
        return [p.intent for p in load_model(champion[1]).predict(texts, inputs)]

    before = answers()
    _erase(lived, job.customer(_CUSTOMER, settings=settings))
    assert answers() == before


def test_reading_the_source_again_brings_nothing_back(
    lived: PostgresStore, settings: Settings
) -> None:
    """The rows are counted as erased, and the days run to what they are without the customer."""
    needles = _needles(lived)
    _erase(lived, job.customer(_CUSTOMER, settings=settings))
    for _ in range(2):
        for day in _DAYS:
            ingest_day(lived, _source(), day, settings=settings)
        tally = tally_of(lived.engine)
        assert (tally.n_stored, tally.n_known, tally.n_quarantined) == (0, 2 * 36, 2 * 18)
        assert tally.reasons == {"erased": 2 * 18}
    run_days(lived, _ENCODER, _DAYS, sources=[_source()], settings=settings)
    assert {n: _places_of(lived, n) for n in needles if _places_of(lived, n)} == {}


_COMPARED = (
    "messages", "passages", "embeddings", "memberships", "topic_customers", "topic_days",
    "topic_mix", "topic_overlaps", "alerts", "topic_states", "topics", "topic_events",
)  # fmt: skip


# A topic that later days knew when its day of birth ran again leaves a row without any state.
_LIVING = "WHERE EXISTS (SELECT FROM triage.topic_states s WHERE s.topic_id = x.topic_id)"


def test_a_replay_differs_in_nothing_else(
    empty: tuple[PostgresStore, Settings], local_dir: Path
) -> None:
    """After erasing and running the days again, all is as if the customer had never written."""
    store, settings = empty
    run_days(store, _ENCODER, _DAYS, sources=[_source()], settings=settings)
    _erase(store, job.customer(_CUSTOMER, settings=settings))
    run_days(store, _ENCODER, _DAYS, sources=[_source()], settings=settings)
    with migrated(local_dir) as others, open_store(others) as never:
        source = _source(with_customer=False)
        run_days(never, _ENCODER, _DAYS, sources=[source], settings=others)
        for table in _COMPARED:
            query = (
                f"SELECT (to_jsonb(x) - 'stored_at')::text AS row FROM triage.{table} x "
                f"{_LIVING if table == 'topics' else ''} ORDER BY 1"
            )
            assert _read(store, query) == _read(never, query), table


def test_a_message_is_erased_by_its_id(lived: PostgresStore, settings: Settings) -> None:
    """One message goes with its derived rows and does not come back; the others of its customer
    stay.
    """
    name = f"q7781-{_DAYS[0]}-card"
    own = message_id("inbox", name)
    erased = _erase(lived, job.message(name, source=None, settings=settings))
    assert erased.counts["messages"] == 1
    assert _places_of(lived, name) == _places_of(lived, own) == []
    ingest_day(lived, _source(), _DAYS[0], settings=settings)
    assert _places_of(lived, name) == _places_of(lived, own) == []
    left = "SELECT count(*) FROM triage.messages WHERE external_id LIKE 'q7781%'"
    assert _read(lived, left) == [(2 * 16 - 1,)]


def test_the_rest_of_a_talk_waits_for_its_day(lived: PostgresStore, settings: Settings) -> None:
    """A turn takes the passages that it shares; its day is stale, and cuts the others again."""
    first, other = f"q7781-{_DAYS[0]}-ask", f"q7781-{_DAYS[0]}-again"
    erased = _erase(lived, job.message(first, source="inbox", settings=settings))
    assert erased.counts["to_cut_again"] == 1
    stale = "SELECT DISTINCT day FROM triage.runs WHERE stale"
    assert _read(lived, stale) == [(_DAYS[0],)]
    run_days(lived, _ENCODER, _DAYS, sources=[_source()], settings=settings)
    said = (
        "SELECT text FROM triage.passages JOIN triage.messages m USING (message_id, text) "
        "WHERE external_id = :name"
    )
    assert _read(lived, said, name=other) == [("There is no refund yet",)]


def test_erasing_twice_or_a_stranger_is_a_clear_answer(
    lived: PostgresStore, settings: Settings
) -> None:
    """Again nothing is there to erase; who never wrote is barred; a guess of an id is refused."""
    target = job.customer(_CUSTOMER, settings=settings)
    first, second = _erase(lived, target), _erase(lived, target)
    assert first.barred_on is None
    assert second.barred_on is not None
    assert (dict(second.counts), second.number) == ({}, None)
    stranger = _erase(lived, job.customer("never-wrote", settings=settings))
    assert dict(stranger.counts) == {}
    assert stranger.number is not None
    with pytest.raises(NotFoundError, match="No message of this id is stored"):
        _erase(lived, job.message("never-sent", source=None, settings=settings))
    barred = _erase(lived, job.message("never-sent", source="inbox", settings=settings))
    assert (dict(barred.counts), barred.barred_on) == ({}, None)
    rows = _read(lived, "SELECT actor, kind FROM triage.erasures ORDER BY erasure_no")
    assert rows == [("officer", "customer")] * 2 + [("officer", "message")]


def test_an_id_of_two_sources_is_not_guessed(empty: tuple[PostgresStore, Settings]) -> None:
    """Nothing is erased until the source is named."""
    store, settings = empty
    for name in ("inbox", "chat"):
        source = MemorySource(name, {_DAYS[0]: [_row("same", _DAYS[0], "I lost my card")]})
        ingest_day(store, source, _DAYS[0], settings=settings)
    with pytest.raises(DecisionError, match=r"Several sources .* chat, inbox"):
        _erase(store, job.message("same", source=None, settings=settings))
    erased = _erase(store, job.message("same", source="chat", settings=settings))
    assert erased.counts["messages"] == 1
    assert _read(store, "SELECT source FROM triage.messages") == [("inbox",)]


def test_an_id_that_is_personal_data_is_found(empty: tuple[PostgresStore, Settings]) -> None:
    """The id is stored as a hash, and erased by what the source says."""
    store, settings = empty
    row = _row("maria@example.com", _DAYS[0], "I lost my card")
    source = MemorySource("inbox", {_DAYS[0]: [row]})
    ingest_day(store, source, _DAYS[0], settings=settings)
    erased = _erase(store, job.message("maria@example.com", source=None, settings=settings))
    assert erased.counts["messages"] == 1
    ingest_day(store, source, _DAYS[0], settings=settings)
    assert _read(store, "SELECT reason, external_id FROM triage.quarantine") == [("erased", None)]


def test_a_run_at_work_is_waited_for(lived: PostgresStore, settings: Settings) -> None:
    """While a job works nothing is erased, and the answer says so; afterwards it is."""
    target = job.customer(_CUSTOMER, settings=settings)
    with lived.at_work(), pytest.raises(BusyError, match="at work"):
        _erase(lived, target)
    assert len(_ids(lived, beginning="q7781")) == 2 * 14
    assert _erase(lived, target).counts["messages"] == 2 * 16


def test_a_rehearsal_changes_nothing(lived: PostgresStore, settings: Settings) -> None:
    """The counts are those of the erasure, and every row is still there."""
    with lived.erasing(is_rehearsal=True) as erasures:
        wanted = job.erase(erasures, job.customer(_CUSTOMER, settings=settings), actor="officer")
    assert len(_ids(lived, beginning="q7781")) == 2 * 14
    assert _read(lived, "SELECT count(*) FROM triage.erasures") == [(0,)]
    assert _erase(lived, job.customer(_CUSTOMER, settings=settings)).counts == wanted.counts


def test_a_lost_key_is_said(lived: PostgresStore, settings: Settings) -> None:
    """With another key no customer is found, so nothing is erased; nor do the erased come back."""
    other = settings.model_copy(update={"hash_key": None, "local_dir": settings.local_dir / "new"})
    with pytest.raises(SettingError, match=r"TRIAGE_HASH_KEY .* nothing was erased"):
        _erase(lived, job.customer(_CUSTOMER, settings=other))
    _erase(lived, job.customer(_CUSTOMER, settings=settings))
    with pytest.raises(SettingError, match="they would come back"):
        ingest_day(lived, _source(), _DAYS[0], settings=other)


def test_decisions_about_the_erased_can_be_undone(lived: PostgresStore, settings: Settings) -> None:
    """The log has no message and no quotation any more, and each decision can still be undone."""
    _erase(lived, job.customer(_CUSTOMER, settings=settings))
    numbers = _read(lived, "SELECT decision_no FROM triage.decisions ORDER BY 1 DESC")
    for (number,) in numbers:
        with _deciding(lived) as db:
            deciding.undo(db, number, actor="lead")
    assert _places_of(lived, _MARK) == []


def test_exports_before_have_what_exports_after_lack(
    lived: PostgresStore, settings: Settings, tmp_path: Path
) -> None:
    """The erased messages are in no file, and every other row is in both."""

    def rows(folder: str) -> set[str]:
        export(lived.engine, tmp_path / folder)
        with (tmp_path / folder / "assignments.csv").open(encoding="utf-8", newline="") as file:
            return {row["message_id"] for row in csv.DictReader(file)}

    before = rows("before")
    _erase(lived, job.customer(_CUSTOMER, settings=settings))
    gone = before - rows("after")
    assert len(gone) == 2 * 16
    assert all(name.startswith("q7781") for name in gone)
