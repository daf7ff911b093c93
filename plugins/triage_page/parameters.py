"""The parameters of an address, validated."""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import unquote_plus

from fastapi import Query
from sqlalchemy import Connection
from starlette.types import ASGIApp, Receive, Scope, Send

from nlp.errors import NotFoundError, TriageError
from sql.queries import board
from sql.queries.board import Choice
from sql.queries.messages import Filter
from sql.queries.queue import KINDS

_Short = Annotated[str, Query(max_length=200)]
MAX_PAGE = 100_000


class ParameterError(TriageError):
    """A parameter of the address has a value that cannot be used."""


class WithoutEmpty:
    """Drop the empty parameters of an address: a form sends every field that it has."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; no route can tell an empty parameter from an absent one."""
        if scope["type"] == "http":
            parts = scope["query_string"].split(b"&")
            scope["query_string"] = b"&".join(filter(_has_value, parts))
        await self.app(scope, receive, send)


def _has_value(part: bytes) -> bool:
    return bool(unquote_plus(part.partition(b"=")[2].decode("latin-1")).strip())


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
    by: _Short = "words"
    """Whether to search by `words` or by `meaning`; the messages of a theme by words alone."""
    channel: _Short = ""
    intent: _Short = ""
    decided: _Short = ""
    """Who decided the intent: `person`, or `nobody` where the model was too unsure."""
    segment: _Short = ""
    """One value of one attribute, or the source: `country=DE`."""
    since: _Short = ""
    """A day, such as 2026-03-09; messages that arrived earlier are left out."""
    until: _Short = ""
    """The last day of arrival."""
    page: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 1

    def wrong(self) -> str:
        """What is wrong with the days, in a sentence for each; empty where nothing is."""
        problems = [
            f"{value!r} is no day: write it like 2026-03-09."
            for value in (self.since, self.until)
            if value.strip() and _day(value) is None
        ]
        first, last = _day(self.since), _day(self.until)
        if first and last and first > last:
            problems.append(f"No day is from {first} on and up to {last}: swap the two.")
        return " ".join(problems)

    def filter(self) -> Filter:
        """The same for `sql.queries.messages`. Raises ParameterError where a day is wrong."""
        if problems := self.wrong():
            raise ParameterError(problems)
        return Filter(
            words=words_of(self.q),
            channel=self.channel.replace("\0", ""),
            intent=self.intent.replace("\0", ""),
            decided=self.decided,
            segment=self.segment.replace("\0", ""),
            first=_day(self.since),
            last=_day(self.until),
        )


@dataclass(frozen=True, slots=True)
class Queue:
    """Which messages wait, and where the person is among them."""

    why: _Short = ""
    """Why the model would not decide: one of `sql.queries.queue.KINDS`."""
    after: _Short = ""
    """The id of a message: it and those before it come last."""

    def values(self) -> dict[str, Any]:
        """The same for `sql.queries.queue`."""
        if self.why not in KINDS:
            raise ParameterError(
                f"{self.why!r} is no reason: ask for one of {', '.join(KINDS[1:])}"
            )
        return {"why": self.why, "after": message_id(self.after) if self.after else None}


def words_of(parameters: str) -> str:
    """What is searched for."""
    return parameters.replace("\0", " ").strip()


def _day(value: str) -> dt.date | None:
    """The day that was written, None where none was or it is none."""
    try:
        return dt.date.fromisoformat(value.strip())
    except ValueError:
        return None


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
