"""The page's data as JSON, for scripts: under the same guard, with a page of documentation."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from sqlalchemy import Connection
from starlette.responses import Response

from nlp.errors import NotFoundError
from sql.queries import alerts as theme_alerts
from sql.queries import board, figures, groups, health, messages, theme
from sql.queries import queue as waiting_rows
from sql.queries.days import days_of
from sql.rows import Record
from sql.stores.decisions import record
from triage_page import frame, guard, reads
from triage_page.contexts import ApiPage, Route
from triage_page.database import Db
from triage_page.parameters import Board, Messages, Queue, message_id, themes_of, topic_id
from triage_page.safe import as_json
from triage_page.searching import choice_of, filter_of

router = APIRouter(prefix="/api")
_Most = Annotated[int, Query(ge=1, le=500)]


def _answer(value: Any) -> Response:
    return Response(as_json(value), media_type="application/json")


def _plain(rows: Iterable[Record]) -> list[dict[str, Any]]:
    return [row.as_dict() for row in rows]


@router.get("")
def documentation(request: Request, user: guard.User, db: Db) -> Response:
    """This page: every address, its parameters and its answer."""
    schema = request.app.openapi()
    routes = [
        _route(method, path, operation, schema)
        for path, operations in schema["paths"].items()
        for method, operation in operations.items()
    ]
    return frame.page(request, ApiPage(routes), user=user, db=db)


@router.get("/openapi.json")
def openapi(request: Request) -> Response:
    """The same as OpenAPI, for programs that generate a client."""
    return _answer(request.app.openapi())


def _route(method: str, path: str, operation: Any, schema: Any) -> Route:
    """An operation of OpenAPI in one line: the first of its description, and its parameters."""
    summary = operation.get("description", "").splitlines()[0]
    names = [p["name"] for p in operation.get("parameters", ()) if p["in"] == "query"]
    return Route(
        method=method.upper(),
        path=path,
        detail=summary.replace("`", "").rstrip("."),
        takes=[*names, *_form_fields(operation, schema)],
    )


def _form_fields(operation: Any, schema: Any) -> list[str]:
    """The fields of a form, without `back`, which only the page needs."""
    contents = operation.get("requestBody", {}).get("content", {}).values()
    names = (c["schema"].get("$ref", "").rpartition("/")[2] for c in contents)
    models = schema.get("components", {}).get("schemas", {})
    return [f for n in names if n in models for f in models[n]["properties"] if f != "back"]


@router.get("/themes")
def themes(db: Db, request: Request, parameters: Annotated[Board, Depends()]) -> Response:
    """A page of the board: `day`, `n_found`, `searched_by`, `likeness` by id, and `themes`."""
    last = board.last_day(db)
    body: dict[str, Any] = {"day": last, "n_found": 0, "searched_by": "", "likeness": {}}
    if last is None:
        return _answer({**body, "themes": []})
    choice, searched = choice_of(db, parameters, last=last, request=request)
    rows, n_found = themes_of(db, choice, parameters.page)
    body |= {"n_found": n_found, "searched_by": searched.by, "likeness": dict(searched.likeness)}
    return _answer({**body, "themes": _plain(rows)})


@router.get("/themes/{topic}")
def one_theme(db: Db, topic: str, days: Annotated[int, Query(ge=1, le=3_660)] = 28) -> Response:
    """One theme: days, events, decisions, area, similar themes; `heir_id`; `seen` for writes."""
    name = topic_id(topic)
    row = theme.theme(db, name)
    last = board.last_day(db)
    if row is None or last is None:
        raise NotFoundError(f"There is no theme {topic}")
    return _answer(
        {
            **row.as_dict(),
            "seen": record.token(db, topic_id=name),
            "days": _plain(days_of(db, name, last=last, n_days=days)),
            "events": _plain(theme.events(db, name)),
            "decisions": _plain(theme.decisions(db, name)),
            "fellows": _plain(theme.fellows(db, name)),
            "near": _plain(theme.near(db, name)),
        }
    )


@router.get("/themes/{topic}/messages", dependencies=[guard.texts])
def theme_messages(
    db: Db,
    request: Request,
    topic: str,
    parameters: Annotated[Messages, Depends()],
    actor: guard.Actor,
    most: _Most = 50,
) -> Response:
    """The messages of a theme, the latest arrivals first."""
    name, skip = topic_id(topic), (parameters.page - 1) * most
    chosen, _ = filter_of(db, parameters, last=None, request=request, topic=name)
    rows = theme.messages(db, name, chosen, most=most, skip=skip)
    return _texts(db, request, "theme", actor, _plain(rows))


def _texts(
    db: Connection, request: Request, what: str, actor: str, rows: list[dict[str, Any]]
) -> Response:
    """Messages as JSON, logged."""
    reads.note(db, request, what=f"{what} (API)", actor=actor, n=len(rows))
    return _answer(rows)


@router.get("/messages", dependencies=[guard.texts])
def all_messages(
    db: Db,
    request: Request,
    parameters: Annotated[Messages, Depends()],
    actor: guard.Actor,
    most: _Most = 50,
) -> Response:
    """Messages that pass the filter, the latest arrivals first, or the best of a search."""
    chosen, _ = filter_of(db, parameters, last=board.last_day(db), request=request)
    rows = messages.listed(db, chosen, most=most, skip=(parameters.page - 1) * most)
    return _texts(db, request, "messages", actor, _plain(rows))


@router.get("/messages/{message}", dependencies=[guard.texts])
def one_message(db: Db, request: Request, message: str, actor: guard.Actor) -> Response:
    """One message with its theme, intent, probability and runners-up."""
    row = messages.message(db, message_id(message))
    if row is None:
        raise NotFoundError(f"There is no message {message}")
    reads.note(db, request, what="message (API)", actor=actor, n=1)
    return _answer(row.as_dict())


@router.get("/queue", dependencies=[guard.texts])
def queue(
    db: Db,
    request: Request,
    parameters: Annotated[Queue, Depends()],
    actor: guard.Actor,
    most: _Most = 50,
) -> Response:
    """Messages whose intent a person should decide, the least sure first; up to `after` last."""
    last, values = board.last_day(db), parameters.values()
    rows = waiting_rows.queue(db, last=last, most=most, **values) if last else []
    return _texts(db, request, "queue", actor, _plain(rows))


@router.get("/queue/themes", dependencies=[guard.texts])
def queue_by_theme(
    db: Db, request: Request, actor: guard.Actor, most: Annotated[int, Query(ge=1, le=20)] = 5
) -> Response:
    """What waits by theme, with likely intents; post `theme` and `intent` to `/queue/decide`."""
    last = board.last_day(db)
    rows = groups.groups(db, last=last, most=most) if last else []
    return _texts(db, request, "queue by theme", actor, [asdict(group) for group in rows])


@router.get("/alerts")
def alerts(db: Db, status: str = "", person: str = "", most: _Most = 50) -> Response:
    """Alerts, the open ones first."""
    status, person = status.replace("\0", ""), person.replace("\0", "")
    return _answer(_plain(theme_alerts.alerts(db, status=status, person=person, most=most)))


@router.get("/intents")
def intents(db: Db, days: Annotated[int, Query(ge=1, le=3_660)] = 28) -> Response:
    """Each intent with its counts by day, and how often people corrected it."""
    last = board.last_day(db)
    rows = figures.intents(db, last=last, n_days=days) if last else []
    return _answer({"intents": _plain(rows), "corrected": _plain(figures.corrected(db))})


@router.get("/runs")
def runs(db: Db, days: Annotated[int, Query(ge=1, le=3_660)] = 28) -> Response:
    """One row per day: rows in and out, coverage, seconds, stale or not."""
    last = board.last_day(db)
    return _answer(_plain(health.runs(db, last=last, n_days=days)) if last else [])
