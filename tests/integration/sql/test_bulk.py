"""Decisions about many messages or themes at once, and about intents, as the reviewer."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, text

from nlp.errors import ConflictError, DecisionError, NotFoundError
from nlp.jobs import bulk, taxonomy
from nlp.jobs.decide import undo
from nlp.records import LabelledExample
from nlp.settings import Settings
from nlp.states import Channel
from nlp.text.own import own_text
from sql.connect import PostgresStore
from sql.queries import figures, messages
from sql.queries.connect import open_page
from sql.stores.decisions import record
from sql.stores.decisions.store import Decisions
from sql.stores.erasures.rows import ORPHANS
from tests import deciding
from tests.three_themes import APP, CARD, N_EACH, PIN, fill, message_id

_CARDS = [message_id(CARD, n) for n in range(N_EACH)]
_BY: dict[str, Any] = {"actor": "maria", "channel": Channel.PAGE}


@pytest.fixture
def page(store: PostgresStore, settings: Settings) -> Iterator[Engine]:
    """The page's engine on a day with three themes of eight messages each."""
    fill(store)
    engine = open_page(settings)
    yield engine
    engine.dispose()


@contextmanager
def _deciding(page: Engine) -> Iterator[Decisions]:
    with page.begin() as connection:
        yield Decisions(connection)


def _words(page: Engine) -> dict[str, str]:
    query = text("SELECT message_id::text, intent FROM triage.message_triage "
                 "WHERE intent_corrected ORDER BY 1")  # fmt: skip
    with page.connect() as connection:
        return {str(m): str(i) for m, i in connection.execute(query)}


def test_many_messages_are_decided_and_undone_in_one_step(page: Engine) -> None:
    """One entry of the log; it is in the history of each message, and one undo takes all back."""
    with _deciding(page) as store:
        decided = bulk.place_all(store, _CARDS, "card_lost", is_new=False, **_BY)
    assert _words(page) == dict.fromkeys(_CARDS, "card_lost")
    with page.connect() as connection:
        (entry,) = messages.history(connection, _CARDS[3])
        assert (entry.decision_no, entry.became["n_messages"]) == (decided.number, N_EACH)
        assert record.token(connection, message_id=_CARDS[3]) == str(decided.number)
        assert messages.history(connection, message_id(PIN, 0)) == []
    with _deciding(page) as store:
        bulk.undo_step(store, decided.number, actor="maria")
    assert _words(page) == {}


def test_what_somebody_just_decided_stays_and_is_told(page: Engine) -> None:
    """The others are decided; undoing the bulk decision leaves what somebody else said."""
    with page.begin() as connection:
        deciding.correct(connection, _CARDS[0], intent="pin", actor="omar")
    with _deciding(page) as store:
        decided = bulk.place_all(store, _CARDS, "card_lost", is_new=False, **_BY)
        entry = store.decision(decided.number)
    assert entry is not None
    assert (entry.became["n_messages"], entry.became["n_left"]) == (N_EACH - 1, 1)
    assert _words(page)[_CARDS[0]] == "pin"
    with _deciding(page) as store, pytest.raises(ConflictError, match="all of these messages"):
        bulk.place_all(store, _CARDS, "pin", is_new=False, **_BY)
    with page.begin() as connection:
        deciding.correct(connection, _CARDS[5], intent="pin", actor="omar")
    with _deciding(page) as store:
        bulk.undo_step(store, decided.number, actor="maria")
    assert _words(page) == {_CARDS[0]: "pin", _CARDS[5]: "pin"}


def test_a_new_intent_comes_and_goes_with_the_messages(page: Engine) -> None:
    """It is defined in the same step; undone together; not where it is used by others."""
    with _deciding(page) as store:
        first = bulk.place_all(store, _CARDS, "Card eaten", is_new=True, **_BY)
    assert set(_words(page).values()) == {"card_eaten"}
    with _deciding(page) as store, pytest.raises(DecisionError, match="has examples or messages"):
        undo(store, first.number, actor="maria")
    with _deciding(page) as store:
        bulk.undo_step(store, first.number, actor="maria")
    with page.connect() as connection:
        assert "card_eaten" not in figures.names(connection)
    assert _words(page) == {}


def test_several_themes_are_merged_in_one_step(page: Engine) -> None:
    """All or none: where one is merged away already, the others stay as they are."""
    with _deciding(page) as store:
        decided = bulk.merge_all(store, [PIN, APP, CARD], CARD, **_BY)
        assert decided.topic_id == CARD
        assert store.lives([PIN])[PIN].merge is not None
    with _deciding(page) as store:
        bulk.undo_step(store, decided.number, actor="maria")
        assert all(life.merge is None for life in store.lives([PIN, APP]).values())
    with page.begin() as connection:
        deciding.merge(connection, APP, heir=CARD, actor="omar")
    with pytest.raises(ConflictError), _deciding(page) as store:
        bulk.merge_all(store, [PIN, APP], CARD, **_BY)
    with _deciding(page) as store:
        assert store.lives([PIN])[PIN].merge is None
        with pytest.raises(DecisionError, match="at least two"):
            bulk.merge_all(store, [CARD, CARD], CARD, **_BY)


def test_an_intent_is_defined_described_and_retired_with_undo(page: Engine) -> None:
    """Each is logged; undone it is as before; who saw less than was decided is told."""
    with _deciding(page) as store:
        number, name = taxonomy.define(store, "Card Eaten", description="By an ATM", **_BY)
        assert (name, store.description(name)) == ("card_eaten", "By an ATM")
        seen = str(number)
        output = taxonomy.describe(store, name, description="A machine kept it", seen=seen, **_BY)
        with pytest.raises(ConflictError, match="did “describe” here"):
            taxonomy.retire(store, name, seen=seen, **_BY)
        gone = taxonomy.retire(store, name, **_BY)
        assert store.intents()[name] is False
        with pytest.raises(DecisionError, match="retired already"):
            taxonomy.retire(store, name, **_BY)
        with pytest.raises(ConflictError, match="did “retire” again"):
            undo(store, number, actor="maria")
        undo(store, gone, actor="maria")
        assert store.intents()[name] is True
        undo(store, output, actor="maria")
        assert store.description(name) == "By an ATM"
        undo(store, number, actor="maria")
        assert store.intents()[name] is False
        with pytest.raises(NotFoundError):
            taxonomy.describe(store, "nothing", description="x", **_BY)


def _examples(page: Engine) -> list[tuple[str, str]]:
    query = text("SELECT text, intent FROM triage.labelled_examples ORDER BY 1, 2")
    with page.connect() as connection:
        return [(row.text, row.intent) for row in connection.execute(query)]


def test_an_intent_that_was_joined_with_another_comes_back_whole(
    page: Engine, store: PostgresStore
) -> None:
    """Examples and corrections move and return, but those of both; the page may undo it."""
    rows = [("one", "pin"), ("both", "pin"), ("both", "card_lost"), ("two", "card_lost")]
    store.save_examples([LabelledExample(*row) for row in rows], origin="test")
    with _deciding(page) as reviewer:
        bulk.place_all(reviewer, _CARDS[:2], "pin", is_new=False, **_BY)
        bulk.place_all(reviewer, _CARDS[2:3], "card_lost", is_new=False, **_BY)
    before, words = _examples(page), _words(page)
    with store.deciding() as decisions:
        number, n_moved = taxonomy.move(decisions, "pin", "card_lost", **_BY)
        assert (n_moved, decisions.intents()["pin"]) == (3, False)
    assert set(_words(page).values()) == {"card_lost"}
    assert [e for e in _examples(page) if e[1] == "pin"] == [("both", "pin")]
    with _deciding(page) as reviewer:
        undo(reviewer, number, actor="omar")
        assert reviewer.intents()["pin"] is True
    assert (_examples(page), _words(page)) == (before, words)


def test_of_two_names_in_a_row_the_last_is_undone_first(store: PostgresStore) -> None:
    """What moved twice comes back by two undos, the latest first; the middle name goes with it."""
    store.save_examples([LabelledExample("one", "a")], origin="test")
    with store.deciding() as decisions:
        first, _ = taxonomy.move(decisions, "a", "b", **_BY)
        second, _ = taxonomy.move(decisions, "b", "c", **_BY)
        with pytest.raises(ConflictError, match="did “move” again"):
            undo(decisions, first, actor="omar")
        undo(decisions, second, actor="omar")
        assert decisions.intents() == {"a": False, "b": True, "c": False}
        undo(decisions, first, actor="omar")
        assert decisions.intents() == {"a": True, "b": False, "c": False}
        with pytest.raises(DecisionError, match="in use already"):
            taxonomy.restore(decisions, "a", **_BY)
        taxonomy.restore(decisions, "c", **_BY)
        assert decisions.intents()["c"] is True


def test_an_erased_text_is_no_more_in_the_record_of_a_move(store: PostgresStore) -> None:
    """Its hash leaves the log; the others are still moved back."""
    store.save_examples([LabelledExample("one", "a"), LabelledExample("two", "a")], origin="test")
    with store.deciding() as decisions:
        number, _ = taxonomy.move(decisions, "a", "b", **_BY)
    with store.engine.begin() as connection:
        gone = {"hashes": [own_text("one").text_hash]}
        for statement in ORPHANS.values():
            connection.execute(text(statement), gone)
    with store.deciding() as decisions:
        entry = decisions.decision(number)
        assert entry is not None
        assert entry.became["moved"]["examples"] == [own_text("two").text_hash]
        undo(decisions, number, actor="omar")
    assert [e.intent for e in store.examples()] == ["a"]
