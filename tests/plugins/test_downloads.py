"""Readers of files who stall, go, or lose the database, on a real server."""

import http.client
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from typing import Any

import pytest
import uvicorn
from sqlalchemy import text
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.testclient import TestClient

from nlp.settings import Settings
from sql.connect import PostgresStore
from sql.queries.connect import N_EXPORTS
from tests.three_themes import fill

_Open = Callable[[Settings], TestClient]
_FILE = "/triage/export/decisions.json"
_N = 20_000
"""Decisions, with notes that make the file larger than what lies between a server and a reader."""


@pytest.fixture
def port(store: PostgresStore, settings: Settings, client_of: _Open) -> Iterator[int]:
    """Of a server with the page, over a database with a large log."""
    fill(store)
    with store.engine.begin() as connection:
        notes = "jsonb_build_object('note', repeat('a note that is long ', 50))"
        connection.execute(
            text(
                "INSERT INTO triage.decisions (actor, action, channel, was, became, decided_at) "
                f"SELECT 'maria', 'note', 'page', '{{}}', {notes}, now() "
                "FROM generate_series(1, :n)"
            ),
            {"n": _N},
        )
    around = BaseHTTPMiddleware(client_of(settings).app, _pass_on)  # as there is around Airflow's
    config = uvicorn.Config(around, port=0, log_level="critical")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = server.force_exit = True
    thread.join()


async def _pass_on(request: Any, call_next: Any) -> Any:
    return await call_next(request)


def _stalled(port: int, kind: str = "json") -> socket.socket:
    """A reader who asks for the file and reads its first bytes alone."""
    reader = socket.socket()
    reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    reader.connect(("127.0.0.1", port))
    path = _FILE.replace("json", kind)
    reader.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nAccept: */*\r\n\r\n".encode())
    reader.recv(64)
    return reader


def _rest(reader: socket.socket) -> bytes:
    """The end of what a reader receives who reads on."""
    reader.settimeout(30)
    received = b""
    while not received.endswith(b"0\r\n\r\n") and (part := reader.recv(1 << 16)):
        received = received[-1_000:] + part
    return received


def _get(port: int, path: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path, headers={"Accept": "text/html"})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def _n_open(store: PostgresStore) -> int:
    """Connections that are in the middle of a file."""
    query = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
        "AND xact_start IS NOT NULL AND pid <> pg_backend_pid()"
    )
    with store.engine.connect() as connection:
        return int(connection.scalar(query) or 0)


def _until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_stalled_readers_stop_neither_the_pages_nor_files_for_ever(
    port: int, store: PostgresStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """500 stall: pages answer as before, one more file is refused; then they are cut off."""
    from triage_page import download

    monkeypatch.setattr(download, "SEND_SECONDS", 8.0)
    with ExitStack() as stack:
        for _ in range(500):
            stack.enter_context(_stalled(port))
        assert _n_open(store) == N_EXPORTS
        status, body = _get(port, _FILE)
        assert (status, body[:1]) == (503, str(N_EXPORTS).encode())
        seconds = []
        for _ in range(5):
            started = time.monotonic()
            assert _get(port, "/triage/themes")[0] == 200
            seconds.append(time.monotonic() - started)
        assert sorted(seconds)[2] < 2.0, seconds
        _until(lambda: _n_open(store) == 0)
        status, body = _get(port, _FILE)
        assert (status, len(json.loads(body))) == (200, _N)


def test_a_reader_who_goes_takes_the_connection_along(port: int, store: PostgresStore) -> None:
    """The file is not read on for nobody, and its place is free."""
    for _ in range(N_EXPORTS):
        _stalled(port).close()
    _until(lambda: _n_open(store) == 0)
    assert _get(port, _FILE)[0] == 200


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # of the killed one
@pytest.mark.parametrize("kind", ["json", "csv"])
def test_a_file_that_breaks_off_says_so(port: int, store: PostgresStore, kind: str) -> None:
    """A database that ends its connection in the middle leaves no file that looks whole."""
    with closing(_stalled(port, kind=kind)) as reader:
        _until(lambda: _n_open(store) == 1)
        with store.engine.begin() as other:
            kill = (
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                "WHERE datname = current_database() AND xact_start IS NOT NULL "
                "AND pid <> pg_backend_pid()"
            )
            assert other.scalar(text(kill)) == 1
        assert b"\r\n# INCOMPLETE: the database failed. Download it again" in _rest(reader)
    assert _get(port, _FILE)[0] == 200


def test_who_reads_on_too_late_is_told(
    port: int, store: PostgresStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection to the database is given back long before."""
    from triage_page import download

    monkeypatch.setattr(download, "SEND_SECONDS", 1.0)
    with closing(_stalled(port)) as reader:
        _until(lambda: _n_open(store) == 1)
        _until(lambda: _n_open(store) == 0)
        assert b"# INCOMPLETE: nobody read on for 1 s" in _rest(reader)
