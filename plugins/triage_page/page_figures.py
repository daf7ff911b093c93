"""Figures over time: the intents and the runs."""

import datetime as dt
from collections import Counter

from fastapi import APIRouter, Request
from starlette.responses import Response

from sql.queries import figures, health, suggested
from triage_page import charts, frame, guard
from triage_page.contexts import IntentsPage, RunsPage
from triage_page.database import Db

router = APIRouter()
_N_LINES = 6


@router.get("/intents")
def intents(
    request: Request, user: guard.User, db: Db, last: frame.LastDay, days: int = frame.SPANS[0]
) -> Response:
    """Intents over time, what people corrected, and the models."""
    span = frame.span_of(days)
    window = request.app.state.database.settings.window_days
    rows = figures.intents(db, last=last, n_days=span)
    judged = figures.corrected(db)
    series = _shares(rows, frame.window(last, span))
    context = IntentsPage(
        span=span,
        spans=frame.SPANS,
        rows=rows,
        chart=charts.lines(series, last=last, n_days=span, percent=True),
        legend=[name for name, _ in series],
        n_judged=sum(r.n for r in judged),
        n_right=sum(r.n for r in judged if r.guessed == r.corrected),
        confused=[r for r in judged if r.guessed != r.corrected][:12],
        suggested=suggested.suggested(db, last=last, days=window),
        window=window,
        models=figures.models(db),
    )
    return frame.page(request, context, user=user, db=db)


@router.get("/runs")
def runs(
    request: Request, user: guard.User, db: Db, last: frame.LastDay, days: int = frame.SPANS[0]
) -> Response:
    """The health of each day: rows in and out, coverage, seconds, stale days, drift."""
    span = frame.span_of(days)
    stages = health.stages(db, last=last, n_days=span)
    names = sorted({r.stage for r in stages})
    spent = {(r.day, r.stage): r.seconds for r in stages}
    lines = [(n, [spent.get((d, n)) for d in frame.window(last, span)]) for n in names]
    context = RunsPage(
        span=span,
        spans=frame.SPANS,
        rows=health.runs(db, last=last, n_days=span),
        seconds=charts.lines(lines, last=last, n_days=span),
        stages=names,
        drift=health.drift(db, last=last),
    )
    return frame.page(request, context, user=user, db=db)


def _shares(
    rows: list[figures.IntentDays], window: list[dt.date]
) -> list[tuple[str, list[float | None]]]:
    """The largest intents with their share of each day's predictions; None on a day without."""
    totals: Counter[dt.date] = Counter()
    for row in rows:
        totals.update(dict(zip(row.days, row.ns, strict=True)))
    found = []
    for row in rows[:_N_LINES]:
        n_on = dict(zip(row.days, row.ns, strict=True))
        found.append(
            (row.intent, [n_on.get(d, 0) / totals[d] if totals[d] else None for d in window])
        )
    return found
