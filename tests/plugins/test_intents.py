"""What the page says of each intent: figures as judged, confusion, and what to do."""

import re
from collections.abc import Callable

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from nlp.settings import Settings
from sql.connect import PostgresStore
from sql.queries.taxonomy import IntentLine
from tests.plugins.test_queue import _predict
from tests.three_themes import CARD, fill, message_id

_Open = Callable[[Settings], TestClient]


def _line(n_examples: int = 50, **more: object) -> IntentLine:
    fields = {
        "name": "pin", "n": 100, "n_abstained": 10, "n_week": 20, "n_week_before": 10,
        "n_judged": 10, "n_right": 9, "confused": [], "overlaps": [],
    }  # fmt: skip
    return IntentLine(n_examples=n_examples, **{**fields, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("line", "advice"),
    [
        (_line(), ""),
        (_line(9), "examples"),
        (_line(n_right=6), "wrong"),
        (_line(n_right=0, n_judged=4), ""),
        (_line(overlaps=[("card", 11)]), "overlap"),
        (_line(n_abstained=51), "unsure"),
        (_line(n=0, n_abstained=0, n_judged=0, n_right=0, overlaps=[("card", 1)]), ""),
    ],
)
def test_one_thing_is_said_to_be_done(line: IntentLine, advice: str) -> None:
    """Few examples come first, then what is often wrong; too few judged say nothing."""
    assert line.advice == advice


@pytest.mark.parametrize("client_of", [True], indirect=True, ids=["deciding"])
def test_judged_and_confused_are_counted_by_intent(
    store: PostgresStore, settings: Settings, client_of: _Open
) -> None:
    """Two of three judged were right; the third was really another; its messages are listed."""
    fill(store)
    _predict(store, "kernel-1", "champion", reasons=["ambiguous"] * 24)
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE triage.topic_mix SET intent = 'pin'"))
    client = client_of(settings)
    for n, intent in enumerate(("pin", "pin", "card_lost")):
        client.post(f"/triage/messages/{message_id(CARD, n)}/correct", data={"intent": intent})
    page = client.get("/triage/intents").text
    rows = [
        [" ".join(re.sub("<[^>]*>", "", c).split()) for c in re.findall("<td.*?</td>", row, re.S)]
        for row in re.findall("<tr data-row>(.*?)</tr>", page, re.S)
    ]
    (pin,) = [row for row in rows if row and row[0] == "pin"]
    assert pin[5:7] == ["67% of 3", "card lost 1\N{MULTIPLICATION SIGN}"]
    one = client.get("/triage/intents/pin").text
    assert "People judged 3" in one
    assert 'href="/triage/intents/card_lost">card lost</a> <span class="faint">1' in one
    listed = client.get("/triage/api/messages?intent=pin&decided=person").json()
    assert len(listed) == 2
    assert len(client.get("/triage/api/messages?intent=pin&decided=nobody&most=99").json()) == 21


def test_an_unknown_intent_is_not_found(
    store: PostgresStore, settings: Settings, client_of: _Open
) -> None:
    """The page says where to look."""
    fill(store)
    answer = client_of(settings).get("/triage/intents/nothing")
    assert (answer.status_code, "Look it up under Intents" in answer.text) == (404, True)
