"""Alerts on the page: whose they are, which are put off, what is said about them."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from nlp.settings import Settings
from sql.connect import PostgresStore
from tests.three_themes import CARD, PIN, fill

_Open = Callable[[Settings], TestClient]
pytestmark = pytest.mark.parametrize("client_of", [True], indirect=True, ids=["deciding"])
_JSON = {"Accept": "application/json"}


def _alert(client: TestClient, **asked: str) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = client.get("/triage/api/alerts", params=asked).json()
    return listed


def test_an_alert_is_given_to_somebody_put_off_and_talked_about(
    store: PostgresStore, settings: Settings, client_of: _Open
) -> None:
    """Each form redirects back with a sentence and an undo; Today shows what came of it."""
    fill(store)
    client = client_of(settings)
    (alert,) = _alert(client)
    form = {"alert": alert["alert_id"], "back": "/triage/"}
    page = client.post("/triage/alerts/assign", data=form | {"person": "maria", "seen": ""}).text
    assert "maria takes care of the alert" in page
    assert '<span class="owner">maria takes care of it</span>' in page
    words = "@maria <b>look</b> @nobody"
    page = client.post("/triage/alerts/comment", data=form | {"comment": words}).text
    assert "Your comment stands under the alert; nobody here is called @nobody" in page
    assert "@maria &lt;b&gt;look&lt;/b&gt; @nobody" in page
    page = client.post("/triage/alerts/snooze", data=form | {"days": "3"}).text
    assert re.search("The alert is listed again on 20..-..-..", page)
    assert "Nothing waits for you" in page
    assert _alert(client, status="open") == []
    assert "put off until" in client.get("/triage/?alerts=all").text
    client.post("/triage/undo/3")
    assert len(_alert(client, status="open")) == 1
    themes = client.get(f"/triage/themes/{alert['topic_id']}").text
    assert "“@maria &lt;b&gt;look&lt;/b&gt; @nobody”" in themes


def test_what_is_mine_is_assigned_mentions_me_or_is_subscribed_to(
    store: PostgresStore, settings: Settings, client_of: _Open
) -> None:
    """One of the three is enough, and ends with it."""
    fill(store)
    client = client_of(settings)
    (alert,) = _alert(client)
    form = {"alert": alert["alert_id"]}
    theme = {"theme": str(alert["topic_id"])}
    assert _alert(client, person="maria") == []
    for n, (path, fields) in enumerate(
        (
            ("alerts/assign", form | {"person": "maria"}),
            ("alerts/comment", form | {"comment": "for @maria"}),
        )
    ):
        client.post(f"/triage/{path}", data=fields, headers=_JSON)
        assert len(_alert(client, person="maria")) == 1
        client.post(f"/triage/undo/{n + 1}", headers=_JSON)
        assert _alert(client, person="maria") == []
    (mine,) = client.post("/triage/subscriptions", data=theme, headers=_JSON).json()
    assert len(_alert(client, person="maria")) == 1
    assert "You are told of 1 theme" in client.get("/triage/?alerts=mine").text
    assert "maria is told" in client.get(f"/triage/themes/{alert['topic_id']}").text
    end = f"/triage/subscriptions/{mine['subscription_id']}/end"
    assert client.post(end, headers=_JSON).json() == []
    assert _alert(client, person="maria") == []
    assert client.post(end, headers=_JSON).status_code == 404
    assert "No alert is yours" in client.get("/triage/?alerts=mine").text


def test_a_segment_is_subscribed_to(
    store: PostgresStore, settings: Settings, client_of: _Open
) -> None:
    """The row of an alert that names one offers it; alerts with another value are not hers."""
    fill(store)
    with store.engine.begin() as connection:
        set_segment = "UPDATE triage.alerts SET segment_name = 'app', segment_value = '8.2', "
        figures = "segment_n = 31, segment_of = 44, segment_days = 1, segment_usual = 0.09"
        connection.execute(text(set_segment + figures))
    client = client_of(settings)
    assert "Tell me of every alert about app 8.2" in client.get("/triage/").text
    for value, n in (("8.1", 0), ("8.2", 1)):
        client.post("/triage/subscriptions", data={"name": "app", "value": value})
        assert len(_alert(client, person="maria")) == n


@pytest.mark.parametrize(
    ("path", "fields", "status", "problem"),
    [
        ("alerts/assign", {"person": "eva"}, 422, "Nobody is called &#39;eva&#39; here"),
        ("alerts/assign", {"person": "maria", "seen": "ben"}, 409, "assigned to nobody by now"),
        ("alerts/assign", {"alert": "x"}, 404, "There is no alert"),
        ("alerts/snooze", {"days": "-1"}, 422, "greater than or equal to 0"),
        ("alerts/comment", {"comment": " "}, 422, "Write something first"),
        ("subscriptions", {}, 422, "Subscribe to a theme, or to an attribute"),
        ("subscriptions", {"theme": "7"}, 404, "There is no theme 7"),
        ("subscriptions", {"theme": str(PIN), "address": "me"}, 422, "Was: &#39;me&#39;"),
    ],
)
def test_a_wrong_form_about_an_alert_says_what_is_wrong(
    store: PostgresStore,
    settings: Settings,
    client_of: _Open,
    path: str,
    fields: dict[str, str],
    status: int,
    problem: str,
) -> None:
    """Nothing is logged or stored."""
    fill(store)
    client = client_of(settings)
    (alert,) = _alert(client)
    answer = client.post(f"/triage/{path}", data={"alert": alert["alert_id"]} | fields)
    assert (answer.status_code, problem in answer.text) == (status, True), answer.text
    assert _alert(client) == [alert]
    assert CARD != PIN
