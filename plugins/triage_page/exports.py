"""Export of what the page shows: CSV and JSON, streamed row by row."""

import codecs
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from starlette.responses import Response

from sql.queries import board, stream
from triage_page import guard, past, reads
from triage_page.database import transaction
from triage_page.download import Download
from triage_page.parameters import Board, Messages, topic_id
from triage_page.safe import csv_lines, json_lines
from triage_page.searching import choice_of, filter_of

router = APIRouter(prefix="/export", dependencies=[guard.exports])
_KINDS = {"csv": (csv_lines, "text/csv; charset=utf-8"), "json": (json_lines, "application/json")}
_Opened = AbstractContextManager[tuple[list[str], Iterator[Any]]]


_Days = Annotated[int, Query(ge=1, le=stream.EVERY_DAY)]


@router.get("/messages.{kind}", dependencies=[guard.texts])
def messages(
    request: Request,
    kind: str,
    parameters: Annotated[Messages, Depends()],
    actor: guard.Actor,
    theme: str = "",
    bom: bool = False,
) -> Response:
    """One row per message as the list shows them; `bom` starts a CSV file as Excel expects it."""
    topic = topic_id(theme) if theme else None
    engine = request.app.state.database.exports()
    with transaction(request) as db:  # before the file begins, which cannot tell what is wrong
        chosen, _ = filter_of(db, parameters, last=board.last_day(db), request=request, topic=topic)
    open_rows = partial(stream.messages_of, engine, chosen, topic)
    return _file(request, open_rows, name="messages", kind=kind, bom=bom, actor=actor)


@router.get("/themes.{kind}")
def themes(
    request: Request,
    kind: str,
    parameters: Annotated[Board, Depends()],
    actor: guard.Actor,
    bom: bool = False,
) -> Response:
    """A theme a row as the board shows them, of all its pages."""
    engine = request.app.state.database.exports()
    with transaction(request) as db:
        last = board.last_day(db)
        choice = (
            choice_of(db, parameters, last=last, request=request)[0] if last else board.Choice()
        )
    rows = partial(stream.themes_of, engine, choice, as_of=past.as_of(request))
    return _file(request, rows, name="themes", kind=kind, bom=bom, actor=actor)


@router.get("/{name}.{kind}")
def table(
    request: Request,
    name: str,
    kind: str,
    actor: guard.Actor,
    days: _Days = stream.EVERY_DAY,
    bom: bool = False,
) -> Response:
    """Days of themes, alerts, intents or runs of the last `days`, or all decisions."""
    if name not in stream.QUERIES:
        raise HTTPException(404)
    engine = request.app.state.database.exports()
    rows = partial(stream.rows_of, engine, name, days=days, as_of=past.as_of(request))
    return _file(request, rows, name=name, kind=kind, bom=bom, actor=actor)


def _file(
    request: Request,
    open_rows: Callable[[], _Opened],
    *,
    name: str,
    kind: str,
    bom: bool,
    actor: str,
) -> Response:
    """The file; that somebody takes it is logged before its first byte goes out."""
    if kind not in _KINDS:
        raise HTTPException(404)
    write, media_type = _KINDS[kind]
    database = request.app.state.database
    with database.begin() as db:
        number = reads.note(db, request, what=f"export {name}.{kind}", actor=actor, n=None)
    taken = reads.Counted(database, number=number, actor=actor)

    def body() -> Generator[bytes, None, None]:
        if bom and kind == "csv":
            yield codecs.BOM_UTF8
        try:
            with open_rows() as (names, rows):
                kept = [n for n in names if kind != "csv" or n not in stream.WHOLE]
                yield from write(kept, taken.rows(rows))
        finally:
            taken.end()

    disposition = f'attachment; filename="{name}.{kind}"'
    headers = {"Content-Disposition": disposition}
    slots = request.app.state.database.slots
    return Download(body(), slots=slots, media_type=media_type, headers=headers)
