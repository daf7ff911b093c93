"""Failure notices to Slack and to a mailbox, over real sockets."""

import datetime as dt
import hashlib
import hmac
import json
import socket
import socketserver
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import SimpleNamespace
from typing import Any

import pytest

from nlp.errors import DayOrderError, PartialDayError, TriageError
from nlp.jobs.digest.build import week_before
from nlp.records import AlertNotice, Segment
from nlp.settings import Settings
from sql.connect import PostgresStore
from tests.three_themes import DAY, fill

_CONTEXT = {
    "ti": SimpleNamespace(dag_id="ingest_messages", task_id="check", map_index=-1, try_number=1),
    "dag_run": SimpleNamespace(partition_key="2026-03-02", run_id="r"),
    "exception": PartialDayError("No message arrived for 2026-03-02 {{ 1 }}"),
}


class _Slack(BaseHTTPRequestHandler):
    """Receives the POST to a webhook."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append(json.loads(body)["text"])  # type: ignore[attr-defined]
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_: Any) -> None:
        return


class _Receiver(BaseHTTPRequestHandler):
    """Keeps the headers and the body of each POST; refuses the first one."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append((self.headers, body))  # type: ignore[attr-defined]
        self.send_response(503 if len(self.server.received) == 1 else 204)  # type: ignore[attr-defined]
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        return


class _Mail(socketserver.StreamRequestHandler):
    """Implements as much SMTP as one mail needs."""

    def handle(self) -> None:
        self._say("220 here")
        while line := self.rfile.readline().decode().strip():
            if line.upper() == "DATA":
                self._say("354 go on")
                lines = list(iter(lambda: self.rfile.readline().decode().rstrip(), "."))
                self.server.received.append("\n".join(lines))  # type: ignore[attr-defined]
            self._say("250 fine")

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


@contextmanager
def _served(server: Any) -> Iterator[Any]:
    server.received = []
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _notify() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the providers' own
        from triage_notify_parts import FailureNotifier

        FailureNotifier()(dict(_CONTEXT))


def test_notice_is_posted_to_slack(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the connection `triage_slack` the notice is posted to its webhook unchanged."""
    with _served(HTTPServer(("127.0.0.1", 0), _Slack)) as slack:
        connection = {
            "conn_type": "slackwebhook",
            "host": f"http://127.0.0.1:{slack.server_port}/",
            "password": "token",
        }
        monkeypatch.setenv("AIRFLOW_CONN_TRIAGE_SLACK", json.dumps(connection))
        _notify()
    (notice,) = slack.received
    assert "ingest_messages.check failed for day 2026-03-02" in notice
    assert notice.endswith("PartialDayError: No message arrived for 2026-03-02 {{ 1 }}")


def _mailed(monkeypatch: pytest.MonkeyPatch, send: Callable[[], None] = _notify) -> list[str]:
    """Send something with a mailbox set up; return what it received."""
    with _served(socketserver.TCPServer(("127.0.0.1", 0), _Mail)) as mail:
        extra = {
            "disable_ssl": True,
            "disable_tls": True,
            "from_email": "triage@example.org",
            "to": "oncall@example.org, lead@example.org",
        }
        connection = {
            "conn_type": "smtp",
            "host": "127.0.0.1",
            "port": mail.server_address[1],
            "extra": extra,
        }
        monkeypatch.setenv("AIRFLOW_CONN_TRIAGE_SMTP", json.dumps(connection))
        send()
    return list(mail.received)


def test_notice_is_mailed(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the connection `triage_smtp` the notice is mailed to the addresses in its extra."""
    (output,) = _mailed(monkeypatch)
    assert "Subject: ingest_messages.check failed for day 2026-03-02" in output
    assert "To: oncall@example.org, lead@example.org" in output


def test_a_dead_channel_hides_nothing(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """If Slack does not answer, the mail is sent anyway, and the log says both."""
    with socket.socket() as silent:  # bound, not listening: the port is taken and silent
        silent.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        dead = {"conn_type": "slackwebhook", "host": url, "password": "token"}
        monkeypatch.setenv("AIRFLOW_CONN_TRIAGE_SLACK", json.dumps(dead))
        (output,) = _mailed(monkeypatch)
    assert "Subject: ingest_messages.check failed for day 2026-03-02" in output
    logged = "".join(capsys.readouterr())
    assert "PartialDayError: No message arrived for 2026-03-02" in logged
    assert caplog.text.count("The notice was not sent") == 1


def test_an_alert_is_told_with_its_exemplars_but_not_in_the_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Slack gets the sentence and the redacted texts; the log gets only the sentence."""
    day = dt.date(2026, 3, 2)
    texts = ("I lost <CARD>", "<!channel> & co")
    alert = AlertNotice(day, "surge", "Lost card", 64, 21.4, "high", texts)
    with _served(HTTPServer(("127.0.0.1", 0), _Slack)) as slack:
        connection = {
            "conn_type": "slackwebhook",
            "host": f"http://127.0.0.1:{slack.server_port}/",
            "password": "token",
        }
        monkeypatch.setenv("AIRFLOW_CONN_TRIAGE_SLACK", json.dumps(connection))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the providers' own
            from triage_notify_parts import channels

            for send in [*channels().values(), *channels(quotes=False).values()]:
                send(alert)
    output, bare = slack.received
    sentence = "Surge on 2026-03-02: Lost card: 64 messages, 21 expected"
    quoted = "> I lost &lt;CARD&gt;\n> &lt;!channel&gt; &amp; co"  # shown as it was written
    assert output == f"{sentence} (high)\n{quoted}"
    assert bare == f"{sentence} (high)"
    assert sentence in caplog.text
    assert "I lost" not in caplog.text


def test_a_webhook_is_signed_and_names_the_alert(monkeypatch: pytest.MonkeyPatch) -> None:
    """The receiver can check who sent it and drop a repetition; an answer of 503 is an error."""
    segment = Segment("app", "8.2", 31, 44, 3, 0.09)
    alert = AlertNotice(
        dt.date(2026, 3, 2), "surge", "Lost card", 64, 21.4, "high", ("I lost <CARD>",), 60,
        segment, "2026-03-02/surge/1", (("maria", "maria@bank.example"),),
    )  # fmt: skip
    with _served(HTTPServer(("127.0.0.1", 0), _Receiver)) as receiver:
        connection = {"conn_type": "http", "host": f"http://127.0.0.1:{receiver.server_port}/in"}
        monkeypatch.setenv("AIRFLOW_CONN_TRIAGE_WEBHOOK", json.dumps(connection))
        from triage_notify_parts import WEBHOOK, channels

        with pytest.raises(TriageError, match="has no password to sign with"):
            channels()[WEBHOOK](alert)
        signed = json.dumps(connection | {"password": "secret"})
        monkeypatch.setenv("AIRFLOW_CONN_TRIAGE_WEBHOOK", signed)
        with pytest.raises(TriageError, match="answered 503"):
            channels()[WEBHOOK](alert)
        channels()[WEBHOOK](alert)
    (first, _), (headers, body) = receiver.received
    at, signature = headers["X-Triage-Signature"].removeprefix("t=").split(",v1=")
    expected = hmac.new(b"secret", f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    assert signature == expected
    assert first["Idempotency-Key"] == headers["Idempotency-Key"] == "2026-03-02/surge/1"
    sent = json.loads(body)
    assert sent["theme"] == "Lost card"
    assert sent["segment"] == asdict(segment)
    assert sent["subscribers"] == ["maria"]
    assert "maria@bank.example" not in body.decode()


def _send_digest(store: PostgresStore, settings: Settings) -> list[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the providers' own
        from triage_notify_parts import send_digest

        return send_digest(store, DAY, settings=settings)


def test_a_digest_goes_once_to_each_channel_that_has_a_connection(
    monkeypatch: pytest.MonkeyPatch, store: PostgresStore, settings: Settings
) -> None:
    """If Slack does not answer, the mail is sent; tried again, Slack alone gets its digest."""
    fill(store)
    changed = {"page_url": "https://example.org/triage", "send_quotes": False}
    settings = settings.model_copy(update=changed)
    assert _send_digest(store, settings) == []
    mails: list[str] = []

    def mail() -> None:
        with suppress(Exception):
            _send_digest(store, settings)

    with socket.socket() as silent:  # bound, not listening
        silent.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        dead = {"conn_type": "slackwebhook", "host": url, "password": "token"}
        monkeypatch.setenv("AIRFLOW_CONN_TRIAGE_SLACK", json.dumps(dead))
        mails += _mailed(monkeypatch, mail)
    with _served(HTTPServer(("127.0.0.1", 0), _Slack)) as slack:
        alive = {**dead, "host": f"http://127.0.0.1:{slack.server_port}/"}
        monkeypatch.setenv("AIRFLOW_CONN_TRIAGE_SLACK", json.dumps(alive))
        mails += _mailed(monkeypatch, mail)
        assert _send_digest(store, settings) == []
    (posted,) = slack.received
    assert posted.startswith("*Week to 9 Mar 2026*")
    assert "<https://example.org/triage/themes/" in posted
    (output,) = mails
    assert "Subject: Week to 9 Mar 2026" in output
    assert "again" not in posted  # TRIAGE_SEND_QUOTES is off


def test_a_week_that_is_not_over_yet_is_tried_again(
    store: PostgresStore, settings: Settings
) -> None:
    """Sunday's discovery may come late: the error is one of those that are retried."""
    from triage_notify_parts import send_digest

    with pytest.raises(DayOrderError, match="2026-03-09 is not discovered yet"):
        send_digest(store, DAY, settings=settings)
    assert [week_before(dt.date(2026, 3, n)) for n in (9, 15, 16)] == [
        dt.date(2026, 3, 8),
        dt.date(2026, 3, 8),
        dt.date(2026, 3, 15),
    ]
