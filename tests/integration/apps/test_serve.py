"""The prediction service over HTTP, with the real encoder and a real database."""

import asyncio
import datetime as dt
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlalchemy import text

from nlp.apps.serve.app import create_app
from nlp.jobs import govern
from nlp.jobs.answer import Answerer
from nlp.jobs.replay import run_days
from nlp.jobs.train import add_examples, snapshot, train_challenger
from nlp.records import RawRow
from nlp.settings import Settings
from nlp.text.embed import SentenceEncoder
from sql.connect import PostgresStore
from tests.fakes import MemorySource
from tests.inbox import FIRST, inbox
from tests.integration.sql.test_models import _examples

_TOKEN = {"Authorization": "Bearer a-token"}


@pytest.fixture
def client(
    store: PostgresStore, encoder: SentenceEncoder, settings: Settings
) -> Iterator[TestClient]:
    """The service with a model of four intents."""
    add_examples(store, _examples(), origin="file", settings=settings)
    govern.train_intents(store, encoder, settings=settings)
    known = settings.model_copy(update={"serve_token": SecretStr("a-token")})
    app = create_app(Answerer(store, encoder, settings=settings), settings=known)
    with TestClient(app) as opened:
        yield opened


def test_texts_are_answered_in_order(client: TestClient, store: PostgresStore) -> None:
    """Each text has its intent, probability and runners-up; a foreign text is recognised."""
    german = "Meine Karte wurde gestern leider abgelehnt und ich brauche Hilfe"
    texts = ["I lost my card in Leeds", german, "still no refund, on monday"]
    answer = client.post("/v1/predict", json={"texts": texts}, headers=_TOKEN)
    assert answer.status_code == 200
    body = answer.json()
    assert body["model_version"] == store.champion_version()
    assert [p["intent"] for p in body["predictions"]] == ["card", None, "refund"]
    assert body["predictions"][1]["reason"] == "unsupported_language"
    assert 0 < body["predictions"][0]["probability"] <= 1
    assert len(body["predictions"][0]["runners_up"]) == 3


def test_a_mail_is_answered_by_its_own_words(client: TestClient) -> None:
    """Markup and quoted history around the own words do not change the prediction."""
    mail = (
        "<p>Hello,</p><p>I lost my card in Leeds</p>"
        "<blockquote>Is there still no refund on Monday?</blockquote>"
    )
    texts = ["I lost my card in Leeds", mail]
    answer = client.post("/v1/predict", json={"texts": texts}, headers=_TOKEN)
    plain, wrapped = answer.json()["predictions"]
    assert wrapped == plain


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}])
@pytest.mark.parametrize("path", ["/v1/predict", "/v1/embed"])
def test_without_the_token_nothing_is_answered(
    client: TestClient, path: str, headers: dict[str, str]
) -> None:
    """A missing or wrong token gives 401."""
    assert client.post(path, json={"texts": ["x"]}, headers=headers).status_code == 401


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"Content-Length": "30000000"}, 401),
        (_TOKEN | {"Content-Length": "30000000"}, 413),
        (_TOKEN | {"Transfer-Encoding": "chunked"}, 411),
    ],
)
def test_a_request_is_refused_before_its_body_is_read(
    client: TestClient, headers: dict[str, str], status: int
) -> None:
    """By its headers alone: without the token, without a length, or too large."""

    async def receive() -> dict[str, object]:
        raise AssertionError("the body was read")

    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    raw = [(k.lower().encode(), v.encode()) for k, v in headers.items()]
    scope = {"type": "http", "method": "POST", "path": "/v1/predict", "headers": raw}
    asyncio.run(client.app(scope, receive, send))  # type: ignore[arg-type]
    assert sent[0]["status"] == status


def test_half_a_character_is_answered_and_in_no_log(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    """As JSON may hold it: it counts as one that nobody can read; two halves are whole."""
    texts = '["I lost my card in Leeds \\ud83d", "I lost my card in Leeds \\ud83d\\ude00"]'
    for path in ("predict", "embed"):
        answer = client.post(
            f"/v1/{path}", content='{"texts": ' + texts + "}",
            headers=_TOKEN | {"Content-Type": "application/json"},
        )  # fmt: skip
        assert answer.status_code == 200, answer.text
    wrong = client.post("/v1/predict", content='{"texts": "\\ud83d"}', headers=_TOKEN)
    assert wrong.status_code == 422
    assert "input" not in wrong.text
    assert "Leeds" not in caplog.text


@pytest.mark.parametrize("texts", [[], [""], ["x"] * 257, ["x" * 50_001], "x", [1]])
def test_what_is_no_list_of_texts_is_refused(client: TestClient, texts: object) -> None:
    """None, too many, empty or too long texts give 422."""
    answer = client.post("/v1/predict", json={"texts": texts}, headers=_TOKEN)
    assert answer.status_code == 422


def test_embeddings_have_length_one(client: TestClient, encoder: SentenceEncoder) -> None:
    """Embeddings are in the order of the texts, of length 1 and of the encoder's dimension."""
    answer = client.post("/v1/embed", json={"texts": ["a card", "a pin"]}, headers=_TOKEN)
    rows = answer.json()["embeddings"]
    assert [len(row) for row in rows] == [encoder.dimension] * 2
    assert sum(v * v for v in rows[0]) == pytest.approx(1, abs=1e-3)


def test_health_and_metrics_are_open_and_hold_no_text(client: TestClient) -> None:
    """Health names the model; metrics count texts but contain none."""
    client.post("/v1/predict", json={"texts": ["I lost my zebra card"]}, headers=_TOKEN)
    assert client.get("/health").json()["status"] == "healthy"
    metrics = client.get("/metrics").text
    assert 'triage_texts_total{path="predict"} 1.0' in metrics
    assert "zebra" not in metrics
    assert client.get("/openapi.json").status_code == 200


def test_a_promotion_needs_no_restart(
    client: TestClient, store: PostgresStore, encoder: SentenceEncoder, settings: Settings
) -> None:
    """The service uses a new champion within seconds, and the old one after a rollback."""
    first = client.get("/health").json()["model_version"]
    data = snapshot(store, encoder)
    fewer = replace(data, examples=data.examples[2:], embeddings=data.embeddings[2:], sha256="x")
    second = train_challenger(store, encoder, settings=settings, data=fewer).version
    govern.promote(store, second, by="maria")
    assert _answers_with(client, second)
    govern.rollback(store, by="maria")
    assert _answers_with(client, first)


def _answers_with(client: TestClient, version: str) -> bool:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        body = client.post("/v1/predict", json={"texts": ["a card"]}, headers=_TOKEN).json()
        if body["model_version"] == version:
            return True
        time.sleep(0.2)
    return False


def test_before_the_first_model_it_says_so(
    store: PostgresStore, encoder: SentenceEncoder, settings: Settings
) -> None:
    """Without a model, health is 503 and a prediction names the remedy; embeddings still work."""
    known = settings.model_copy(update={"serve_token": SecretStr("a-token")})
    app = create_app(Answerer(store, encoder, settings=settings), settings=known)
    with TestClient(app) as client:
        assert client.get("/health").status_code == 503
        answer = client.post("/v1/predict", json={"texts": ["x"]}, headers=_TOKEN)
        assert answer.status_code == 503
        assert "triage train" in answer.json()["detail"]
        assert client.post("/v1/embed", json={"texts": ["x"]}, headers=_TOKEN).status_code == 200


_STORED = text(
    "SELECT m.external_id, p.intent, p.probability, p.abstained, p.reason "
    "FROM triage.intent_predictions p JOIN triage.messages m ON m.message_id = p.passage_id"
)


def test_known_texts_are_answered_as_the_batch_answered_them(
    client: TestClient, store: PostgresStore, encoder: SentenceEncoder, settings: Settings
) -> None:
    """Intent, abstention, reason and (to .0001) probability equal the batch's, in any request."""
    days = [FIRST + dt.timedelta(n) for n in range(3)]
    run_days(store, encoder, days, sources=[MemorySource("inbox", inbox())], settings=settings)
    words = {r.fields["external_id"]: r.fields["text"] for d in days for r in inbox()[d]}
    assert _check_answers(client, store, words) > 100


def test_texts_of_placeholders_alone_are_answered_as_the_batch_answered_them(
    client: TestClient, store: PostgresStore, encoder: SentenceEncoder, settings: Settings
) -> None:
    """A message that is only a card number gets its own embedding, not that of an address."""
    words = {"a": "4111 1111 1111 1111", "b": "jane@mail.example", "c": "GB82WEST12345698765432"}
    at = f"{FIRST}T09:00:00Z"
    rows = [
        RawRow(i, {"external_id": i, "created_at": at, "text": words[i], "language": "en"})
        for i in words
    ]
    source = MemorySource("inbox", {FIRST: rows})
    run_days(store, encoder, [FIRST], sources=[source], settings=settings)
    with store.engine.connect() as connection:
        n_texts = connection.scalar(text("SELECT count(*) FROM triage.embeddings"))
    assert n_texts == len(words)
    assert _check_answers(client, store, words) == len(words)


def _check_answers(client: TestClient, store: PostgresStore, words: dict[str, str]) -> int:
    """Compare predictions for single texts and for all with the batch's; return their number."""
    with store.engine.connect() as connection:
        stored = {row.external_id: tuple(row)[1:] for row in connection.execute(_STORED)}
    ids = sorted(stored)
    for n_together in (1, 7, 100):
        for start in range(0, len(ids), n_together):
            some = ids[start : start + n_together]
            body = {"texts": [words[i] for i in some]}
            answer = client.post("/v1/predict", json=body, headers=_TOKEN).json()
            for one, p in zip(some, answer["predictions"], strict=True):
                intent, probability, *rest = stored[one]
                assert (p["intent"], p["abstained"], p["reason"]) == (intent, *rest), one
                assert p["probability"] == pytest.approx(probability, abs=1.01e-4)
    return len(ids)


def test_without_the_stored_embeddings_it_goes_on_answering(
    client: TestClient, store: PostgresStore, caplog: pytest.LogCaptureFixture
) -> None:
    """If stored embeddings cannot be read, texts are embedded again, and the log says so."""
    with store.engine.begin() as connection:
        connection.execute(text("ALTER TABLE triage.embeddings RENAME TO elsewhere"))
    answer = client.post("/v1/predict", json={"texts": ["I lost my card"]}, headers=_TOKEN)
    assert answer.json()["predictions"][0]["intent"] == "card"
    assert "Stored embeddings cannot be read" in caplog.text
