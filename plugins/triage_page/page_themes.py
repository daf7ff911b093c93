"""The board of themes, one theme, and the map of all."""

import datetime as dt
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from markupsafe import Markup
from sqlalchemy import Connection
from starlette.responses import RedirectResponse, Response

from nlp.errors import NotFoundError
from nlp.jobs.decide import propose_split
from nlp.jobs.digest.sections import driver_sentence
from nlp.records import Driver
from sql.queries import board, drivers, figures, messages, segments, subscriptions, theme
from sql.queries.alike import alike
from sql.stores.decisions import record
from sql.stores.decisions.store import Decisions
from triage_page import charts, frame, guard, readable, reads
from triage_page.atlas import placed
from triage_page.contexts import MapPage, ThemePage, ThemesPage
from triage_page.database import Db
from triage_page.parameters import Board, Messages, themes_of, topic_id
from triage_page.searching import Searched, choice_of, filter_of
from triage_page.wording import evidence, in_words

router = APIRouter()


@router.get("/themes")
def themes(
    request: Request,
    user: guard.User,
    db: Db,
    last: frame.LastDay,
    parameters: Annotated[Board, Depends()],
) -> Response:
    """The board of the living themes."""
    choice, searched = choice_of(db, parameters, last=last, request=request)
    rows, n_found = themes_of(db, choice, parameters.page)
    overview = board.overview(db)
    context = ThemesPage(
        day=last,
        parameters=parameters,
        choice=choice,
        searched=searched,
        rows=rows,
        n_found=n_found,
        n_pages=max(-(-n_found // board.PAGE_SIZE), 1),
        trends=board.trends(db, [r.topic_id for r in rows], last=last),
        filters=board.filters(db, last=last),
        areas=overview.areas,
        area=_chosen_area(db, choice, overview.areas),
        states=board.STATES,
        counts=overview.counts,
        alike=alike(db, [r.topic_id for r in rows]) if guard.may_write(user) else [],
    )
    return frame.page(request, context, user=user, db=db)


def _known(db: Connection, name: int) -> theme.ThemeDetail:
    """The theme of that id. Raises NotFoundError where there is none."""
    if (row := theme.theme(db, name)) is None:
        raise NotFoundError(f"There is no theme {name}. Look it up under Themes")
    return row


@router.get("/themes/{topic}")
def one_theme(
    request: Request,
    user: guard.User,
    db: Db,
    topic: str,
    parameters: Annotated[Messages, Depends()],
    days: int = frame.SPANS[0],
    propose: bool = False,
) -> Response:
    """One theme: its trend, life, area, neighbours and messages."""
    name = topic_id(topic)
    row = _known(db, name)
    if row.heir_id is not None:
        return _to_the_heir(request, name, heir=row.heir_id)
    last, span = board.last_day(db) or row.updated_on, frame.span_of(days)
    proposes = propose and guard.may_write(user)
    shown = _shown(request, user, db, row, parameters, propose=proposes)
    events = theme.events(db, name)
    context = ThemePage(
        day=last,
        theme=row,
        now=next(iter(board.board(db, board.Choice(ids=[name]), most=1)), None),
        span=span,
        chart=_chart(db, name, events, parameters.segment.replace("\0", ""), last=last, span=span),
        segments=segments.values_of(
            db, name, last=last, names=request.app.state.database.settings.attributes
        ),
        driver=driver_sentence(driver, last) if (driver := _driver(db, name, last)) else "",
        events=events,
        mix=theme.mix(db, name, last),
        parameters=parameters,
        wrong=parameters.wrong(),
        filters=board.filters(db, last=last),
        merged=_merged(db, request.query_params.get("merged", ""), into=name),
        **_related(db, name),
        **shown,
    )
    return frame.page(request, context, user=user, db=db, status=422 if context.wrong else 200)


def _related(db: Connection, name: int) -> dict[str, Any]:
    """What belongs to a theme on every day."""
    return {
        "spans": frame.SPANS,
        "decisions": theme.decisions(db, name),
        "parents": theme.parents(db, name),
        "fellows": theme.fellows(db, name),
        "near": theme.near(db, name),
        "seen": record.token(db, topic_id=name),
        "names": figures.names(db),
        "subscribed": subscriptions.of_theme(db, name),
    }


def _shown(
    request: Request,
    user: guard.User,
    db: Connection,
    row: theme.ThemeDetail,
    parameters: Messages,
    *,
    propose: bool,
) -> dict[str, Any]:
    """The messages on a theme's page, which are logged as read; none without the right to them."""
    if not guard.may_read_texts(user):
        return {"exemplars": [], **_listed(request, db, row.topic_id, None, propose=False)}
    examples = messages.by_ids(db, [str(e) for e in row.exemplars][:5])
    listed = _listed(request, db, row.topic_id, parameters, propose=propose)
    n = len(examples) + len(listed["messages"])
    reads.note(db, request, what="theme", actor=str(user.get_name()), n=n)
    return {"exemplars": examples, **listed}


def _driver(db: Connection, name: int, last: dt.date) -> Driver | None:
    return drivers.drivers(db, last, topic_id=name).get(name)


def _chart(
    db: Db, name: int, events: Sequence[theme.LifeEvent], segment: str, *, last: dt.date, span: int
) -> Markup:
    if segment:
        series = segments.days_of(db, name, segment, last=last, n_days=span)
    else:
        series = board.trends(db, [name], last=last, n_days=span).get(name, [])
    return readable.trend(series, _marks(events), last=last, n_days=span)


@router.get("/map")
def atlas(request: Request, user: guard.User, db: Db, last: frame.LastDay) -> Response:
    """The themes in two dimensions."""
    root = request.scope.get("root_path", "")
    places = placed(db)
    context = MapPage(day=last, chart=charts.atlas(places, root=root), n_places=len(places))
    return frame.page(request, context, user=user, db=db)


def _to_the_heir(request: Request, name: int, *, heir: int) -> Response:
    root = request.scope.get("root_path", "")
    done = request.query_params.get("done", "")
    kept = f"&done={done}" if done.isascii() and done.isdigit() else ""
    return RedirectResponse(f"{root}/themes/{heir}?merged={name}{kept}", 302)


def _merged(db: Connection, topic: str, *, into: int) -> str:
    """The name of the theme whose address led here, empty where none did."""
    if not topic.isascii() or not topic.isdigit() or len(topic) > 18:
        return ""
    row = theme.theme(db, int(topic))
    return row.label if row and row.heir_id == into else ""


def _listed(
    request: Request, db: Connection, name: int, parameters: Messages | None, *, propose: bool
) -> dict[str, Any]:
    """The messages below a theme: a page of them, or those that are proposed to split off.

    None without `parameters`.
    """
    listed = {"messages": [], "proposed": set(), "has_more": False, "searched": Searched()}
    if parameters is None:
        return listed
    if propose:
        proposed = set(propose_split(Decisions(db), name))
        rows = messages.by_ids(db, sorted(proposed))
        return {**listed, "messages": rows, "proposed": proposed}
    if parameters.wrong():
        return listed
    chosen, searched = filter_of(db, parameters, last=None, request=request, topic=name)
    skip = (parameters.page - 1) * frame.PAGE_SIZE
    rows = theme.messages(db, name, chosen, most=frame.PAGE_SIZE + 1, skip=skip)
    has_more = len(rows) > frame.PAGE_SIZE
    shown = rows[: frame.PAGE_SIZE]
    return {**listed, "messages": shown, "has_more": has_more, "searched": searched}


def _chosen_area(
    db: Connection, choice: board.Choice, areas: list[board.Area]
) -> board.Area | None:
    """The area that the board is limited to, that of the chosen theme; None for all."""
    if not choice.area:
        return None
    leads = [f.topic_id for f in theme.fellows(db, choice.area) if f.leads]
    return next((a for a in areas if a.area_id in leads), None)


def _marks(events: list[theme.LifeEvent]) -> list[tuple[dt.date, str]]:
    """The events that are worth a mark on the trend."""
    return [
        (e.day, f"{in_words(e.event)} {evidence(e.detail)}") for e in events if e.event != "note"
    ]
