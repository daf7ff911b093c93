"""Messages of several passages in Postgres: stored, listed, counted, corrected."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from nlp.records import Assignment, Discovery, Passage
from nlp.settings import Settings
from nlp.text.own import own_text, passage_id
from sql.connect import PostgresStore
from sql.queries import board, export, figures, messages, passages, search, stream, theme
from sql.queries.connect import open_page
from sql.queries.messages import Filter
from tests import deciding
from tests.three_themes import (
    APP,
    CARD,
    DAY,
    N_EACH,
    NAMES,
    NEXT,
    PIN,
    discovery,
    fill,
    message_id,
    run,
    vector,
)

BOTH = message_id(CARD, 0)
"""The message that is of CARD first and of PIN, too."""
SECOND = passage_id(BOTH, 2)
_WORDS = "Also the pin is blocked"


def _first(topic: int, n: int) -> Passage:
    name, words = message_id(topic, n), f"{NAMES[topic]} again {n}"
    return Passage(name, name, 1, 0, len(words), words, name)


def _second() -> Passage:
    return Passage(SECOND, BOTH, 2, 0, len(_WORDS), _WORDS, own_text(_WORDS).text_hash)


def _everything() -> list[Passage]:
    return [*(_first(t, n) for t in NAMES for n in range(N_EACH)), _second()]


@pytest.fixture
def store(store: PostgresStore) -> PostgresStore:
    """Three themes of eight messages; one of CARD raises PIN as well."""
    fill(store)
    store.save_passages(DAY, _everything(), joined_to={})
    store.save_embeddings(
        encoder="test", text_hashes=[_second().text_hash], embeddings=vector(PIN)[None]
    )
    assigned = [Assignment(message_id(t, n), t, 0.8) for t in NAMES for n in range(N_EACH)]
    store.save_assignments(DAY, [*assigned, Assignment(SECOND, PIN, 0.6)])
    run(store, DAY, _result())
    return store


@pytest.fixture
def page(store: PostgresStore, settings: Settings) -> Iterator[Engine]:
    """The page's engine, with the page's rights."""
    engine = open_page(settings)
    yield engine
    engine.dispose()


def _result() -> Discovery:
    """What a run finds: PIN has one message more."""
    result = discovery(list(NAMES))
    days = [replace(d, n_messages=N_EACH + (d.topic_id == PIN)) for d in result.topic_days]
    return replace(result, topic_days=days)


def _on_board(page: Engine) -> dict[int, int]:
    with page.connect() as db:
        rows = board.board(db, board.Choice(ids=list(NAMES)), most=9)
        return {row["topic_id"]: row["n_today"] for row in rows}


def _of_theme(page: Engine, topic: int) -> list[str]:
    with page.connect() as db:
        return [m.message_id for m in theme.messages(db, topic, Filter(), most=99)]


def _in_file(page: Engine, topic: int) -> list[str]:
    with stream.messages_of(page, Filter(), topic) as (_, rows):
        return [row["message_id"] for row in rows]


def _agree(page: Engine, expected: dict[int, int]) -> None:
    """Board, list, file and view of each theme have the same count."""
    assert _on_board(page) == expected
    for topic, n in expected.items():
        assert len(_of_theme(page, topic)) == n
        assert sorted(_in_file(page, topic)) == sorted(_of_theme(page, topic))
    with page.connect() as db:
        counted = "SELECT topic_id, count(*) FROM triage.message_topics GROUP BY 1"
        mixed = "SELECT topic_id, sum(n_messages)::int FROM triage.theme_mix GROUP BY 1"
        for query in (counted, mixed):
            assert {row[0]: row[1] for row in db.execute(text(query))} == expected, query


def test_a_message_counts_in_each_of_its_themes(page: Engine) -> None:
    """Once in each theme, in every query."""
    _agree(page, {CARD: N_EACH, PIN: N_EACH + 1, APP: N_EACH})


def test_a_message_counts_once_in_a_total(page: Engine, store: PostgresStore) -> None:
    """Its intent is one, and so is it among the day's messages."""
    with page.begin() as db:
        deciding.correct(db, BOTH, intent="pin", actor="maria")
        (days,) = figures.intents(db, last=DAY, n_days=7)
        assert (days.intent, days.n) == ("pin", 1)
        total = "SELECT sum(n_first) FROM triage.topic_mix WHERE day = :day"
        assert db.scalar(text(total), {"day": DAY}) == 3 * N_EACH
        shares = {row["topic_id"]: row["share_today"] for row in board.board(
            db, board.Choice(ids=list(NAMES)), most=9)}  # fmt: skip
    assert shares[PIN] == pytest.approx((N_EACH + 1) / (3 * N_EACH))


def test_a_merge_counts_a_message_of_both_once_and_parted_it_counts_in_each(page: Engine) -> None:
    """Also where three become one, and when the merges are undone in any order."""
    before = _on_board(page)
    with page.begin() as db:
        one = deciding.merge(db, PIN, CARD, actor="maria")
    _agree(page, {CARD: 2 * N_EACH, APP: N_EACH})
    with page.begin() as db:
        other = deciding.merge(db, CARD, APP, actor="maria")
    _agree(page, {APP: 3 * N_EACH})
    with page.begin() as db:
        deciding.undo(db, other, actor="maria")
    _agree(page, {CARD: 2 * N_EACH, APP: N_EACH})
    with page.begin() as db:
        deciding.undo(db, one, actor="maria")
    assert _on_board(page) == before
    _agree(page, before)


def test_a_persons_word_holds_for_the_whole_message_until_it_is_undone(page: Engine) -> None:
    """It leaves its other theme, and is in it again after an undo."""
    before = _on_board(page)
    with page.begin() as db:
        number = deciding.correct(db, BOTH, topic_id=APP, actor="maria")
    _agree(page, {CARD: N_EACH - 1, PIN: N_EACH, APP: N_EACH + 1})
    with page.connect() as db:
        assert [p.topic_id for p in passages.parts(db, BOTH)] == [APP]
    with page.begin() as db:
        deciding.undo(db, number, actor="maria")
    _agree(page, before)


def test_a_run_starts_from_the_topic_of_each_passage(store: PostgresStore, page: Engine) -> None:
    """A person's correction of the message applies to all its passages."""
    standing = store.topics_of_passages(day=NEXT, first=DAY)
    assert (standing[BOTH], standing[SECOND]) == (CARD, PIN)
    assert store.placed_passages(day=NEXT, first=DAY) == set()
    with page.begin() as db:
        deciding.correct(db, BOTH, topic_id=APP, actor="maria")
    standing = store.topics_of_passages(day=NEXT, first=DAY)
    assert (standing[BOTH], standing[SECOND]) == (APP, APP)
    assert store.placed_passages(day=NEXT, first=DAY) == {BOTH, SECOND}


def test_the_words_of_a_theme_are_those_that_raise_it(page: Engine) -> None:
    """A theme that is promoted takes its examples from the passages about it."""
    with page.begin() as db:
        deciding.promote(db, PIN, "pin_blocked", actor="maria")
        query = "SELECT text FROM triage.labelled_examples WHERE intent = 'pin_blocked'"
        phrase = set(db.execute(text(query)).scalars())
    assert _WORDS in phrase
    assert not any(words.startswith(NAMES[CARD]) for words in phrase)
    with page.connect() as db:
        shown = {m.message_id: m.strength for m in theme.messages(db, PIN, Filter(), most=99)}
        result = messages.message(db, BOTH)
    assert shown[BOTH] == pytest.approx(0.6)
    assert result is not None
    assert (result.topic_id, result.strength) == (CARD, pytest.approx(0.8))


def test_words_find_every_theme_of_a_message(page: Engine) -> None:
    """A word of a message's text finds each of its themes."""
    with page.connect() as db:
        assert set(search.by_words(db, "card lost", last=DAY)) == {CARD, PIN}


def test_a_cut_that_is_repeated_leaves_the_same_and_one_that_differs_takes_along_what_was_said(
    store: PostgresStore,
) -> None:
    """A passage that no longer exists leaves no membership behind."""
    count = "SELECT count(*) FROM triage.memberships WHERE passage_id = :p"
    store.save_passages(DAY, _everything(), joined_to={})
    with store.engine.connect() as db:
        assert db.scalar(text(count), {"p": SECOND}) == 1
    store.save_passages(DAY, _everything()[:-1], joined_to={})
    with store.engine.connect() as db:
        assert db.scalar(text(count), {"p": SECOND}) == 0
        assert db.scalar(text(count), {"p": BOTH}) == 1


def test_a_window_holds_the_passages_that_are_embedded(store: PostgresStore) -> None:
    """By passage, each with its message; one without an embedding is told as such."""
    window = store.window(first=DAY, last=DAY, encoder="test", languages=["en"])
    assert window.passage_ids == sorted(window.passage_ids)
    at = window.passage_ids.index(SECOND)
    assert (window.message_ids[at], window.texts[at]) == (BOTH, _WORDS)
    assert len(set(window.message_ids)) == len(window.passage_ids) - 1
    assert store.unembedded([SECOND, _second().text_hash], encoder="test") == {SECOND}
    assert [t.message_id for t in store.texts_of(first=DAY, last=DAY, most=2)] == sorted(
        t.message_id for t in store.texts_of(first=DAY, last=DAY)
    )[:2]
    assert store.texts_of(first=DAY, last=DAY, languages=["de"]) == []
    assert store.unsupported(DAY, languages=["de"]) == window.passage_ids


def test_every_passage_is_exported(store: PostgresStore, tmp_path: Path) -> None:
    """With its theme at the end; a theme's messages, and its customers, are counted once each."""
    export.export(store.engine, tmp_path)
    lines = (tmp_path / "message_topics.csv").read_text().splitlines()
    assert lines[0] == "message_id,passage,topic_id,strength,text"
    assert f"{BOTH},2,{PIN},0.6,{_WORDS}" in lines
    assert len(lines) == 1 + 3 * N_EACH + 1
    topics = (tmp_path / "topics.csv").read_text()
    counts = [line.split(",")[-2:] for line in topics.splitlines()[1:]]
    assert counts == [["8", "4"], ["9", "4"], ["8", "4"]]


def test_the_zones_of_a_message_are_shown_in_their_order(store: PostgresStore) -> None:
    """None where all of it is the customer's own."""
    with store.engine.begin() as db:
        db.execute(
            text("UPDATE triage.messages SET zones = CAST(:z AS jsonb) WHERE message_id = :m"),
            {"z": '[["greeting", "Hi,"], ["quote", "> Dear <PERSON>"]]', "m": BOTH},
        )
        result = [(z.zone, z.text) for z in passages.around(db, BOTH)]
        assert result == [("greeting", "Hi,"), ("quote", "> Dear <PERSON>")]
        assert passages.around(db, message_id(PIN, 0)) == []
        assert [p.topic_id for p in passages.parts(db, BOTH)] == [CARD, PIN]
