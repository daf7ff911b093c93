"""What people are told: errors keep what was typed, and every decision shows where it leads."""

import datetime as dt
import html
import re
from collections.abc import Callable

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from nlp.settings import Settings
from sql.connect import PostgresStore
from tests.three_themes import APP, CARD, DAY, NEXT, PIN, fill, message_id

_Open = Callable[[Settings], TestClient]
pytestmark = pytest.mark.parametrize("client_of", [True], indirect=True, ids=["deciding"])


def _words(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page)).split())


def _inputs(page: str) -> dict[str, str]:
    """The fields of the form that is offered again, with what they hold."""
    form = page.split('class="retry"')[1].split("</form>", maxsplit=1)[0]
    return dict(re.findall(r'name="(\w+)" value="(.*?)"', form))


@pytest.mark.parametrize(
    ("path", "fields", "field", "meant"),
    [
        (f"/themes/{CARD}/merge", {"heir": "Pin blokced"}, "heir", "Pin blocked"),
        (
            f"/messages/{message_id(CARD, 0)}/correct",
            {"theme": "app crash"},
            "theme",
            "App crashes",
        ),
        (f"/messages/{message_id(CARD, 0)}/correct", {"intent": "cardlost"}, "intent", "card_lost"),
    ],
)
def test_a_near_miss_keeps_what_was_typed_and_offers_what_was_meant(
    store: PostgresStore,
    settings: Settings,
    client_of: _Open,
    path: str,
    fields: dict[str, str],
    field: str,
    meant: str,
) -> None:
    """The error is an alert, the field holds the words, and one click takes the near name."""
    fill(store)
    client = client_of(settings)
    answer = client.post(f"/triage{path}", data=fields)
    assert answer.status_code == 422
    (alert,) = re.findall(r'class="wrong" role="alert">(.*?)</div>', answer.text, re.S)
    assert f"is called '{fields[field]}'" in html.unescape(alert)
    assert _inputs(answer.text) == fields
    offered = re.findall(rf'<button name="{field}" value="(.*?)">', answer.text)
    assert offered[0] == meant
    assert client.post(f"/triage{path}", data={field: meant}).status_code == 200


def test_a_name_that_cannot_be_used_stays_in_its_form(
    store: PostgresStore, settings: Settings, client_of: _Open
) -> None:
    """A promotion whose name is taken keeps the name, the description and the token of the page."""
    fill(store)
    client = client_of(settings)
    fields = {"intent": "card-lost", "description": "Cards that went missing", "seen": "0"}
    answer = client.post(f"/triage/themes/{CARD}/promote", data=fields)
    assert answer.status_code == 422
    assert _inputs(answer.text) == fields
    assert "Try again" in answer.text


def test_an_alert_says_whether_a_person_or_a_run_resolved_it(
    store: PostgresStore, settings: Settings, client_of: _Open
) -> None:
    """Never `None`; where a run ended what a person had acknowledged, it was the run."""
    fill(store)
    client = client_of(settings)
    address = "/triage/?alerts=all"
    ended = text("UPDATE triage.alerts SET status = 'resolved', resolved_on = :d")
    (alert,) = client.get("/triage/api/alerts").json()
    fields = {"alert": alert["alert_id"], "status": "acknowledged"}
    answer = client.post("/triage/alerts/handle", data=fields)
    assert answer.status_code == 200, answer.text
    assert "acknowledged by maria" in _words(client.get(address).text)
    with store.engine.begin() as connection:
        connection.execute(ended, {"d": NEXT})
    by_run = "resolved by the run of 10 Mar 2026, the count is usual again"
    assert by_run in _words(client.get(address).text)
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE triage.alerts SET handled_by = NULL"))
    assert by_run in _words(client.get(address).text)
    for status in ("open", "resolved"):
        client.post("/triage/alerts/handle", data={"alert": alert["alert_id"], "status": status})
    assert "resolved by maria" in _words(client.get(address).text)


def test_a_part_leads_to_the_theme_that_it_was_split_off_from(
    store: PostgresStore, settings: Settings, client_of: _Open
) -> None:
    """Both histories link to the other theme; the part names its origin at its head, too."""
    fill(store)
    client = client_of(settings)
    picked = [message_id(CARD, n) for n in (1, 3, 5)]
    page = client.post(
        f"/triage/themes/{CARD}/split", data={"message": picked, "label": "Stolen cards"}
    )
    part = page.url.path
    head = page.text.split('class="lede"')[1].split("</p>")[0]
    assert f'href="/triage/themes/{CARD}"' in head
    assert "Split off from Card lost on 9 Mar 2026." in _words(head)
    assert "maria : split off from Card lost , 3 messages" in _words(page.text)
    parent = client.get(f"/triage/themes/{CARD}").text
    assert f'href="{part}">Stolen cards</a>, 3 messages' in parent


def test_a_promoted_intent_shows_what_it_covers_and_is_no_longer_suggested(
    store: PostgresStore, settings: Settings, client_of: _Open
) -> None:
    """The intents page has the description beside the name, before any model has learnt it."""
    fill(store)
    with store.engine.begin() as connection:  # ten messages make a theme worth suggesting
        query = "UPDATE triage.topic_mix SET n_messages = 12, n_first = 12 WHERE topic_id = :t"
        connection.execute(text(query), {"t": APP})
    client = client_of(settings)
    client.post(f"/triage/messages/{message_id(CARD, 0)}/correct", data={"intent": "pin"})
    before = client.get("/triage/intents").text
    assert f'href="/triage/themes/{APP}"' in before
    fields = {"intent": "app_crash", "description": "The app <b>stops</b> by itself"}
    assert client.post(f"/triage/themes/{APP}/promote", data=fields).status_code == 200
    page = client.get("/triage/intents").text
    assert f'href="/triage/themes/{APP}"' not in page
    assert "app crash 8 examples The app <b>stops</b> by itself" in _words(
        page.replace("&lt;b&gt;", "&amp;lt;b&amp;gt;").replace("&lt;/b&gt;", "&amp;lt;/b&amp;gt;")
    ).replace("&lt;", "<").replace("&gt;", ">")


def test_messages_come_by_the_time_they_were_written_within_their_day(
    store: PostgresStore, settings: Settings, client_of: _Open
) -> None:
    """The latest day of arrival first, within it the latest message; a late one says so."""
    fill(store)
    with store.engine.begin() as connection:
        for n in range(8):
            connection.execute(
                text("UPDATE triage.messages SET created_at = :t WHERE message_id = :m"),
                {"t": dt.datetime.combine(DAY, dt.time((n * 5) % 24), dt.UTC),
                 "m": message_id(PIN, n)},
            )  # fmt: skip
    client = client_of(settings)
    for path in ("/messages?q=pin", f"/themes/{PIN}"):
        times = re.findall(r"<time>(2026-\S+ \S+?)[ <]", client.get(f"/triage{path}").text)
        assert len(times) == 8
        assert times == sorted(times, reverse=True)
    pages = [
        client.get(f"/triage/api/themes/{PIN}/messages?most=3&page={n}").json() for n in (1, 2, 3)
    ]
    written = [m["created_at"] for page in pages for m in page]
    assert len(written) == 8
    assert written == sorted(written, reverse=True)
