"""A small HTTP service that answers with the model in service: `triage serve`.

Requests that arrive at the same time are answered in one batch of the encoder. Callers send the
bearer token of the settings; `/health` and `/metrics` need none and contain no text. The service
checks every two seconds which model is in service, so a promotion needs no restart. A model that
cannot be used is logged and counted, and the previous one keeps answering.
"""

import asyncio
import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Annotated, Any

import uvicorn
from fastapi import APIRouter, FastAPI, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from pydantic import BaseModel, BeforeValidator, Field

from nlp.apps.serve.batch import Batcher
from nlp.apps.serve.gate import Gate
from nlp.errors import ModelError, TriageError
from nlp.jobs.answer import Answer, Answerer
from nlp.settings import Settings

_log = logging.getLogger(__name__)
_LOOK_SECONDS = 2.0


def _whole(value: object) -> object:
    """A text without halves of characters, which JSON can hold and UTF-8 cannot."""
    if not isinstance(value, str):
        return value
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


_Text = Annotated[str, BeforeValidator(_whole), Field(min_length=1, max_length=50_000)]


class Texts(BaseModel, extra="forbid"):
    """The texts of a request."""

    texts: Annotated[list[_Text], Field(min_length=1, max_length=256)]


class Guess(BaseModel):
    """One intent with its probability."""

    intent: str
    probability: float


class Answered(BaseModel):
    """The answer for one text."""

    intent: str | None
    probability: float
    abstained: bool
    reason: str | None
    language: str
    runners_up: list[Guess]


class Predictions(BaseModel):
    """The answers for all texts, in their order."""

    model_version: str
    predictions: list[Answered]


class Embeddings(BaseModel):
    """Vectors of length 1, in the order of the texts."""

    embeddings: list[list[float]]


class Figures:
    """The metrics that Prometheus reads."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.texts = Counter("triage_texts", "Texts answered.", ["path"], registry=self.registry)
        self.abstained = Counter(
            "triage_abstained", "Texts abstained on.", ["reason"], registry=self.registry
        )
        self.seconds = Histogram(
            "triage_request_seconds", "Seconds of a request.", ["path"], registry=self.registry
        )
        self.model = Gauge(
            "triage_model_info", "The model in service.", ["version"], registry=self.registry
        )
        self.failures = Counter(
            "triage_model_failures", "Promotions that could not be loaded.", registry=self.registry
        )


def create_app(answerer: Answerer, *, settings: Settings) -> FastAPI:
    """Return the service; it loads the model when it starts."""
    figures = Figures()
    predicting: Batcher[str, Answer] = Batcher(answerer.predict)
    embedding: Batcher[str, Any] = Batcher(lambda texts: list(answerer.embed_raw(texts)))

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await asyncio.to_thread(_refresh, answerer, figures)
        tasks = [
            asyncio.create_task(part)
            for part in (predicting.run(), embedding.run(), _watch(answerer, figures))
        ]
        yield
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    app = FastAPI(title="Support triage", version="1", lifespan=lifespan)
    app.include_router(_open_routes(answerer, figures))
    app.include_router(_answers(predicting, embedding, figures))
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_middleware(Gate, token=settings.bearer_token(), max_bytes=settings.serve_max_bytes)
    return app


def _invalid(_request: Request, error: Exception) -> Response:
    """Say what is wrong with a request without repeating it."""
    assert isinstance(error, RequestValidationError)
    kept = [{k: e[k] for k in ("type", "loc", "msg")} for e in error.errors()]
    return JSONResponse({"detail": kept}, status_code=422)


def _open_routes(answerer: Answerer, figures: Figures) -> APIRouter:
    """What is answered without a token."""
    router = APIRouter()

    @router.get("/health")
    def health() -> dict[str, str]:
        """Return the version of the model in service; 503 where there is none yet."""
        if answerer.version is None:
            raise HTTPException(503, "No model is in service")
        return {"status": "healthy", "model_version": answerer.version}

    @router.get("/metrics")
    def metrics() -> Response:
        """Return counts and durations for Prometheus."""
        return Response(generate_latest(figures.registry), media_type="text/plain; version=0.0.4")

    return router


def _answers(
    predicting: "Batcher[str, Answer]", embedding: "Batcher[str, Any]", figures: Figures
) -> APIRouter:
    """What is answered about texts."""
    router = APIRouter(prefix="/v1")

    @router.post("/predict")
    async def predict(body: Texts) -> Predictions:
        """Predict the intent of 1 to 256 texts."""
        with figures.seconds.labels("predict").time():
            answers = await _asked(predicting, body.texts)
        figures.texts.labels("predict").inc(len(answers))
        for answer in answers:
            if answer.reason:
                figures.abstained.labels(answer.reason).inc()
        return Predictions(
            model_version=answers[0].model_version, predictions=[_answered(a) for a in answers]
        )

    @router.post("/embed")
    async def embed(body: Texts) -> Embeddings:
        """Redact and embed 1 to 256 texts."""
        with figures.seconds.labels("embed").time():
            rows = await _asked(embedding, body.texts)
        figures.texts.labels("embed").inc(len(rows))
        return Embeddings(embeddings=[row.tolist() for row in rows])

    return router


def run(settings: Settings) -> None:
    """Serve until interrupted, computing on one thread unless OMP_NUM_THREADS says otherwise.

    A batch of a few short texts is too little work for two threads: on a busy machine with two
    cores, two threads that waited for each other took 30 times as long as one.
    """
    from threadpoolctl import threadpool_limits

    os.environ.setdefault("OMP_NUM_THREADS", "1")  # torch reads it at import
    threadpool_limits(int(os.environ["OMP_NUM_THREADS"]), user_api="blas")
    from nlp.text.embed import load_encoder
    from sql.connect import migrate, open_store

    if settings.database_url is None:
        migrate(settings)
    with open_store(settings) as store:
        app = create_app(
            Answerer(store, load_encoder(settings), settings=settings), settings=settings
        )
        uvicorn.run(
            app,
            host=settings.serve_host,
            port=settings.serve_port,
            log_level="warning",
            limit_concurrency=settings.serve_max_requests,
        )


async def _asked(batcher: Batcher[str, Any], texts: list[str]) -> list[Any]:
    try:
        return await batcher.ask(texts)
    except ModelError as error:
        raise HTTPException(503, str(error)) from error


def _answered(answer: Answer) -> Answered:
    return Answered(
        intent=answer.intent,
        probability=answer.probability,
        abstained=answer.abstained,
        reason=answer.reason,
        language=answer.language,
        runners_up=[Guess(intent=i, probability=p) for i, p in answer.runners_up],
    )


def _refresh(answerer: Answerer, figures: Figures) -> None:
    try:
        if answerer.refresh():
            figures.model.clear()
            figures.model.labels(answerer.version).set(1)
    except TriageError as error:
        figures.failures.inc()
        _log.error("%s. Model %s keeps answering", error, answerer.version)
    except Exception:  # the database is unreachable for a while: keep answering
        figures.failures.inc()
        _log.exception("Cannot look up the model in service")


async def _watch(answerer: Answerer, figures: Figures) -> None:
    while True:
        await asyncio.sleep(_LOOK_SECONDS)
        await asyncio.to_thread(_refresh, answerer, figures)
