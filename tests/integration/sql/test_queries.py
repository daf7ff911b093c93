"""The analyst's questions, asked by an analyst of ten days that the real jobs filled."""

import csv
import datetime as dt
import io
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import Connection, RowMapping, text

from nlp.apps.cli.app import main
from nlp.jobs.govern import train_intents
from nlp.jobs.ingest import ingest_day
from nlp.jobs.replay import run_days
from nlp.jobs.train import add_examples
from nlp.records import LabelledExample
from nlp.settings import Settings
from nlp.text.embed import SentenceEncoder
from sql.connect import PostgresStore, open_store
from sql.queries import figures, stream
from tests.conftest import migrated
from tests.fakes import MemorySource
from tests.inbox import (
    EMPTY,
    FIRST,
    LAST,
    LATE,
    N_DAYS,
    N_NEW,
    N_SURGE,
    N_USUAL,
    PARTIAL,
    SUBJECTS,
    UNTOUCHED,
    about,
    inbox,
    raw_row,
)

_QUERIES = Path(__file__).parents[3] / "sql" / "queries"
_FILES = sorted(file.name for file in _QUERIES.glob("*.sql"))
_BIND = re.compile(r"(?<![:\w]):(\w+)")

_ASKED: Mapping[str, Any] = {
    "day": LAST, "first": EMPTY, "last": UNTOUCHED, "at_least": 8, "most": 5,
    "external_id": "card-2026-03-02-0",
}  # fmt: skip


def _decide(store: PostgresStore) -> None:
    """What a person did on the page: two corrections and an acknowledged alert."""
    with store.engine.begin() as connection:
        connection.execute(text("SET LOCAL ROLE triage_reviewer; SET LOCAL triage.actor = 'maria'"))
        connection.execute(
            text(
                "SELECT triage.correct(ARRAY[a.message_id], 'refund', b.topic_id, '', false) "
                "FROM triage.message_triage a "
                "JOIN triage.message_triage b ON b.external_id = 'refund-2026-03-02-0' "
                "WHERE a.external_id = 'pin-2026-03-02-0'"
            )
        )
        connection.execute(
            text(
                "UPDATE triage.alerts SET status = 'acknowledged', handled_by = 'maria', "
                "handled_at = now() WHERE kind = 'surge'"
            )
        )


@pytest.fixture(scope="module")
def filled(local_dir: Path, encoder: SentenceEncoder) -> Iterator[tuple[Settings, PostgresStore]]:
    """Ten days of messages, triaged by the real jobs, and what a person made of them since."""
    rows = inbox()
    source = MemorySource("inbox", rows)
    rng = Random(6)
    examples = [
        LabelledExample(r.fields["text"], name)
        for name in SUBJECTS
        for r in about(name, FIRST, 8, rng)
    ]
    with migrated(local_dir) as settings, open_store(settings) as store:
        add_examples(store, examples, origin="test", settings=settings)
        train_intents(store, encoder, settings=settings)
        days = [EMPTY + dt.timedelta(n) for n in range(N_DAYS + 1)]
        run_days(store, encoder, days, sources=[source], settings=settings)
        rows[PARTIAL].append(raw_row("forgotten", PARTIAL, "card lost by the lake", "chat"))
        ingest_day(store, source, PARTIAL, settings=settings)
        ingest_day(store, source, UNTOUCHED, settings=settings)
        _decide(store)
        yield settings, store


@pytest.fixture
def analyst(filled: tuple[Settings, PostgresStore]) -> Iterator[Connection]:
    """A connection that may do what an analyst may; what a test changes is undone."""
    with filled[1].engine.connect() as connection, connection.begin() as transaction:
        connection.execute(text("SET LOCAL ROLE triage_reader"))
        yield connection
        transaction.rollback()


def _ask(connection: Connection, number: int, **values: Any) -> list[RowMapping]:
    """The answer to the question of that number, with the usual values where none is given."""
    query = (_QUERIES / _FILES[number - 1]).read_text(encoding="utf-8")
    bound = {name: {**_ASKED, **values}[name] for name in set(_BIND.findall(query))}
    return list(connection.execute(text(query), bound).mappings())


def _theme_of(connection: Connection, subject: str) -> int:
    """The theme that holds most messages of a subject."""
    rows = connection.execute(
        text("SELECT topic_id FROM triage.message_triage WHERE external_id LIKE :like"),
        {"like": f"{subject}-2026%"},
    )
    topic, n = Counter(t for t in rows.scalars() if t is not None).most_common(1)[0]
    assert n >= 8
    return int(topic)


def _as_owner(connection: Connection, statement: str, **values: Any) -> None:
    connection.execute(text("RESET ROLE"))
    connection.execute(text(statement), values)
    connection.execute(text("SET LOCAL ROLE triage_reader"))


def _alert_of_birth(connection: Connection, *, severity: str) -> None:
    """Replace what the run said of the new theme, which depends on how long it has watched."""
    new = _theme_of(connection, "mortgage")
    _as_owner(connection, "DELETE FROM triage.alerts WHERE topic_id = :t", t=new)
    _as_owner(
        connection,
        "INSERT INTO triage.alerts (alert_id, day, topic_id, kind, observed, severity) "
        "VALUES ('new', :day, :t, 'new_topic', 14, :severity)",
        day=LAST,
        t=new,
        severity=severity,
    )


def test_what_is_new(analyst: Connection) -> None:
    """The theme that appeared on the day is listed with its count and a message; no other is."""
    (row,) = _ask(analyst, 1)
    assert row["topic_id"] == _theme_of(analyst, "mortgage")
    assert 0.7 * N_NEW <= row["n_today"] <= N_NEW + 3
    assert 0 <= row["n_so_far"] - row["n_today"] <= 3
    assert row["first_day"] <= LAST
    assert "mortgage" in row["example"]
    _alert_of_birth(analyst, severity="low")
    assert [r["severity"] for r in _ask(analyst, 1)] == ["low"]
    assert _ask(analyst, 1, day=LAST - dt.timedelta(1)) == []
    assert len(_ask(analyst, 1, day=FIRST)) >= 4


def test_muted_themes_are_not_news(analyst: Connection) -> None:
    """A theme that a person muted is left out of what is new."""
    new = _theme_of(analyst, "mortgage")
    _as_owner(analyst, "UPDATE triage.topics SET muted = true WHERE topic_id = :t", t=new)
    assert _ask(analyst, 1) == []


def test_what_grew(analyst: Connection) -> None:
    """The theme that surged comes first, by its increase over the week before."""
    rows = _ask(analyst, 2)
    assert rows[0]["topic_id"] == _theme_of(analyst, "app")
    assert rows[0]["n_more"] == rows[0]["n_week"] - rows[0]["n_week_before"]
    assert rows[0]["n_more"] > N_SURGE
    assert rows[0]["share_week"] > rows[0]["share_week_before"]
    new = {r["topic_id"]: r for r in rows}[_theme_of(analyst, "mortgage")]
    assert (new["n_week_before"], new["times"]) == (0, None)
    assert all(r["n_week"] >= 8 for r in rows)
    assert [r["n_more"] for r in rows] == sorted((r["n_more"] for r in rows), reverse=True)
    assert len(_ask(analyst, 2, at_least=10_000)) == 0


def test_what_is_unclustered(analyst: Connection) -> None:
    """A day's unclustered messages are those without a theme, other languages apart."""
    rows = {r["day"]: r for r in _ask(analyst, 3)}
    assert set(rows) == {EMPTY + dt.timedelta(n) for n in range(N_DAYS + 2)}
    last = rows[LAST]
    assert (last["n_messages"], last["n_unsupported"]) == (3 * N_USUAL + N_SURGE + N_NEW + 1, 1)
    share = Decimal(last["n_unclustered"]) / last["n_messages"]
    assert abs(last["share_unclustered"] - share) < Decimal("0.0001")
    assert rows[UNTOUCHED]["n_messages"] is None
    assert rows[EMPTY]["share_unclustered"] is None
    _as_owner(
        analyst,
        "INSERT INTO triage.memberships "
        "(passage_id, message_id, arrived_on, decided_on, stage, topic_id, strength) "
        "SELECT message_id, message_id, arrived_on, arrived_on + 1, 'assign', NULL, 0 "
        "FROM triage.message_triage WHERE arrived_on = :day AND topic_id IS NOT NULL LIMIT 3",
        day=LAST,
    )
    (after,) = _ask(analyst, 3, first=LAST, last=LAST)
    assert after["n_unclustered"] == last["n_unclustered"]
    assert after["n_unclustered_now"] == last["n_unclustered_now"] + 3


def test_which_intents_come_most(analyst: Connection) -> None:
    """The latest week comes first with the surging intent on top; shares are of the whole week."""
    rows = _ask(analyst, 4, most=3)
    assert [(r["week"], r["rank"]) for r in rows] == [
        (dt.date(2026, 3, day), rank) for day in (9, 2) for rank in (1, 2, 3)
    ]
    assert rows[0]["intent"] == "app"
    whole = _ask(analyst, 4, most=99)
    assert abs(sum(r["share"] for r in whole if r["week"] == dt.date(2026, 3, 2)) - 1) < 0.001
    assert all(0 <= r["n_abstained"] <= r["n_messages"] for r in whole)
    assert sum(r["n_messages"] for r in whole) == sum(
        len(rows) - 1 for day, rows in inbox().items() if FIRST <= day <= LAST
    )


def test_the_intents_of_the_view_are_those_of_the_page(
    filled: tuple[Settings, PostgresStore], analyst: Connection
) -> None:
    """View, file and page count the same by intent and day, the corrected message included."""
    query = """
        SELECT day, intent, n_messages, n_abstained FROM triage.intent_trend
        WHERE intent <> 'unsupported_language' ORDER BY 1, 2
    """
    view = [tuple(row) for row in analyst.execute(text(query))]
    assert ("refund", FIRST) in {(intent, day) for day, intent, *_ in view}
    with stream.rows_of(filled[1].engine, "intents") as (_, rows):
        assert [tuple(row.values()) for row in rows] == view
    with filled[1].engine.connect() as connection:
        page = figures.intents(connection, last=LAST, n_days=28)
    assert sorted((d, i.intent, n) for i in page for d, n in zip(i.days, i.ns, strict=True)) == [
        row[:3] for row in view
    ]
    assert sum(i.n_abstained for i in page) == sum(row[3] for row in view)


def test_which_intents_abstain(analyst: Connection) -> None:
    """Intents are sorted by their share of abstentions, without messages in other languages."""
    _as_owner(
        analyst,
        "UPDATE triage.intent_predictions SET abstained = true, reason = 'low_probability' "
        "WHERE intent = 'pin'",
    )
    rows = _ask(analyst, 5)
    assert {r["intent"] for r in rows} == set(SUBJECTS)
    assert rows[0]["intent"] == "pin"
    assert rows[0]["share_abstained"] > Decimal("0.98")
    shares = [r["share_abstained"] for r in rows]
    assert shares == sorted(shares, reverse=True)
    assert all(0 < r["mean_probability"] <= 1 for r in rows)


def test_whose_theme_a_message_has(analyst: Connection) -> None:
    """A message has its theme, who decided it, a run or a person, and when."""
    (run,) = _ask(analyst, 6)
    assert run["topic_id"] == _theme_of(analyst, "card")
    assert (run["stage"], run["decided_by"], run["decided_on"]) == ("discover", "run", FIRST)
    assert 0.5 <= run["strength"] <= 1
    (corrected,) = _ask(analyst, 6, external_id="pin-2026-03-02-0")
    assert corrected["topic_id"] == _theme_of(analyst, "refund")
    assert (corrected["stage"], corrected["decided_by"]) == ("correction", "maria")
    assert (corrected["intent"], corrected["intent_corrected"]) == ("refund", True)
    assert corrected["strength"] is None
    (german,) = _ask(analyst, 6, external_id="german-2026-03-02")
    assert (german["topic_id"], german["decided_by"], german["strength"]) == (None, "run", 0)
    assert german["stage"] == "assign"
    (untouched,) = _ask(analyst, 6, external_id="untouched")
    assert (untouched["topic_id"], untouched["stage"], untouched["decided_by"]) == (None,) * 3
    assert _ask(analyst, 6, external_id="nobody's; DROP VIEW triage.themes") == []


def test_a_merged_theme_is_followed(analyst: Connection) -> None:
    """Messages, corrected ones too, and alerts of a merged theme show its heir."""
    heir = _theme_of(analyst, "card")
    for subject in ("refund", "app"):
        _as_owner(
            analyst,
            "UPDATE triage.topics SET heir_id = :heir, status = 'merged' WHERE topic_id = :t",
            heir=heir,
            t=_theme_of(analyst, subject),
        )
    (corrected,) = _ask(analyst, 6, external_id="pin-2026-03-02-0")
    assert corrected["topic_id"] == heir
    assert {r["topic_id"] for r in _ask(analyst, 7) if r["kind"] == "surge"} == {heir}


def test_what_became_of_alerts(analyst: Connection) -> None:
    """The surge of the last day is told with what a person made of it; the open alert is dated."""
    day = LAST + dt.timedelta(2)
    _alert_of_birth(analyst, severity="medium")
    rows = {r["kind"]: r for r in _ask(analyst, 7, day=day)}
    surge = rows["surge"]
    assert (surge["topic_id"], surge["day"]) == (_theme_of(analyst, "app"), LAST)
    assert surge["observed"] >= 0.8 * N_SURGE > surge["expected"]
    assert (surge["status"], surge["handled_by"], surge["days_open"]) == (
        "acknowledged", "maria", None,
    )  # fmt: skip
    assert (rows["new_topic"]["status"], rows["new_topic"]["days_open"]) == ("open", 2)
    (gravest,) = _ask(analyst, 7, most=1)
    assert gravest["severity"] == "high"
    assert _ask(analyst, 7, day=FIRST) == []


def test_what_came_late(analyst: Connection) -> None:
    """Late messages count on the day they arrived, with how late they were."""
    rows = {r["day"]: r for r in _ask(analyst, 8)}
    late = rows.pop(LATE)
    assert (late["n_late"], late["days_late"], late["days_latest"]) == (3, 2, 2)
    assert late["oldest_day"] == LATE - dt.timedelta(2)
    assert late["n_messages"] == 4 * N_USUAL + 2 + 3
    assert {(r["n_late"], r["days_late"], r["share_late"]) for r in rows.values()} == {
        (0, None, Decimal(0))
    }
    assert set(rows) == {FIRST + dt.timedelta(n) for n in range(N_DAYS + 1)} - {LATE}


def test_through_which_channels(analyst: Connection) -> None:
    """A theme that comes by e-mail alone is told to; each theme's shares add up."""
    rows = _ask(analyst, 9)
    refund = _theme_of(analyst, "refund")
    (mail, *_) = [r for r in rows if r["topic_id"] == refund]
    assert mail["channel"] == "email"
    assert mail["share"] > Decimal("0.9")
    assert mail["times_usual"] > 3
    for topic in {r["topic_id"] for r in rows}:
        assert abs(sum(r["share"] for r in rows if r["topic_id"] == topic) - 1) < Decimal("0.001")
    assert rows[-1]["topic_id"] is None
    assert "unknown" in {r["channel"] for r in rows if r["topic_id"] is None}


def test_which_days_are_complete(analyst: Connection) -> None:
    """Each state that a day can be in occurs, and its counts add up."""
    stale = LAST - dt.timedelta(1)
    _as_owner(
        analyst,
        "UPDATE triage.runs SET stale = true WHERE (job = 'discover' AND day = :stale) "
        "OR (job LIKE 'ingest:%' AND day = :last)",
        stale=stale,
        last=LAST,
    )
    missing = UNTOUCHED + dt.timedelta(1)
    rows = {r["day"]: r for r in _ask(analyst, 10, last=missing)}
    assert next(iter(rows)) == missing
    expected = {FIRST + dt.timedelta(n): "complete" for n in range(N_DAYS)} | {
        EMPTY: "empty", PARTIAL: "partial", stale: "stale", UNTOUCHED: "undiscovered",
        missing: "missing",
    }  # fmt: skip
    assert {day: r["state"] for day, r in rows.items()} == expected
    for day in (FIRST, PARTIAL, LAST):
        row = rows[day]
        finished = row["n_stored"] + row["n_known"] + row["n_quarantined"]
        assert row["n_pulled"] == finished
        assert row["n_quarantined"] == 1
        assert row["n_arrived"] == row["n_stored"] + row["n_known"]
    assert rows[PARTIAL]["n_stored"] == 1
    assert rows[LAST]["coverage"] > Decimal("0.7")


@pytest.mark.parametrize("name", _FILES)
def test_psql_gives_the_same_answer(
    filled: tuple[Settings, PostgresStore],
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    analyst: Connection,
    name: str,
) -> None:
    """`triage psql` runs the file as it stands, with the values set as the README says."""
    url = filled[0].database_url
    assert url is not None
    monkeypatch.setenv("TRIAGE_DATABASE_URL", url.get_secret_value())
    monkeypatch.setenv("PGOPTIONS", "-c role=triage_reader")
    quoted = {k: v if isinstance(v, int) else f"'{v}'" for k, v in _ASKED.items()}
    given = [part for k, v in quoted.items() for part in ("-v", f"{k}={v}")]
    file = str(_QUERIES / name)
    strict = ["--no-psqlrc", "--csv", "-v", "ON_ERROR_STOP=1"]
    monkeypatch.setattr(sys, "argv", ["triage", "psql", *strict, *given, "-f", file])
    with pytest.raises(SystemExit) as ended:
        main()
    words = capfd.readouterr()
    assert (ended.value.code, words.err) == (0, "")
    by_psql = list(csv.DictReader(io.StringIO(words.out)))
    by_us = _ask(analyst, _FILES.index(name) + 1)
    assert [list(row) for row in by_psql] == [list(row) for row in by_us]
    assert len(by_us) > 0


@pytest.mark.parametrize("name", _FILES)
def test_each_file_says_what_it_is(name: str) -> None:
    """The header states the question, how to read the answer and exactly the values it takes."""
    lines = (_QUERIES / name).read_text(encoding="utf-8").splitlines()
    header = [line.removeprefix("--").strip() for line in lines if line.startswith("--")]
    assert header[0].endswith("?")
    assert f"| [{name}]({name}) | {header[0]} |" in (_QUERIES / "README.md").read_text()
    assert len(header) >= 5
    words = " ".join(header).partition("Parameters: ")[2]
    taken = set(_BIND.findall("\n".join(line for line in lines if not line.startswith("--"))))
    assert taken
    assert all(re.search(rf"\b{value}\b", words) for value in taken)
    assert {v for v in _ASKED if re.search(rf"\b{v}\b,| {v} and |and {v}\b", words)} <= taken
    assert not _BIND.findall("\n".join(header))
