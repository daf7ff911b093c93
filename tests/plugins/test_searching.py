"""Searching: by meaning with a likeness, by all words, by any word; the page says which it was."""

import html
import json
import re
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import numpy as np
import pytest
from starlette.testclient import TestClient

from nlp.settings import Settings
from sql.connect import PostgresStore
from tests.three_themes import CARD, N_EACH, PIN, fill, message_id, vector

_Open = Callable[[Settings], TestClient]
_MEANT = {"pin trouble": vector(PIN).tolist(), "weather": np.eye(8)[7].tolist()}


class _Embedding(BaseHTTPRequestHandler):
    """Answers as `triage serve` does, in the space of the three themes."""

    def do_POST(self) -> None:
        """Embed one of the texts that are meant."""
        (words,) = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["texts"]
        body = json.dumps({"embeddings": [_MEANT.get(words, [0.0] * 7 + [-1.0])]}).encode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def service() -> Iterator[str]:
    """The address of a service that embeds."""
    server = HTTPServer(("127.0.0.1", 0), _Embedding)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def meaning(store: PostgresStore, settings: Settings, client_of: _Open, service: str) -> TestClient:
    """The page over three themes, with a service that embeds."""
    fill(store)
    return client_of(settings.model_copy(update={"serve_url": service}))


def _lede(page: str) -> str:
    result = re.search(r'<p class="lede">(.*?)</p>', page, re.S)
    assert result is not None
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", result[1])).split())


def _labels(page: str) -> list[str]:
    return re.findall(r'<td class="name"><a [^>]*>(.*?)</a>', page)


def test_a_theme_that_is_near_in_meaning_shows_its_likeness(meaning: TestClient) -> None:
    """The nearest theme comes alone, with its likeness; the page and the API name the cut."""
    page = meaning.get("/triage/themes?q=pin+trouble").text
    assert _labels(page) == ["Pin blocked"]
    assert "100% alike" in page
    assert "searched by meaning for “pin trouble”, what is at least 30% alike" in _lede(page)
    output = meaning.get("/triage/api/themes?q=pin+trouble").json()
    assert output["searched_by"] == "meaning"
    assert output["likeness"] == {str(PIN): pytest.approx(1, abs=1e-3)}


@pytest.mark.parametrize("path", ["/themes?q=lost", "/messages?by=meaning&q=lost"])
def test_where_nothing_is_near_the_page_says_so_and_searches_words(
    meaning: TestClient, path: str
) -> None:
    """The service answered: the page does not say that it is down."""
    lede = _lede(meaning.get(f"/triage{path}").text)
    assert "nothing is at least 30% alike in meaning, so it was searched by words" in lede
    assert "service" not in lede


def test_messages_are_found_by_meaning_with_their_likeness(meaning: TestClient) -> None:
    """The nearest come first, each with its likeness, and the filters hold; words lead there."""
    page = meaning.get("/triage/messages?q=pin+trouble").text
    assert "search by meaning instead" in _lede(page)
    page = meaning.get("/triage/messages?q=pin+trouble&by=meaning").text
    ids = re.findall(r'messages/([0-9a-f-]{36})" data-open', page)
    even = [message_id(PIN, n) for n in range(0, N_EACH, 2)]
    assert ids[:4] == even
    assert set(ids) == {message_id(PIN, n) for n in range(N_EACH)}
    likeness = [int(n) for n in re.findall(r"(\d+)% alike</span>", page)]
    assert likeness == sorted(likeness, reverse=True)
    none = meaning.get("/triage/messages?q=pin+trouble&by=meaning&channel=email").text
    assert "No message is like that" in none
    listed = meaning.get("/triage/api/messages?q=pin+trouble&by=meaning&most=4").json()
    assert [m["message_id"] for m in listed] == even
    file = meaning.get("/triage/export/messages.json?q=pin+trouble&by=meaning").json()
    assert {m["message_id"] for m in file} == set(ids)


def test_without_a_service_the_page_says_that_there_is_none(
    store: PostgresStore, settings: Settings, client_of: _Open
) -> None:
    """Words are searched instead, and neither list promises a search by meaning."""
    fill(store)
    client = client_of(settings)
    for path in ("/themes?q=lost", "/messages?by=meaning&q=lost"):
        lede = _lede(client.get(f"/triage{path}").text)
        assert "no service answers that understands meaning, so it was searched by words" in lede


def test_any_word_is_enough_where_nothing_has_all(
    store: PostgresStore, settings: Settings, client_of: _Open
) -> None:
    """The page says so and has the best first; where something has all words, it comes alone."""
    fill(store)
    client = client_of(settings)
    any_word = "nothing has all of them, so what has any is shown"
    page = client.get("/triage/themes?by=words&q=lost+card+crashes").text
    assert _labels(page) == ["Card lost", "App crashes"]
    assert any_word in _lede(page)
    page = client.get("/triage/messages?q=lost+card+crashes").text
    assert any_word in _lede(page)
    rows = re.findall(r"data-open[^>]*>(\w+ \w+) again", page)
    assert rows == ["Card lost"] * N_EACH + ["App crashes"] * N_EACH
    page = client.get("/triage/messages?q=lost+card").text
    assert any_word not in _lede(page)
    assert page.count('<li class="message"') == N_EACH
    page = client.get(f"/triage/themes/{CARD}?q=lost+crashes").text
    assert any_word in html.unescape(page)
    assert page.count('<li class="message"') == N_EACH
    # A word that is excluded stays excluded.
    assert "No message is like that" in client.get("/triage/messages?q=lost+-card").text
