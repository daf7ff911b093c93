"""Decisions on the command line: made, logged with user and channel, and undone by number."""

import getpass
import re

import pytest
from sqlalchemy import text

from nlp.settings import Settings
from sql.connect import PostgresStore
from tests.command_line import Triage, one_line, triage  # noqa: F401
from tests.three_themes import APP, CARD, PIN, fill, merge_by_a_run, message_id

_SEEN = """
SELECT (SELECT jsonb_agg(jsonb_build_array(label, label_source, status, heir_id, muted)
                         ORDER BY topic_id)
        FROM triage.topics WHERE topic_id < 20260309000) AS topics,
       (SELECT jsonb_agg(jsonb_build_array(message_id, topic_id, intent) ORDER BY message_id)
        FROM triage.message_triage) AS messages,
       (SELECT jsonb_agg(jsonb_build_array(text, intent) ORDER BY text, intent)
        FROM triage.labelled_examples) AS examples,
       (SELECT jsonb_agg(name ORDER BY name) FROM triage.intents WHERE active) AS intents
"""
_PICKED = [message_id(CARD, n) for n in range(4)]


@pytest.fixture
def run(triage: Triage, store: PostgresStore, settings: Settings) -> Triage:  # noqa: F811
    """The command line on a day with three themes of eight messages each."""
    fill(store)
    assert settings.database_url is not None
    triage.monkeypatch.setenv("TRIAGE_DATABASE_URL", settings.database_url.get_secret_value())
    return triage


def _state(store: PostgresStore) -> object:
    with store.engine.connect() as connection:
        return tuple(connection.execute(text(_SEEN)).one())


@pytest.mark.parametrize(
    ("arguments", "action"),
    [
        (["rename", CARD, "Lost cards"], "rename"),
        (["merge", PIN, CARD], "merge"),
        (["split", CARD, "--as", "Stolen cards", *_PICKED], "split"),
        (["split", CARD, "--as", "Stolen cards"], "split"),
        (["mute", APP], "mute"),
        (["promote", APP, "--as", "App crash"], "promote"),
        (["correct", message_id(PIN, 0), "pin", "--note", "she said so"], "correct"),
        (["correct", message_id(PIN, 0), "--theme", CARD], "correct"),
        (["rename-intent", "pin", "card_lost"], "move"),
        (["rename-intent", "pin", "PIN code"], "move"),
        (["retire-intent", "pin"], "retire"),
    ],
)
def test_each_decision_is_logged_and_undone_by_its_number(
    run: Triage, store: PostgresStore, arguments: list[object], action: str
) -> None:
    """A decision prints its number and how to undo it, is logged, and can be undone."""
    before = _state(store)
    ended = run(*map(str, arguments))
    assert (ended.code, ended.err) == (0, "")
    assert _state(store) != before
    number = re.search(r"Undo it with: triage undo (\d+)", ended.out)
    assert number is not None
    assert f"Decision {number[1]}" in ended.out
    with store.engine.connect() as connection:
        logged = connection.execute(
            text("SELECT decision_no, actor, action, channel FROM triage.decisions")
        ).one()
    assert tuple(logged) == (int(number[1]), getpass.getuser(), action, "command_line")
    undone = run("undo", number[1], "--by", "ben")
    assert (undone.code, undone.err) == (0, "")
    assert _state(store) == before


def test_a_merge_of_a_run_is_undone_and_a_mute_ended(run: Triage, store: PostgresStore) -> None:
    """Unmerging restores the theme, unmuting its alerts; each is a separate decision."""
    merge_by_a_run(store)
    assert "a theme of its own again" in run("unmerge", str(PIN)).out
    assert run("mute", str(PIN)).code == 0
    assert run("unmute", str(PIN)).code == 0
    with store.engine.connect() as connection:
        query = text("SELECT heir_id, muted FROM triage.topics WHERE topic_id = :t")
        assert tuple(connection.execute(query, {"t": PIN}).one()) == (None, False)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["rename", 7, "x"], "There is no theme 7"),
        (["merge", CARD, CARD], "cannot be merged into itself"),
        (["split", CARD, "--as", "Two", *_PICKED[:2]], r"3 to 500 messages\. Was: 2"),
        (["promote", APP, "--as", "Card-Lost"], "Intent 'card_lost' exists already"),
        (["correct", "nonsense", "pin"], "There is no message nonsense"),
        (["correct", message_id(PIN, 0)], "Nothing was chosen"),
        (["mute", APP, "--by", "run"], "has the name of a person. Was: 'run'"),
        (["undo", 99], "There is no decision 99"),
        (["rename-intent", "nothing", "pin"], "There is no intent 'nothing'"),
        (["rename-intent", "pin", "pin"], "'pin' has this name already"),
        (["rename-intent", "pin", " "], "has 1 to 60 characters"),
        (["retire-intent", "pin", "--restore"], "'pin' is in use already"),
        (["retire-intent", "pin", "--by", "run"], "has the name of a person. Was: 'run'"),
    ],
)
def test_a_refusal_is_one_line_and_nothing_is_logged(
    run: Triage, store: PostgresStore, arguments: list[object], words: str
) -> None:
    """A refused decision prints its reason in one line, as on the page, and changes nothing."""
    before = _state(store)
    assert re.search(words, one_line(run(*map(str, arguments))))
    assert _state(store) == before
    with store.engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM triage.decisions")) == 0
