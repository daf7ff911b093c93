"""Figures over time: the intents, and how the runs went."""

import datetime as dt
from collections import Counter
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from sql.queries import figures
from triage_page import charts, frame, guard
from triage_page.database import Db

router = APIRouter()
_N_LINES = 6


@router.get("/intents")
def intents(
    request: Request, user: guard.User, db: Db, last: frame.LastDay, days: int = frame.SPANS[0]
) -> Response:
    """Intents over time, what people corrected, and the models."""
    span = frame.span_of(days)
    rows = figures.intents(db, last=last, n_days=span)
    judged = figures.corrected(db)
    series = _shares(rows, frame.window(last, span))
    return frame.page(
        request,
        "intents.html",
        user=user,
        db=db,
        day=last,
        span=span,
        spans=frame.SPANS,
        rows=rows,
        chart=charts.lines(series, last=last, n_days=span, percent=True),
        legend=[name for name, _ in series],
        n_judged=sum(r["n"] for r in judged),
        n_right=sum(r["n"] for r in judged if r["guessed"] == r["corrected"]),
        confused=[r for r in judged if r["guessed"] != r["corrected"]][:12],
        suggested=figures.suggested(db, last=last),
        models=figures.models(db),
    )


@router.get("/runs")
def runs(
    request: Request, user: guard.User, db: Db, last: frame.LastDay, days: int = frame.SPANS[0]
) -> Response:
    """How each day went: rows in and out, coverage, seconds, stale days, drift."""
    span = frame.span_of(days)
    stages = figures.stages(db, last=last, n_days=span)
    names = sorted({r["stage"] for r in stages})
    spent = {(r["day"], r["stage"]): r["seconds"] for r in stages}
    lines = [(n, [spent.get((d, n)) for d in frame.window(last, span)]) for n in names]
    drift = figures.drift(db, last=last)
    return frame.page(
        request,
        "runs.html",
        user=user,
        db=db,
        day=last,
        span=span,
        spans=frame.SPANS,
        rows=figures.runs(db, last=last, n_days=span),
        seconds=charts.lines(lines, last=last, n_days=span),
        stages=names,
        psi=sum(r["psi"] for r in drift) if drift else None,
        drift=drift[:6],
    )


def _shares(rows: Any, window: list[dt.date]) -> list[tuple[str, list[float | None]]]:
    """The largest intents with their share of each day's predictions; None on a day without."""
    totals: Counter[dt.date] = Counter()
    for row in rows:
        totals.update(dict(zip(row["days"], row["ns"], strict=True)))
    found = []
    for row in rows[:_N_LINES]:
        n_on = dict(zip(row["days"], row["ns"], strict=True))
        found.append(
            (row["intent"], [n_on.get(d, 0) / totals[d] if totals[d] else None for d in window])
        )
    return found
