"""Taking away what is shown: CSV and JSON, streamed row by row."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Request
from starlette.responses import Response, StreamingResponse

from sql.queries import board, stream
from triage_page.asked import Messages, topic_id
from triage_page.safe import csv_lines, json_lines
from triage_page.searching import filter_of

router = APIRouter(prefix="/export")
_KINDS = {"csv": (csv_lines, "text/csv; charset=utf-8"), "json": (json_lines, "application/json")}
_Opened = AbstractContextManager[tuple[list[str], Iterator[Any]]]


@router.get("/messages.{kind}")
def messages(
    request: Request, kind: str, asked: Annotated[Messages, Depends()], theme: str = ""
) -> Response:
    """One row a message with its theme, intent, probability and model version."""
    topic = topic_id(theme) if theme else None
    database = request.app.state.database
    engine = database.engine()
    with database.begin() as db:  # before the file begins, which cannot tell what is wrong
        chosen, _ = filter_of(db, asked, last=board.last_day(db), request=request, topic=topic)
    return _file(lambda: stream.messages_of(engine, chosen, topic), name="messages", kind=kind)


@router.get("/{name}.{kind}")
def table(request: Request, name: str, kind: str) -> Response:
    """Themes, theme-days, alerts, intents, runs or decisions."""
    if name not in stream.QUERIES:
        raise HTTPException(404)
    engine = request.app.state.database.engine()
    return _file(lambda: stream.rows_of(engine, name), name=name, kind=kind)


def _file(opened: Callable[[], _Opened], *, name: str, kind: str) -> Response:
    if kind not in _KINDS:
        raise HTTPException(404)
    write, media_type = _KINDS[kind]

    def body() -> Iterator[bytes]:
        with opened() as (names, rows):
            yield from write(names, rows)

    disposition = f'attachment; filename="{name}.{kind}"'
    headers = {"Content-Disposition": disposition}
    return StreamingResponse(body(), media_type=media_type, headers=headers)
