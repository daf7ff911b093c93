"""`nlp.sources.desks.client`: limits, failures and a token that stays where it belongs."""

import datetime as dt
import gzip
import logging
from collections.abc import Iterator
from email.utils import format_datetime
from typing import Any

import pytest

from bench.desk_server import Asked, Reply, Server
from bench.desk_world import World
from nlp.errors import SettingError, SourceError, TransientError
from nlp.sources.desks.access import Access
from nlp.sources.desks.client import Bounds, Client, GoneError
from nlp.sources.desks.description import Auth
from nlp.sources.desks.waits import wait_of

TOKEN = "s3cret-token"
_NOW = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)


class Plain(Server):
    """Answers `{"n": 1}` to whoever has the token."""

    def is_allowed(self, asked: Asked) -> bool:
        return asked.headers.get("authorization") == f"Bearer {self.token}"

    def answer(self, asked: Asked) -> Reply:
        return 200, {}, {"n": 1}


@pytest.fixture
def server() -> Iterator[Plain]:
    """A server that gives its faults first."""
    with Plain(World(_NOW)) as opened:
        yield opened


@pytest.fixture
def slept() -> list[float]:
    """The seconds that the client wanted to wait."""
    return []


def client(url: str, slept: list[float], token: str = TOKEN, **bounds: Any) -> Client:
    """A client that notes its pauses instead of making them."""
    access = Access(url, token, remedy="Set TRIAGE_TOKENS")
    return Client("support", access, Auth(), bounds=Bounds(**bounds), sleep=slept.append)


def ask(server: Plain, slept: list[float], **bounds: Any) -> Any:
    """One answer of the server."""
    with client(server.url, slept, **bounds) as opened:
        return opened.ask("GET", "/x").value


def test_a_busy_desk_is_waited_for(server: Plain, slept: list[float]) -> None:
    """The pause is what `Retry-After` says, as seconds or as a date by the desk's own clock."""
    desk_clock = _NOW - dt.timedelta(days=300)
    server.faults = [
        (429, {"Retry-After": "7"}, {}),
        (
            429,
            {
                "Retry-After": format_datetime(desk_clock + dt.timedelta(seconds=40), usegmt=True),
                "Date": format_datetime(desk_clock, usegmt=True),
            },
            {},
        ),
        (503, {}, {}),
        (500, {}, {}),
    ]
    assert ask(server, slept) == {"n": 1}
    assert slept == [7.0, 40.0, 4.0, 8.0]


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "0"}, 0.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-3"}, None),
        ({"retry-after": "9" * 400}, None),
        ({"retry-after": "Mon, 02 Mar 2026 12:00:30 GMT"}, 30.0),
        ({"retry-after": "Mon, 02 Mar 2026 11:00:00 GMT"}, 0.0),
        ({"x-ratelimit-reset": str(int(_NOW.timestamp()) + 12)}, 12.0),
        ({"ratelimit-reset": "20"}, 20.0),
    ],
)
def test_each_way_to_ask_for_a_pause_is_read(
    headers: dict[str, str], seconds: float | None
) -> None:
    """Nonsense is no pause, and a time in the past is none either."""
    assert wait_of(headers, now=_NOW) == seconds


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_desk_that_stays_busy_ends_the_run(
    server: Plain, slept: list[float], status: int
) -> None:
    """After the attempts of the settings the run ends, to be tried again later."""
    server.faults = [(status, {}, {})] * 9
    with pytest.raises(TransientError, match=f"answers {status} after 4 requests"):
        ask(server, slept, attempts=4)
    assert server.n_requests == 4
    assert slept == [1.0, 2.0, 4.0]


def test_a_pause_that_is_too_long_ends_the_run_at_once(server: Plain, slept: list[float]) -> None:
    """A task does not sleep for an hour: Airflow comes back later."""
    server.faults = [(429, {"Retry-After": "3600"}, {})]
    with pytest.raises(TransientError, match="asks to wait 3,600 s"):
        ask(server, slept)
    assert slept == []


def test_an_answer_that_is_not_json_is_asked_for_again(server: Plain, slept: list[float]) -> None:
    """A proxy's page, half an answer or one nested without end heals, or ends the run."""
    nested = b"[" * 100_000 + b"]" * 100_000
    server.faults = [(200, {}, b"<html>"), (200, {}, b'{"n": '), (200, {}, nested), (200, {}, b"")]
    assert ask(server, slept) == {"n": 1}
    server.faults = [(200, {}, b"NaN")] * 2
    with pytest.raises(TransientError, match="is not JSON"):
        ask(server, slept, attempts=2)


def test_an_answer_that_is_too_long_is_refused(server: Plain, slept: list[float]) -> None:
    """The bound holds after decompression, so that a small answer cannot fill the memory."""
    bomb = gzip.compress(b" " * 10_000_000)
    for fault in ((200, {}, b" " * 20_000), (200, {"Content-Encoding": "gzip"}, bomb)):
        server.faults = [fault]
        with pytest.raises(SourceError, match="TRIAGE_MAX_ANSWER_BYTES"):
            ask(server, slept, answer_bytes=10_000)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_elsewhere_is_refused(server: Plain, slept: list[float], status: int) -> None:
    """No other host, port or scheme gets the token; on the same host a redirect is followed."""
    with Plain(World(_NOW)) as other:
        for address in (f"{other.url}/x", "//evil.example/x", "https://evil.example", "http://["):
            server.faults = [(status, {"Location": address}, {})]
            with pytest.raises(SourceError, match=r"the token is for 127\.0\.0\.1 alone"):
                ask(server, slept)
        assert other.n_requests == 0
    server.faults = [(status, {"Location": "/y"}, {})]
    assert ask(server, slept) == {"n": 1}
    server.faults = [(status, {"Location": "/y"}, {})] * 20
    with pytest.raises(SourceError, match="redirects without end"):
        ask(server, slept)


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_token_is_told_and_not_shown(
    server: Plain, slept: list[float], status: int, caplog: pytest.LogCaptureFixture
) -> None:
    """The line names the remedy; neither it nor a log of any level holds the token."""
    caplog.set_level(logging.DEBUG)
    server.faults = [(status, {}, {"error": f"bad {TOKEN}"})]
    with pytest.raises(SourceError, match=f"refuses the token \\({status}\\).*TRIAGE_TOKENS") as e:
        ask(server, slept)
    assert TOKEN not in str(e.value) + caplog.text + repr(Access("https://a", TOKEN))
    assert e.value.__cause__ is None


def test_what_is_gone_is_told_apart(server: Plain, slept: list[float]) -> None:
    """404 and 410 say that it is no more; another refusal is an error of the source."""
    for status in (404, 410):
        server.faults = [(status, {}, {})]
        with pytest.raises(GoneError):
            ask(server, slept)
    server.faults = [(422, {}, {"detail": "who wrote this: Jane"})]
    with pytest.raises(SourceError, match="answers 422 to /x") as caught:
        ask(server, slept)
    assert "Jane" not in str(caught.value)


def test_a_desk_that_is_not_there_is_tried_again_later(slept: list[float]) -> None:
    """Nothing listens: the run ends after its attempts."""
    with Plain(World(_NOW)) as gone:
        url = gone.url
    with (
        client(url, slept, attempts=3) as opened,
        pytest.raises(TransientError, match=r"does not answer \(ConnectError\) after 3"),
    ):
        opened.ask("GET", "/x")


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("", "not an address such as"),
        ("acme.zendesk.com", "not an address such as"),
        ("ftp://acme.example", "not an address such as"),
        ("http://[::1", "not an address such as"),
        ("http://acme.example", "begins with http://"),
        (f"https://me:{TOKEN}@acme.example", "more than an address"),
        (f"https://acme.example/?token={TOKEN}", "more than an address"),
    ],
)
def test_an_address_that_would_show_the_token_is_refused(url: str, problem: str) -> None:
    """Only HTTPS, or this machine, gets a token; the error never quotes the address."""
    with pytest.raises(SettingError, match=problem) as caught:
        client(url, [])
    assert TOKEN not in str(caught.value)


@pytest.mark.parametrize("token", ["", "has\nnewline", "töken"])
def test_a_token_that_is_none_is_a_setting_error(token: str) -> None:
    """A missing or broken token is told before any request."""
    with pytest.raises(SettingError, match="token"):
        client("https://acme.example", [], token)
