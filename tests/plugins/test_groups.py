"""The queue by theme, and several themes merged at once: figures, answers and what stays."""

import html
import re
from collections.abc import Callable

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from bench import decisions
from nlp.settings import Settings
from sql.connect import PostgresStore
from tests.plugins.test_queue import _predict
from tests.three_themes import APP, CARD, PIN, fill, message_id

_Open = Callable[[Settings], TestClient]
pytestmark = pytest.mark.parametrize("client_of", [True], indirect=True, ids=["deciding"])
_JSON = {"Accept": "application/json"}


def _abstained(store: PostgresStore) -> None:
    """Of the first two themes every other message waits; what a run counts of it is stored."""
    fill(store)
    reasons: list[str | None] = ["ambiguous" if n % 2 else None for n in range(16)]
    _predict(store, "kernel-1", "champion", reasons=[*reasons, *["low_probability"] * 8])
    with store.engine.begin() as connection:
        query = "UPDATE triage.topic_mix SET intent = 'pin', n_abstained = 4 WHERE topic_id = :t"
        for topic in (CARD, PIN):
            connection.execute(text(query), {"t": topic})


def test_the_groups_hold_what_waits(
    store: PostgresStore, settings: Settings, client_of: _Open
) -> None:
    """Card, API and list of a group name as many messages as the queue has of the theme."""
    _abstained(store)
    client = client_of(settings)
    result = {g["topic_id"]: g for g in client.get("/triage/api/queue/themes").json()}
    assert {t: g["n"] for t, g in result.items()} == {CARD: 4, PIN: 4}
    assert [c["topic_id"] for c in result[CARD]["companions"]] == [PIN]
    listed = client.get("/triage/api/queue?most=99").json()
    assert len([m for m in listed if m["topic_id"] == PIN]) == 4
    page = client.get("/triage/queue/themes").text
    assert page.count("4 wait") == 2
    one = client.get(f"/triage/queue/themes?theme={PIN}").text
    # A guess of 10% and more is possible, and ticked: those of 9% are not.
    assert one.count('name="message"') == 4
    assert one.count('Pick this message" checked') == 4 - one.count("9%, too unsure") == 3
    client.post("/triage/queue/decide", data={"theme": [str(PIN), str(CARD)], "intent": "pin"})
    assert client.get("/triage/api/queue/themes").json() == []
    assert "In no theme does a message wait." in client.get("/triage/queue/themes").text


def test_what_the_model_guesses_is_taken_in_one_step_with_exceptions(
    store: PostgresStore, settings: Settings, client_of: _Open
) -> None:
    """Of the ticked intents what is more likely right than not; one undo takes all back."""
    _abstained(store)
    with store.engine.begin() as connection:
        query = "UPDATE triage.intent_predictions SET probability = p, intent = i FROM (VALUES "
        rows = [(message_id(CARD, n), 0.5 + n / 100, "pin") for n in (1, 3, 5)]
        rows += [(message_id(PIN, n), 0.9, "card_lost") for n in (1, 3)]
        values = ", ".join(f"('{m}'::uuid, {p}, '{i}')" for m, p, i in rows)
        connection.execute(text(f"{query}{values}) v(m, p, i) WHERE passage_id = m"))
    client = client_of(settings)
    page = client.get("/triage/queue/guesses").text
    assert re.findall(r'name="intent" value="(.*?)" checked', page) == ["pin", "card_lost"]
    assert "3 wait, 53% expected right" in page
    quoted = re.findall(r'<li dir="auto"><a href="/triage/messages/(.*?)"', page)
    assert quoted[:3] == [message_id(CARD, n) for n in (5, 3, 1)]
    one = client.get("/triage/queue/themes?guess=pin").text
    assert one.count('name="message"') == 3
    client.post(f"/triage/messages/{message_id(CARD, 3)}/correct", data={"intent": "card_lost"})
    taken = client.post("/triage/queue/guesses", data={"intent": ["pin", "card_lost"]})
    assert "4 messages of 2 intents were taken as guessed" in taken.text
    assert "Of nothing that waits" in taken.text
    with store.engine.connect() as connection:
        query = "SELECT message_id::text, intent, as_guessed FROM triage.corrections ORDER BY 2, 1"
        decided = [tuple(row) for row in connection.execute(text(query))]
    assert decided == [
        *((message_id(t, n), "card_lost", t == PIN) for t, n in ((CARD, 3), (PIN, 1), (PIN, 3))),
        *((message_id(CARD, n), "pin", True) for n in (1, 5)),
    ]
    # Neither judged nor learnt: the one message that somebody read is.
    judged = client.get("/triage/api/intents").json()["corrected"]
    assert [(c["guessed"], c["corrected"], c["n"]) for c in judged] == [("pin", "card_lost", 1)]
    assert (store.n_new_corrections(), len(store.corrected())) == (1, 1)
    again = client.post("/triage/queue/guesses", data={"intent": ["pin"]}, headers=_JSON)
    assert (again.status_code, "Nothing of this waits" in again.text) == (409, True)
    number = re.search(r"/undo/(\d+)", taken.text)
    assert number is not None
    client.post(f"/triage/undo/{number[1]}", data={"whole": "true"})
    page = client.get("/triage/queue/guesses").text
    assert re.findall(r'name="intent" value="(.*?)" checked', page) == ["card_lost", "pin"]


def test_bad_bulk_decisions_are_told(
    store: PostgresStore, settings: Settings, client_of: _Open
) -> None:
    """No theme, an unknown intent, a merged theme, one that is decided: a clear answer each."""
    _abstained(store)
    client = client_of(settings)

    def answer_to(**fields: object) -> tuple[int, str]:
        answer = client.post("/triage/queue/decide", data=fields, headers=_JSON)
        return answer.status_code, answer.json().get("detail", "")

    assert answer_to(intent="pin") == (
        409, "Nothing of this waits any more: somebody decided it. Open the queue",
    )  # fmt: skip
    assert answer_to(theme=str(CARD), intent="")[0] == 422
    assert answer_to(theme=str(CARD), intent="fraud") == (
        422, "No intent is called 'fraud'. Choose one from the list",
    )  # fmt: skip
    assert answer_to(message="nonsense", intent="pin")[0] == 404
    assert answer_to(theme="99", intent="pin")[0] == 404
    client.post(f"/triage/themes/{CARD}/merge", data={"heir": str(PIN)})
    status, detail = answer_to(theme=str(CARD), intent="pin")
    assert (status, "merged" in detail) == (409, True)
    # There is nothing to do all the same.
    conflict = client.post("/triage/queue/decide", data={"theme": str(CARD), "intent": "pin"})
    assert (conflict.status_code, "Do it all the same" in conflict.text) == (409, False)
    page = client.post("/triage/queue/decide", data={"theme": str(PIN), "other": "Card eaten"})
    assert page.status_code == 422
    assert "Make it a new intent" in page.text
    made = client.post(
        "/triage/queue/decide", data={"theme": str(PIN), "other": "Card eaten", "new": "true"}
    )
    assert "8 messages are card eaten now" in made.text


def test_themes_merged_at_once_are_in_each_history(
    store: PostgresStore, settings: Settings, client_of: _Open
) -> None:
    """One step, one sentence, one undo; a theme alone can be undone from the history, too."""
    fill(store)
    client = client_of(settings)
    fields = {"theme": [str(CARD), str(PIN), str(APP)], "heir": "", "back": "/triage/themes"}
    page = html.unescape(client.post("/triage/themes/merge", data=fields).text)
    assert "2 themes were merged into Card lost" in page
    number = re.findall(r'action="/triage/undo/(\d+)"', page)[0]
    client.post(f"/triage/undo/{int(number) + 1}", data={})
    board = {t["topic_id"] for t in client.get("/triage/api/themes").json()["themes"]}
    assert board == {CARD, APP}
    client.post(f"/triage/undo/{number}", data={"whole": "true"})
    board = {t["topic_id"] for t in client.get("/triage/api/themes").json()["themes"]}
    assert board == {CARD, PIN, APP}


def test_likely_duplicates_are_proposed(
    store: PostgresStore, settings: Settings, client_of: _Open
) -> None:
    """Two themes whose centroids nearly agree are offered as a pair; others are not."""
    fill(store)
    with store.engine.begin() as connection:
        query = """UPDATE triage.topic_states s SET centroid = o.centroid FROM triage.topic_states o
                   WHERE o.topic_id = :o AND o.day = s.day AND s.topic_id = :t"""
        connection.execute(text(query), {"t": PIN, "o": CARD})
    page = client_of(settings).get("/triage/themes").text
    assert page.count("alike</span></span>") == 1
    assert "Merge into Card lost" in page


def test_the_benchmark_of_decisions_counts_what_is_right(
    store: PostgresStore,
    client_of: _Open,
) -> None:
    """First the guesses, then a theme with its companions; nothing waits at the end."""
    _abstained(store)
    with store.engine.connect() as connection:
        query = "UPDATE triage.intent_predictions SET probability = 0.6 WHERE passage_id = :m"
        connection.execute(text(query), {"m": message_id(CARD, 1)})
        truth = {message_id(t, n): ["pin"] for t in (CARD, PIN) for n in range(8)}
        truth[message_id(CARD, 3)] = ["card_lost", "pin"]
        rows = decisions.count(connection, truth)
        connection.rollback()
    assert rows == ["| 1 | 11 | 1.00 | 1.00 |", "| 2 | 4 | 0.88 | 1.00 |"]
