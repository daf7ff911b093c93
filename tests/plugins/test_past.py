"""The board as of an earlier day, at every place that shows one."""

import csv
import datetime as dt
import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from nlp.records import TopicDay
from nlp.settings import Settings
from sql.connect import PostgresStore
from tests.three_themes import APP, CARD, DAY, NAMES, NEXT, PIN, discovery, fill, run

_Open = Callable[[Settings], TestClient]
pytestmark = pytest.mark.parametrize("client_of", [True], indirect=True, ids=["deciding"])
_WEEK_ON = DAY + dt.timedelta(7)


@pytest.fixture
def client(store: PostgresStore, settings: Settings, client_of: _Open) -> TestClient:
    """Three themes on the first day; of the next day two, one of them surging; then a week on."""
    fill(store)
    later = replace(
        discovery([CARD, PIN]),
        topic_days=[
            TopicDay(CARD, 30, 8.0, 14.0, 1e-6, "surging"),
            TopicDay(PIN, 7, 8.0, 14.0, 0.7, "steady"),
        ],
    )
    run(store, NEXT, later)
    run(store, _WEEK_ON, discovery([CARD, PIN]))
    return client_of(settings)


def _board(client: TestClient, day: dt.date | None = None) -> dict[str, tuple[int, int, str]]:
    """Of each theme today's messages, those of the weekday before, and its state."""
    at = f"/on/{day}" if day else ""
    rows = client.get(f"/triage{at}/export/themes.csv").text.splitlines()
    listed = {
        r["label"]: (int(r["n_today"]), int(r["n_day_before"]), r["state"])
        for r in csv.DictReader(rows)
    }
    shown = client.get(f"/triage{at}/api/themes").json()
    assert listed == {
        r["label"]: (r["n_today"], r["n_day_before"], r["state"]) for r in shown["themes"]
    }
    page = client.get(f"/triage{at}/themes").text
    assert all((name in page) == (name in listed) for name in NAMES.values())
    return listed


def test_each_day_has_its_board(client: TestClient) -> None:
    """Page, file and API agree; the last day is the one without a day in the address."""
    first, second = _board(client, DAY), _board(client, NEXT)
    assert first == dict.fromkeys(NAMES.values(), (8, 0, "steady"))
    assert second == {NAMES[CARD]: (30, 0, "surging"), NAMES[PIN]: (7, 0, "steady")}
    assert _board(client) == _board(client, _WEEK_ON)
    assert _board(client)[NAMES[CARD]] == (8, 8, "steady")  # a week before was the first day


@pytest.mark.parametrize("path", ["/", "/themes", f"/themes/{CARD}", "/map", "/messages", "/runs"])
def test_links_stay_on_the_day_and_nothing_can_be_decided(client: TestClient, path: str) -> None:
    """Every link of the page but one leads to that day; there is no form that writes."""
    page = client.get(f"/triage/on/{NEXT}{path}").text
    assert f"The board as of {NEXT.day} Mar" in page
    links = re.findall(r'(?:href|action)="(/triage[^"]*)"', page)
    away = {link for link in links if not link.startswith(f"/triage/on/{NEXT}/")}
    assert away <= {f"/triage{path}", "/triage/on"}
    assert 'method="post"' not in page
    assert f"/triage/on/{NEXT}" not in client.get(f"/triage{path}").text


def test_today_shows_what_was_new_then(client: TestClient) -> None:
    """The surge of the next day is under Surging on that day alone, and its alert from then on."""
    assert "30 today" in client.get(f"/triage/on/{NEXT}/").text
    assert "30 today" not in client.get("/triage/").text
    days = [
        {a["day"] for a in client.get(f"/triage{at}/api/alerts").json()}
        for at in (f"/on/{DAY}", f"/on/{NEXT}", "")
    ]
    assert days == [{str(DAY)}, {str(DAY), str(NEXT)}, {str(DAY), str(NEXT), str(_WEEK_ON)}]


def test_messages_and_files_end_with_the_day(client: TestClient) -> None:
    """Nothing that came later is listed or counted."""
    before = DAY - dt.timedelta(1)
    for name, column in (("theme-days", "day"), ("alerts", "day")):
        rows = client.get(f"/triage/on/{NEXT}/export/{name}.csv").text.splitlines()
        assert max(r[column] for r in csv.DictReader(rows)) == str(NEXT)
    assert len(client.get(f"/triage/on/{NEXT}/api/themes/{APP}/messages").json()) == 8
    assert client.get(f"/triage/on/{before}/themes").status_code == 404


def test_a_day_without_a_board_says_which_days_have_one(client: TestClient) -> None:
    """The links of that page lead to the last day; a date that is none is named."""
    missing = DAY + dt.timedelta(3)
    answer = client.get(f"/triage/on/{missing}/")
    assert answer.status_code == 404
    assert f"There is no board of {missing}. The days go from {DAY} to {_WEEK_ON}" in answer.text
    assert f"/on/{missing}" not in answer.text.split("<main")[1]
    assert client.get(f"/triage/on/{missing}/export/themes.csv").status_code == 404
    for wrong in ("yesterday", "2026-02-30", "2026-13-01"):
        assert client.get(f"/triage/on/{wrong}/themes").status_code == 404
        assert f"&#39;{wrong}&#39; is no day" in client.get(f"/triage/on?day={wrong}").text


@pytest.mark.parametrize(
    ("asked", "to"),
    [
        (f"day={NEXT}&to=/themes", f"/triage/on/{NEXT}/themes"),
        (f"day={NEXT}", f"/triage/on/{NEXT}/"),
        ("day=&to=/themes", "/triage/themes"),
        (f"day={NEXT}&to=//evil.example/", f"/triage/on/{NEXT}/"),
        (f"day={NEXT}&to=https://evil.example/", f"/triage/on/{NEXT}/"),
    ],
)
def test_the_date_control_leads_to_the_same_page(client: TestClient, asked: str, to: str) -> None:
    """Of this server alone."""
    answer = client.get(f"/triage/on?{asked}", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, to)


def test_a_decision_on_a_past_day_is_refused(client: TestClient) -> None:
    """By a form that was kept open or a script: nothing is logged."""
    answer = client.post(f"/triage/on/{DAY}/themes/{CARD}/rename", data={"label": "Lost"})
    assert answer.status_code == 409
    assert "What is past is only read" in answer.text
    assert len(client.get("/triage/export/decisions.csv").text.splitlines()) == 1
