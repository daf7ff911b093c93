"""Figures over time: the intents and the runs."""

import datetime as dt
from collections import Counter
from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.responses import Response

from nlp.errors import NotFoundError
from sql.queries import figures, health, suggested, taxonomy
from sql.stores.decisions import record
from triage_page import airflow_runs, frame, guard, readable, reads
from triage_page.base_path import MOUNTED_AT
from triage_page.contexts import IntentPage, IntentsPage, RunLine, RunsPage
from triage_page.database import Db

router = APIRouter()
_N_LINES = 6
_AHEAD_DAYS = 366
"""Runs of later days than the last that was discovered are shown, too."""


@router.get("/intents")
def intents(
    request: Request,
    user: guard.User,
    db: Db,
    last: frame.LastDay,
    days: int = frame.SPANS[0],
    sort: str = "week",
) -> Response:
    """Intents over time, what people corrected, and the models."""
    span = frame.span_of(days)
    window = request.app.state.database.settings.window_days
    rows = figures.intents(db, last=last, n_days=span)
    judged = figures.corrected(db)
    taxa = figures.taxonomy(db)
    predicted = {row.intent for row in rows}
    series = _shares(rows, frame.window(last, span))
    context = IntentsPage(
        span=span,
        spans=frame.SPANS,
        rows=taxonomy.lines(db, rows, taxa=taxa, judged=judged, last=last, sort=sort),
        sort=sort if sort in taxonomy.SORTS else taxonomy.SORTS[0],
        retired=taxonomy.retired(db),
        chart=readable.lines(series, last=last, n_days=span, percent=True),
        legend=[name for name, _ in series],
        untrained=[t for t in taxa if t.name not in predicted],
        described={t.name: t.description for t in taxa if t.description},
        n_judged=sum(r.n for r in judged),
        n_right=sum(r.n for r in judged if r.guessed == r.corrected),
        confused=[r for r in judged if r.guessed != r.corrected][:12],
        suggested=suggested.suggested(db, last=last, days=window),
        window=window,
        models=figures.models(db),
    )
    return frame.page(request, context, user=user, db=db)


@router.get("/intents/{name}")
def one_intent(
    request: Request, user: guard.User, db: Db, last: frame.LastDay, name: str
) -> Response:
    """One intent: what it covers, its figures, what it is mixed up with, its examples."""
    row = taxonomy.one(db, name)
    if row is None:
        raise NotFoundError(f"There is no intent {name[:60]!r}. Look it up under Intents")
    examples = taxonomy.examples(db, row.name) if guard.may_read_texts(user) else []
    if examples:
        reads.note(db, request, what="intent", actor=str(user.get_name()), n=len(examples))
    taxa, judged = figures.taxonomy(db), figures.corrected(db)
    rows = [r for r in figures.intents(db, last=last, n_days=28) if r.intent == row.name]
    lines = taxonomy.lines(db, rows, taxa=taxa, judged=judged, last=last, sort="")
    context = IntentPage(
        intent=row,
        line=lines[0] if lines else None,
        examples=examples,
        seen=record.token(db, intent=row.name),
    )
    return frame.page(request, context, user=user, db=db)


@router.get("/runs")
def runs(
    request: Request, user: guard.User, db: Db, last: frame.LastDay, days: int = frame.SPANS[0]
) -> Response:
    """The health of each day: rows in and out, coverage, seconds, open days, drift."""
    span = frame.span_of(days)
    root = request.scope.get("root_path", "")
    stages = health.stages(db, last=last, n_days=span)
    names = sorted({r.stage for r in stages})
    spent = {(r.day, r.stage): r.seconds for r in stages}
    lines = [(n, [spent.get((d, n)) for d in frame.window(last, span)]) for n in names]
    context = RunsPage(
        span=span,
        spans=frame.SPANS,
        **_days(db, last, span),
        airflow=root.removesuffix(MOUNTED_AT),
        seconds=readable.lines(lines, last=last, n_days=span),
        stages=names,
        drift=health.drift(db, last=last),
    )
    return frame.page(request, context, user=user, db=db)


def _days(db: Connection, last: dt.date, span: int) -> dict[str, Any]:
    """A row for each day, the latest first, also where it failed, still runs or is missing."""
    figures_of = {row.day: row for row in health.runs(db, last=last, n_days=span)}
    begin = max(last - dt.timedelta(span - 1), health.first_day(db) or last)
    by_day = airflow_runs.runs_by_day(begin, last + dt.timedelta(_AHEAD_DAYS))
    runs_of = by_day or {}
    due = {begin + dt.timedelta(n) for n in range((last - begin).days + 1)}
    rows = []
    for day in sorted({*figures_of, *runs_of, *due}, reverse=True):
        row, runs = figures_of.get(day), runs_of.get(day, [])
        state = airflow_runs.state_of(runs)
        if not state and row is None:
            state = "missing"
        if not state and row is not None and row.n_messages is None:
            state = "unfinished"
        rows.append(RunLine(day, row, state, runs))
    return {"rows": rows, "no_airflow": by_day is None}


def _shares(
    rows: list[figures.IntentDays], window: list[dt.date]
) -> list[tuple[str, list[float | None]]]:
    """The largest intents with their share of each day's predictions; None on a day without."""
    totals: Counter[dt.date] = Counter()
    for row in rows:
        totals.update(dict(zip(row.days, row.ns, strict=True)))
    shares = []
    for row in rows[:_N_LINES]:
        n_on = dict(zip(row.days, row.ns, strict=True))
        shares.append(
            (row.intent, [n_on.get(d, 0) / totals[d] if totals[d] else None for d in window])
        )
    return shares
