"""Plain words: what a support lead reads is no term of statistics or of the store."""

import html
import json
import re
from collections.abc import Callable

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient
from triage_page import wording

from nlp.settings import Settings
from sql.connect import PostgresStore
from tests.three_themes import CARD, DAY, fill, message_id

_Open = Callable[[Settings], TestClient]
_TERMS = (
    r"\bcame (?!back)", r"in the window", r"\bp \d", r"Take it", r"\bKnown\b", r"In none",
    r"champion", r"challenger", r"oos auroc", r"Who decided what", r"\bece\b", r"exemplar",
    r"Quarantined",
)  # fmt: skip
_ARABIC = "ضاعت بطاقتي <x>"


def _fill(store: PostgresStore) -> None:
    """A model in service, one that waits, a birth with its evidence, and a message in Arabic."""
    fill(store)
    metrics = {"accuracy": 0.912, "ece": 0.03, "oos_auroc": 0.97, "n_examples": 200.0}
    gate = {"verdict": "pass", "n_messages": 90, "won": 7, "lost": 3}
    model = (
        "INSERT INTO triage.model_versions (version, kind, encoder, data_sha256, metrics, artefact,"
        " artefact_sha256, role, gate) VALUES (:v, 'kernel', 'test', '', :m, '', '', :r, :g)"
    )
    event = (
        "INSERT INTO triage.topic_events VALUES ('e', :d, 'birth', :t, NULL, 'run', "
        "'9 messages in 2 days where 0.5 were expected, p 5e-12')"
    )
    with store.engine.begin() as connection:
        for version, role in (("one", "champion"), ("two", "challenger")):
            values = {"v": version, "m": json.dumps(metrics), "r": role, "g": json.dumps(gate)}
            connection.execute(text(model), values)
        connection.execute(text(event), {"d": DAY, "t": CARD})
        written = "UPDATE triage.messages SET text = :t WHERE message_id = CAST(:m AS uuid)"
        connection.execute(text(written), {"t": _ARABIC, "m": message_id(CARD, 0)})
        intents = "UPDATE triage.topic_mix SET intent = 'pin'"
        connection.execute(text(intents))


def _words(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page)).split())


def test_no_page_uses_a_term_of_the_model(
    store: PostgresStore, settings: Settings, client_of: _Open
) -> None:
    """Not in its text, nor in what a chart reads out; the plain word stands there instead."""
    _fill(store)
    client = client_of(settings)
    pages = {
        path: _words(client.get(f"/triage{path}").text)
        for path in ("/", "/themes", f"/themes/{CARD}", "/queue", "/messages",
                     f"/messages/{message_id(CARD, 0)}", "/intents", "/runs", "/map")
    }  # fmt: skip
    result = {(p, t) for p, words in pages.items() for t in _TERMS if re.search(t, words)}
    assert result == set()
    theme = pages[f"/themes/{CARD}"]
    assert "where 0.5 were expected; by chance less than once in a million times" in theme
    for words in ("in service", "waits for approval", "right on examples that it had not seen 91%",
                  "good enough; alone right on 7 and alone wrong on 3 of 90 messages"):  # fmt: skip
        assert words in pages["/intents"]
    assert "Stored before" in pages["/runs"]


def test_every_time_names_its_zone(
    store: PostgresStore, settings: Settings, client_of: _Open
) -> None:
    """UTC stands beside each time of day, once."""
    _fill(store)
    client = client_of(settings)
    n_times = 0
    for path in ("/messages", f"/messages/{message_id(CARD, 0)}", "/intents", "/runs"):
        words = _words(client.get(f"/triage{path}").text)
        times = re.findall(r"\d{4}-\d\d-\d\d \d\d:\d\d(?: UTC)*", words)
        assert all(time.count("UTC") == 1 for time in times), path
        n_times += len(times)
    assert n_times > 25


def test_a_message_runs_in_its_own_direction(
    store: PostgresStore, settings: Settings, client_of: _Open
) -> None:
    """What customers wrote has `dir=auto` wherever it is shown."""
    _fill(store)
    client = client_of(settings)
    for path in ("/messages?q=ضاعت", f"/messages/{message_id(CARD, 0)}", f"/themes/{CARD}"):
        page = client.get(f"/triage{path}").text
        shown = re.findall(
            rf"<(?:p|li|blockquote)([^>]*)>(?:<a [^>]*>)?{html.escape(_ARABIC)}", page
        )
        assert shown, path
        assert all('dir="auto"' in attributes for attributes in shown), path


@pytest.mark.parametrize(
    ("p", "output"),
    [("0.001", "about once in 1\u202f000 times"), ("5e-12", "less than once in a million times")],
)
def test_a_p_value_is_said_in_words(p: str, output: str) -> None:
    """As often as chance alone would do it; what has none stays as it is."""
    assert (
        wording.evidence(f"9 messages in 1 day, p {p}")
        == f"9 messages in 1 day; by chance {output}"
    )
    assert wording.evidence("9 messages, step 3") == "9 messages, step 3"
