"""The queue by theme, and several themes merged at once: figures, answers and what stays."""

import html
import re
from collections.abc import Callable

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from nlp.settings import Settings
from sql.connect import PostgresStore
from tests.plugins.test_queue import _predict
from tests.three_themes import APP, CARD, PIN, fill

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
