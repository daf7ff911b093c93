"""The turns of one conversation on one day are one message."""

import csv
import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from nlp.jobs.check import check_discovered
from nlp.jobs.cut import cut_day
from nlp.jobs.replay import run_days
from nlp.records import RawRow
from nlp.settings import Settings
from sql.connect import PostgresStore
from sql.queries import export, passages
from tests import deciding
from tests.fakes import MemoryEncoder, MemorySource

_DAY, _NEXT = dt.date(2026, 3, 2), dt.date(2026, 3, 3)
_ENCODER = MemoryEncoder(("card", "refund", "pin"))
_PLACES = ("in London", "on the train", "at a shop", "on monday", "in the park", "at work",
           "after lunch", "this week", "last night", "at home", "by post", "at noon")  # fmt: skip
_QUERY = Path(passages.__file__).parent / "10_completeness_of_days.sql"


def _row(
    name: str, at: str, words: str, *, talk: str | None = None, author: str = "customer"
) -> RawRow:
    fields = {"external_id": name, "created_at": at, "text": words, "author": author}
    return RawRow(name, fields | ({"conversation_id": talk} if talk else {}))


def _usual(day: dt.date) -> list[RawRow]:
    return [
        _row(f"{s}-{day}-{n}", f"{day}T09:00:00Z", f"There is a problem with my {s} {place}")
        for s in ("card", "refund")
        for n, place in enumerate(_PLACES)
    ]


_TURNS = [  # not in order of time
    _row("last", f"{_DAY}T12:00:00Z", "The refund is not here either", talk="K"),
    _row("answer", f"{_DAY}T11:00:00Z", "We have sent a new one", talk="K", author="agent"),
    _row("first", f"{_DAY}T10:00:00Z", "There is a problem with my card", talk="K"),
    _row("alone", f"{_DAY}T10:00:00Z", "There is a problem with my card", talk="L"),
]
_SOURCE = MemorySource(
    "inbox",
    {
        _DAY: [*_usual(_DAY), *_TURNS],
        _NEXT: [*_usual(_NEXT), _row("later", f"{_NEXT}T08:00:00Z", "My card again", talk="K")],
    },
)


@pytest.fixture
def store(store: PostgresStore, settings: Settings) -> PostgresStore:
    """Two days, with three turns of a conversation on the first and one on the second."""
    run_days(store, _ENCODER, [_DAY, _NEXT], sources=[_SOURCE], settings=settings)
    return store


def _read(store: PostgresStore, query: str, **values: Any) -> list[Any]:
    with store.engine.connect() as db:
        return list(db.execute(text(query), values).all())


_JOINED = """
SELECT m.external_id, h.external_id FROM triage.messages m
LEFT JOIN triage.messages h ON h.message_id = m.joined_to
WHERE m.conversation_id IS NOT NULL ORDER BY 1
"""
_SAID = """
SELECT m.external_id, string_agg(p.text, ' | ' ORDER BY p.n) FROM triage.passages p
JOIN triage.messages m USING (message_id) WHERE m.conversation_id IS NOT NULL GROUP BY 1 ORDER BY 1
"""


def test_the_first_turn_of_a_day_has_the_words_of_all(store: PostgresStore) -> None:
    """Turns of a day are joined to the earliest; a turn on the next day is a separate message."""
    assert _read(store, _JOINED) == [
        ("alone", None), ("answer", None), ("first", None), ("last", "first"), ("later", None),
    ]  # fmt: skip
    words = dict(map(tuple, _read(store, _SAID)))
    assert words.keys() == {"alone", "first", "later"}
    assert "card" in words["first"]
    assert "refund" in words["first"]


def test_no_turn_is_lost_or_counted_twice(store: PostgresStore, settings: Settings) -> None:
    """Counted, joined and wordless messages add up to all; cutting again changes nothing."""
    seen = check_discovered(store, _DAY)
    assert seen == {"n_messages": 28, "n_unsupported": 0, "n_wordless": 1, "n_joined": 1}
    before = _read(store, _JOINED), _read(store, _SAID)
    cut_day(store, _ENCODER, _DAY, settings=settings)
    assert (_read(store, _JOINED), _read(store, _SAID)) == before
    states = _read(store, _QUERY.read_text(), first=_DAY, last=_NEXT)
    assert [row.state for row in states] == ["complete", "complete"]
    counted = "SELECT sum(n_first) FROM triage.topic_mix WHERE day = :day"
    assert _read(store, counted, day=_DAY) == [(26,)]


def test_a_conversation_is_listed_by_time(store: PostgresStore) -> None:
    """A conversation lists its turns of all days, agents' too; a single message has none."""
    ids = dict(map(tuple, _read(store, "SELECT external_id, message_id FROM triage.messages")))
    with store.engine.connect() as db:
        turns = passages.conversation(db, str(ids["last"]))
        assert [t.author for t in turns] == ["customer", "agent", "customer", "customer"]
        assert [t.joined_to for t in turns] == [None, None, str(ids["first"]), None]
        assert passages.conversation(db, str(ids["alone"])) == []


def _exported(store: PostgresStore, out: Path) -> dict[str, dict[str, str]]:
    """The rows of `assignments.csv` by message."""
    export.export(store.engine, out)
    with (out / "assignments.csv").open(encoding="utf-8", newline="") as file:
        return {row["message_id"]: row for row in csv.DictReader(file)}


def test_a_turn_has_the_theme_of_the_first_in_files(store: PostgresStore, tmp_path: Path) -> None:
    """`assignments.csv` has a row for every turn, with the theme that it is counted in."""
    rows = _exported(store, tmp_path)
    assert rows["last"]["topic_id"] == rows["first"]["topic_id"] != ""
    assert rows["last"]["created_at"] > rows["first"]["created_at"]
    assert rows["answer"]["topic_id"] == ""


def test_a_persons_word_about_a_turn_stays_above(store: PostgresStore, tmp_path: Path) -> None:
    """A turn that a person placed in another theme counts there, in the file and in the counts."""
    before = _exported(store, tmp_path)
    theirs = {row["topic_id"] for row in before.values()} - {"", before["last"]["topic_id"]}
    other = int(min(theirs))
    counted = "SELECT sum(n_first) FROM triage.topic_mix WHERE day = :day"
    (message,) = _read(store, "SELECT message_id FROM triage.messages WHERE external_id = 'last'")
    with store.engine.begin() as db:
        deciding.correct(db, str(message[0]), topic_id=other, actor="maria")
    assert _exported(store, tmp_path)["last"]["topic_id"] == str(other)
    assert _read(store, counted, day=_DAY) == [(27,)]
