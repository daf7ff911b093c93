"""The parameters of an address, validated."""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Annotated

from fastapi import Query, Request
from sqlalchemy import Connection

from nlp.errors import NotFoundError
from sql.queries import board, search
from sql.queries.board import SORTS, STATES, Choice
from sql.queries.messages import Filter
from triage_page.meaning import embed

_Short = Annotated[str, Query(max_length=200)]
MAX_PAGE = 100_000


@dataclass(frozen=True, slots=True)
class Board:
    """Which themes, in which order."""

    q: _Short = ""
    by: _Short = "meaning"
    """Whether to search by `words` or by `meaning`."""
    state: _Short = ""
    channel: _Short = ""
    intent: _Short = ""
    area: _Short = ""
    """The id of a theme: only those of its area."""
    group: _Short = ""
    """`area`: grouped by area."""
    sort: _Short = ""
    page: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 1


@dataclass(frozen=True, slots=True)
class Messages:
    """Which messages."""

    q: _Short = ""
    channel: _Short = ""
    intent: _Short = ""
    since: dt.date | None = None
    until: dt.date | None = None
    page: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 1

    def filter(self) -> Filter:
        """The same for `sql.queries.messages`."""
        return Filter(
            words=self.q.replace("\0", " ").strip(),
            channel=self.channel.replace("\0", ""),
            intent=self.intent.replace("\0", ""),
            first=self.since,
            last=self.until,
        )


def choice_of(
    connection: Connection, asked: Board, *, last: dt.date, request: Request
) -> tuple[Choice, str]:
    """Return the themes to query, and how they were searched: `words`, `meaning` or empty."""
    words = asked.q.replace("\0", " ").strip()
    ids, how = None, ""
    if words:
        vector = embed(words, request.app.state.database.settings) if asked.by != "words" else None
        ids = search.by_meaning(connection, vector) if vector else []
        how = "meaning" if ids else "words"
        if not ids:
            ids = search.by_words(connection, words, last=last)
    default = "found" if ids is not None else "today"
    return (
        Choice(
            state=asked.state if asked.state in STATES else "",
            channel=asked.channel.replace("\0", ""),
            intent=asked.intent.replace("\0", ""),
            area=topic_id(asked.area) if asked.area else 0,
            by_area=asked.group == "area",
            sort=asked.sort if asked.sort in SORTS else default,
            ids=ids,
        ),
        how,
    )


def themes_of(connection: Connection, choice: Choice, page: int) -> tuple[list[board.Theme], int]:
    """One page of the board, and the number of themes on all pages."""
    skip = (page - 1) * board.PAGE_SIZE
    rows = board.board(connection, choice, most=board.PAGE_SIZE, skip=skip)
    if rows or page == 1:
        return rows, rows[0].n_found if rows else 0
    head = board.board(connection, choice, most=1)
    return [], head[0].n_found if head else 0


def message_id(value: str) -> str:
    """Return the id in its canonical form. Raises NotFoundError where it is no UUID."""
    try:
        return str(uuid.UUID(value))
    except ValueError as error:
        raise NotFoundError(
            f"{value[:60]!r} is no id of a message. Look it up under Messages"
        ) from error


def topic_id(value: str) -> int:
    """Return the id as a number. Raises NotFoundError where it is not one."""
    if not value.isascii() or not value.isdigit() or len(value) > 18:
        raise NotFoundError(f"{value[:60]!r} is no id of a theme. Look it up under Themes")
    return int(value)
