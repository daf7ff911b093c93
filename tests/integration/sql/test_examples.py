"""Labelled examples in Postgres: each text under the hash by which messages are known."""

import pytest
from sqlalchemy import text

from nlp.intents import checks
from nlp.jobs.ingest import ingest_day
from nlp.jobs.train import add_examples
from nlp.records import LabelledExample, RawRow
from nlp.settings import Settings
from nlp.text.own import own_text
from sql.connect import PostgresStore
from tests.fakes import MemorySource
from tests.inbox import FIRST

_CARD, _MAIL = "4111 1111 1111 1111", "jane@mail.example"
_SHOWN = "SELECT text, intent, origin FROM triage.labelled_examples ORDER BY text, intent"
_INSERT = text(
    "INSERT INTO triage.labelled_examples (text_hash, intent, text, origin) "
    "VALUES (:hash, :intent, :text, 'old')"
)


def _rows(store: PostgresStore) -> list[tuple[str, ...]]:
    with store.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(_SHOWN))]


def test_examples_of_placeholders_alone_stay_apart(
    store: PostgresStore, settings: Settings
) -> None:
    """A card number of one intent and an address of another are two examples, no conflict."""
    given = [LabelledExample(_CARD, "payment"), LabelledExample(_MAIL, "contact")]
    assert add_examples(store, given, origin="file", settings=settings) == 2
    kept, conflicts = checks.resolve_labels(store.examples(), store.corrected())
    assert [(e.text, e.intent) for e in kept] == [("<CARD>", "payment"), ("<EMAIL>", "contact")]
    assert conflicts == []


def test_two_placeholders_of_one_intent_are_two_examples(
    store: PostgresStore, settings: Settings
) -> None:
    """The second text of an intent is no repetition of the first."""
    given = [LabelledExample(_CARD, "data"), LabelledExample(_MAIL, "data")]
    assert add_examples(store, given, origin="file", settings=settings) == 2
    assert [row[0] for row in _rows(store)] == ["<CARD>", "<EMAIL>"]


_LETTER = "Hello,\n\nI lost my card.\n\n> On Monday you wrote:\n> How can we help?\n"


@pytest.mark.parametrize(
    "words", [_CARD, _MAIL, "XXXX", "I lost  my card", f"pay {_CARD}!", _LETTER]
)
def test_an_example_has_the_hash_of_its_message(
    store: PostgresStore, settings: Settings, words: str
) -> None:
    """A text that is labelled is found among the messages, whatever redaction left of it."""
    fields = {"external_id": "1", "created_at": f"{FIRST}T09:00:00Z", "text": words}
    source = MemorySource("inbox", {FIRST: [RawRow("row 1", fields)]})
    ingest_day(store, source, FIRST, settings=settings)
    add_examples(store, [LabelledExample(words, "card")], origin="file", settings=settings)
    query = "SELECT count(*) FROM triage.messages JOIN triage.labelled_examples USING (text_hash)"
    with store.engine.connect() as connection:
        assert connection.scalar(text(query)) == 1


def test_examples_under_the_hash_of_nothing_are_mended(
    store: PostgresStore, settings: Settings
) -> None:
    """What an earlier version stored under the hash of the empty text moves at the next save."""
    nothing = own_text("").text_hash
    with store.engine.begin() as connection:
        connection.execute(text("INSERT INTO triage.intents (name) VALUES ('pay'), ('data')"))
        for intent, words in (("pay", "<CARD>"), ("data", "<EMAIL>")):
            values = {"hash": nothing, "intent": intent, "text": words}
            connection.execute(_INSERT, values)
        own = {"hash": own_text("<EMAIL>").text_hash, "intent": "data", "text": "<EMAIL>"}
        connection.execute(_INSERT, own)  # stored rightly in the meantime, from a message
    for _ in range(2):
        add_examples(store, [LabelledExample("hello", "data")], origin="new", settings=settings)
        expected = [("<CARD>", "pay", "old"), ("<EMAIL>", "data", "old"), ("hello", "data", "new")]
        assert _rows(store) == expected
        with store.engine.connect() as connection:
            rows = connection.execute(
                text("SELECT text, text_hash::text FROM triage.labelled_examples")
            )
            assert all(own_text(row[0]).text_hash == row[1] for row in rows)
