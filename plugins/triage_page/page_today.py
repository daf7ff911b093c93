"""Today, which a lead reads first, and the static files that every page loads."""

import datetime as dt
from collections import Counter

from fastapi import APIRouter, HTTPException, Request
from starlette.responses import Response

from sql.queries import alerts as theme_alerts
from sql.queries import board, health, queue, subscriptions
from triage_page import charts, frame, guard, past, readable
from triage_page.contexts import TodayPage
from triage_page.database import Db
from triage_page.render import STATIC

router = APIRouter()
_MOST_LISTED = 6
_WHICH = ("open", "mine", "all")


@router.get("/static/{name}")
def static(name: str) -> Response:
    """A style sheet or script; guarded like everything else."""
    if name not in STATIC:
        raise HTTPException(404)
    body, kind = STATIC[name]
    # Its address changes with its content.
    return Response(body, media_type=kind, headers={"Cache-Control": "private, max-age=86400"})


@router.get("/")
def today(
    request: Request, user: guard.User, db: Db, last: frame.LastDay, alerts: str = "open"
) -> Response:
    """New, growing and fading themes; alerts; coverage."""
    rows = board.board(db, board.Choice(sort="surprise"), most=5_000)
    groups = _groups(rows)
    ids = [r.topic_id for listed in groups.values() for r in listed]
    days = health.coverage(db, last=last, n_days=board.TREND_DAYS)
    context = TodayPage(
        day=last,
        groups=groups,
        trends=board.trends(db, ids, last=last),
        health=health.health(db, last),
        alerts=theme_alerts.alerts(
            db,
            status="" if alerts == "all" or past.as_of(request) else "open",
            person=user.get_name() if alerts == "mine" else "",
            most=30,
        ),
        which=alerts if alerts in _WHICH else "open",
        people=sorted({*guard.people(), *subscriptions.people(db), user.get_name()}),
        mine=subscriptions.of_person(db, user.get_name()),
        counts=Counter(r.state for r in rows),
        coverage=readable.lines(
            [("share with a theme", _shares(days, last))],
            last=last,
            n_days=28,
            percent=True,
            top=1.0,
            width=560,
        ),
        n_queued=queue.n_queued(db, last=last),
    )
    return frame.page(request, context, user=user, db=db)


def _groups(rows: list[board.Theme]) -> dict[str, list[board.Theme]]:
    """The first few themes of each kind; `rows` begins with the most surprising.

    A theme is new while there is nothing to expect of it; the largest of the week come first.
    """
    by_state = {s: [r for r in rows if r.state == s] for s in ("new", "surging", "growing")}
    by_state["new"].sort(key=lambda r: -r.n_week)
    # The theme that fades most is the one furthest below its expectation.
    by_state["fading"] = [r for r in reversed(rows) if r.state == "fading"]
    return {state: listed[:_MOST_LISTED] for state, listed in by_state.items()}


def _shares(days: list[health.Coverage], last: dt.date) -> list[float | None]:
    return [
        r.n_clustered / r.n_messages if r and r.n_messages else None
        for r in charts.days_of(days, last=last, n_days=28)
    ]
