"""The page of a digest."""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import replace

from sqlalchemy import text
from starlette.testclient import TestClient

from nlp.records import Alert, TopicDay
from nlp.settings import Settings
from sql.connect import PostgresStore
from tests.three_themes import APP, CARD, DAY, NAMES, discovery, fill, run

_Open = Callable[[Settings], TestClient]


def _fill(store: PostgresStore) -> None:
    """Two weeks, the card theme born on the last day."""
    for n in range(13, 0, -1):
        counts = [TopicDay(t, 4 + n % 3, 5.0, 9.0, 0.5, "steady") for t in NAMES]
        day = replace(discovery(list(NAMES)), topic_days=counts, alerts=[])
        run(store, DAY - dt.timedelta(n), day)
    fill(store)
    alerts = [Alert(CARD, "surge", 8, 2.0, 1e-6, "high")]
    run(store, DAY, replace(discovery(list(NAMES)), alerts=alerts))
    with store.engine.begin() as connection:
        query = text("UPDATE triage.topics SET born_on = :d WHERE topic_id = :t")
        connection.execute(query, {"d": DAY, "t": CARD})
        query = text("UPDATE triage.topics SET label = :l WHERE topic_id = :t")
        connection.execute(query, {"l": "<b>App</b> & more", "t": APP})


def test_the_page_shows_the_week_and_every_sentence_is_a_link(
    store: PostgresStore, settings: Settings, client_of: _Open
) -> None:
    """Its figures are those of the theme's page; quotes lead to their messages."""
    _fill(store)
    client = client_of(settings)
    page = client.get("/triage/digest")
    assert page.status_code == 200
    assert "Week to 9 Mar 2026" in page.text
    assert "<b>App" not in page.text
    (line,) = re.findall(r"Card lost: (\d+) messages from (\d+) customers", page.text)
    head = client.get(f"/triage/themes/{CARD}").text
    assert re.findall(r"(\d+) in 7 days .*? from (\d+) customers;", head) == [line]
    sentences = re.findall(r"<li data-row>(.{0,40})", page.text)
    assert sentences
    assert all(s.startswith('<a href="/triage/') for s in sentences)
    for path in set(re.findall(r'data-row><a href="(/triage/[^"]*)"', page.text)):
        assert client.get(path.replace("&amp;", "&")).status_code == 200, path
    assert len(re.findall(r'href="/triage/messages/[0-9a-f-]{36}"', page.text)) == 3
    assert 'href="/triage/digest"' in client.get("/triage/").text


def test_the_page_goes_from_week_to_week(
    store: PostgresStore, settings: Settings, client_of: _Open
) -> None:
    """A week without state is a clear answer, a day that is none an error beside the address."""
    _fill(store)
    client = client_of(settings)
    before = client.get(f"/triage/digest?day={DAY - dt.timedelta(7)}").text
    assert f"/triage/digest?day={DAY}" in before
    assert "Not discovered, so that their messages are missing" in before
    nothing = client.get("/triage/digest?day=2020-01-01")
    assert "The last day that was discovered is 9 Mar 2026." in nothing.text
    assert client.get("/triage/digest?day=tomorrow").status_code == 422
    assert client.get("/triage/digest?day=0001-01-01").status_code == 422


def test_before_the_first_day_the_page_says_how_to_begin(
    settings: Settings, client_of: _Open
) -> None:
    """It is the same as on every page."""
    client = client_of(settings)
    assert client.get("/triage/digest").text == client.get("/triage/digest?day=2026-03-01").text


def test_the_style_sheet_prints_without_what_surrounds_the_page(
    settings: Settings, client_of: _Open
) -> None:
    """Navigation, search and footer are not printed."""
    style = client_of(settings).get("/triage/static/page.css").text
    (rules,) = re.findall(r"@media print \{(.*)\}", style)
    assert ".top, .skip, .flash, .pages, footer, dialog { display: none; }" in rules
