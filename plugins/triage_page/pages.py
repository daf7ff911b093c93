"""What people read: one route a page. Nothing here changes anything."""

import datetime as dt
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from sqlalchemy import Connection
from starlette.responses import RedirectResponse, Response

from nlp.errors import NotFoundError
from sql.page import board, figures, messages, record, split, theme
from triage_page import charts, guard
from triage_page.asked import Board, Messages, choice_of, message_id, themes_of, topic_id
from triage_page.atlas import placed
from triage_page.database import Db
from triage_page.flash import flash
from triage_page.render import STATIC, show

router = APIRouter()
PAGE_SIZE = 25
_MOST_LISTED = 6
_SPANS = (28, 90, 365)


@router.get("/static/{name}")
def static(name: str) -> Response:
    """A style sheet or script; guarded like everything else."""
    if name not in STATIC:
        raise HTTPException(404)
    body, kind = STATIC[name]
    # Its address changes with its content.
    return Response(body, media_type=kind, headers={"Cache-Control": "private, max-age=86400"})


@router.get("/")
def today(request: Request, user: guard.User, db: Db, alerts: str = "open") -> Response:
    """What is new, what grows, what fades; alerts; how much has a theme."""
    last = board.last_day(db)
    if last is None:
        return _empty(request, user)
    rows = board.board(db, board.Choice(sort="surprise"), most=5_000)
    chosen = {s: [r for r in rows if r["state"] == s] for s in ("new", "surging", "growing")}
    # What fades most is what was to be expected most.
    chosen["fading"] = [r for r in reversed(rows) if r["state"] == "fading"]
    chosen = {state: found[:_MOST_LISTED] for state, found in chosen.items()}
    ids = [r["topic_id"] for rows in chosen.values() for r in rows]
    days = board.coverage(db, last=last)
    return show(
        request,
        "today.html",
        **_common(request, user, db),
        day=last,
        groups=chosen,
        trends=board.trends(db, ids, last=last),
        health=board.health(db, last),
        alerts=board.alerts(db, status="open" if alerts == "open" else "", most=30),
        all_alerts=alerts != "open",
        counts=board.state_counts(db),
        coverage=charts.lines(
            [("share with a theme", _shares(days, last))],
            last=last,
            n_days=28,
            percent=True,
            top=1.0,
        ),
        n_queued=messages.n_queued(db, last=last),
    )


@router.get("/themes")
def themes(
    request: Request, user: guard.User, db: Db, asked: Annotated[Board, Depends()]
) -> Response:
    """The board of the living themes."""
    last = board.last_day(db)
    if last is None:
        return _empty(request, user)
    choice, how = choice_of(db, asked, last=last, request=request)
    rows, n_found = themes_of(db, choice, asked.page)
    return show(
        request,
        "themes.html",
        **_common(request, user, db),
        day=last,
        asked=asked,
        choice=choice,
        how=how,
        rows=rows,
        n_found=n_found,
        n_pages=max(-(-n_found // board.PAGE_SIZE), 1),
        trends=board.trends(db, [r["topic_id"] for r in rows], last=last),
        filters=board.filters(db, last=last),
        states=board.STATES,
        counts=board.state_counts(db),
    )


@router.get("/themes/{topic}")
def one_theme(
    request: Request,
    user: guard.User,
    db: Db,
    topic: str,
    asked: Annotated[Messages, Depends()],
    days: int = _SPANS[0],
    propose: bool = False,
) -> Response:
    """One theme: its trend, life, neighbours and messages."""
    name = topic_id(topic)
    found = theme.theme(db, name)
    if found is None:
        raise NotFoundError(f"There is no theme {topic}. Look it up under Themes")
    root = request.scope.get("root_path", "")
    if found["heir_id"] is not None:
        done = f"&done={request.query_params['done']}" if "done" in request.query_params else ""
        address = f"{root}/themes/{found['heir_id']}?merged={name}{done}"
        return RedirectResponse(address, 302)
    last = board.last_day(db) or found["updated_on"]
    span = days if days in _SPANS else _SPANS[0]
    rows = theme.messages(
        db, name, asked.filter(), most=PAGE_SIZE + 1, skip=(asked.page - 1) * PAGE_SIZE
    )
    events = theme.events(db, name)
    proposed = set(split.propose(db, name)) if propose and guard.may_write(user) else set()
    if proposed:
        rows = messages.by_ids(db, sorted(proposed))
    on_board = board.board(db, board.Choice(ids=[name]), most=1)
    series = board.trends(db, [name], last=last, n_days=span).get(name, [])
    merged = request.query_params.get("merged", "")
    return show(
        request,
        "theme.html",
        **_common(request, user, db),
        day=last,
        theme=found,
        now=on_board[0] if on_board else None,
        span=span,
        spans=_SPANS,
        chart=charts.trend(series, _marks(events), last=last, n_days=span),
        events=events,
        decisions=theme.decisions(db, name),
        near=theme.near(db, name),
        mix=theme.mix(db, name, last),
        exemplars=messages.by_ids(db, [str(e) for e in found["exemplars"]][:5]),
        messages=rows if proposed else rows[:PAGE_SIZE],
        has_more=not proposed and len(rows) > PAGE_SIZE,
        proposed=proposed,
        asked=asked,
        seen=record.token(db, topic_id=name),
        filters=board.filters(db, last=last),
        merged=merged if merged.isdigit() else "",
        names=figures.names(db),
    )


@router.get("/messages")
def all_messages(
    request: Request, user: guard.User, db: Db, asked: Annotated[Messages, Depends()]
) -> Response:
    """Every message, filtered, the latest first."""
    last = board.last_day(db)
    if last is None:
        return _empty(request, user)
    rows = messages.listed(
        db, asked.filter(), most=PAGE_SIZE + 1, skip=(asked.page - 1) * PAGE_SIZE
    )
    return show(
        request,
        "messages.html",
        **_common(request, user, db),
        asked=asked,
        messages=rows[:PAGE_SIZE],
        has_more=len(rows) > PAGE_SIZE,
        filters=board.filters(db, last=last),
    )


@router.get("/messages/{message}")
def one_message(request: Request, user: guard.User, db: Db, message: str) -> Response:
    """One message with its theme, its intent and the runners-up."""
    name = message_id(message)
    found = messages.message(db, name)
    if found is None:
        raise NotFoundError(f"There is no message {name}. It may have been deleted")
    return show(
        request,
        "message.html",
        **_common(request, user, db),
        message=found,
        history=messages.history(db, name),
        seen=record.token(db, message_id=name),
        names=figures.names(db),
        themes=_theme_names(db),
    )


@router.get("/queue")
def queue(
    request: Request,
    user: guard.User,
    db: Db,
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
) -> Response:
    """Messages whose intent a person should decide, by single keys."""
    last = board.last_day(db)
    if last is None:
        return _empty(request, user)
    rows = messages.queue(db, last=last, most=PAGE_SIZE, skip=(page - 1) * PAGE_SIZE)
    return show(
        request,
        "queue.html",
        **_common(request, user, db),
        messages=rows,
        n_queued=messages.n_queued(db, last=last),
        page=page,
        names=figures.names(db),
    )


@router.get("/intents")
def intents(request: Request, user: guard.User, db: Db, days: int = _SPANS[0]) -> Response:
    """Intents over time, what people corrected, and the models."""
    last = board.last_day(db)
    if last is None:
        return _empty(request, user)
    span = days if days in _SPANS else _SPANS[0]
    rows = figures.intents(db, last=last, n_days=span)
    judged = figures.corrected(db)
    n_judged = sum(r["n"] for r in judged)
    n_right = sum(r["n"] for r in judged if r["guessed"] == r["corrected"])
    totals: dict[dt.date, int] = {}
    for row in rows:
        for day, n in zip(row["days"], row["ns"], strict=True):
            totals[day] = totals.get(day, 0) + n
    window = [last - dt.timedelta(n) for n in range(span - 1, -1, -1)]
    series = []
    for row in rows[:6]:
        by_day = dict(zip(row["days"], row["ns"], strict=True))
        shares = [by_day.get(d, 0) / totals[d] if totals.get(d) else None for d in window]
        series.append((row["intent"], shares))
    return show(
        request,
        "intents.html",
        **_common(request, user, db),
        day=last,
        span=span,
        spans=_SPANS,
        rows=rows,
        chart=charts.lines(series, last=last, n_days=span, percent=True),
        legend=[name for name, _ in series],
        n_judged=n_judged,
        n_right=n_right,
        confused=[r for r in judged if r["guessed"] != r["corrected"]][:12],
        suggested=figures.suggested(db, last=last),
        models=figures.models(db),
    )


@router.get("/runs")
def runs(request: Request, user: guard.User, db: Db, days: int = _SPANS[0]) -> Response:
    """How each day went: rows in and out, coverage, seconds, stale days, drift."""
    last = board.last_day(db)
    if last is None:
        return _empty(request, user)
    span = days if days in _SPANS else _SPANS[0]
    rows = figures.runs(db, last=last, n_days=span)
    stages = figures.stages(db, last=last, n_days=span)
    names = sorted({r["stage"] for r in stages})
    window = [last - dt.timedelta(n) for n in range(span - 1, -1, -1)]
    spent = {(r["day"], r["stage"]): r["seconds"] for r in stages}
    drift = figures.drift(db, last=last)
    return show(
        request,
        "runs.html",
        **_common(request, user, db),
        day=last,
        span=span,
        spans=_SPANS,
        rows=rows,
        seconds=charts.lines(
            [(n, [spent.get((d, n)) for d in window]) for n in names], last=last, n_days=span
        ),
        stages=names,
        psi=sum(r["psi"] for r in drift) if drift else None,
        drift=drift[:6],
    )


@router.get("/map")
def atlas(request: Request, user: guard.User, db: Db) -> Response:
    """The themes in two dimensions."""
    last = board.last_day(db)
    if last is None:
        return _empty(request, user)
    root = request.scope.get("root_path", "")
    places = placed(db)
    return show(
        request,
        "map.html",
        **_common(request, user, db),
        day=last,
        chart=charts.atlas(places, root=root),
        n_places=len(places),
    )


def _common(request: Request, user: Any, db: Connection) -> dict[str, Any]:
    """What every page shows: who reads it, whether they may decide, what was just done."""
    return {
        "user": user.get_name(),
        "may_write": guard.may_write(user),
        "flash": flash(db, request.query_params.get("done", "")),
    }


def _empty(request: Request, user: Any) -> Response:
    return show(request, "empty.html", user=user.get_name(), may_write=False, flash=None, day=None)


def _shares(days: Any, last: dt.date) -> list[float | None]:
    return [
        r["n_clustered"] / r["n_messages"] if r and r["n_messages"] else None
        for r in charts.days_of(days, last=last, n_days=28)
    ]


def _marks(events: Any) -> list[tuple[dt.date, str]]:
    """The events that are worth a mark on the trend."""
    return [(e["day"], f"{e['event']} {e['detail']}") for e in events if e["event"] != "note"]


def _theme_names(db: Connection) -> Any:
    return board.board(db, board.Choice(sort="label"), most=2_000)
