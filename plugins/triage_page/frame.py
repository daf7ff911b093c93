"""What is around every page: the user, the decision just made, the number of days it shows."""

import datetime as dt
from typing import Annotated, Any

from fastapi import Depends, Request
from sqlalchemy import Connection
from starlette.responses import Response

from sql.queries import board
from sql.queries import past as look
from triage_page import guard, past
from triage_page.contexts import Context, EmptyPage, Viewer
from triage_page.database import Db
from triage_page.flash import flash
from triage_page.render import show

SPANS = (28, 90, 365)
PAGE_SIZE = 25


def page(
    request: Request, context: Context, *, user: Any, db: Connection, status: int = 200
) -> Response:
    """Answer with a template, with the user, whether they may decide, and what was just done."""
    first, last = look.days(db) or (None, None)
    viewer = Viewer(
        user=user.get_name(),
        may_write=guard.may_write(user) and past.as_of(request) is None,
        may_read_texts=guard.may_read_texts(user),
        may_export=guard.may_export(user),
        flash=flash(db, request.query_params.get("done", "")),
        as_of=past.as_of(request),
        first_day=first,
        last_day=last,
    )
    return show(request, context, viewer, status=status)


class NothingYetError(Exception):
    """No day was discovered yet, so that a page has nothing to show."""


def _last_day(db: Db) -> dt.date:
    last = board.last_day(db)
    if last is None:
        raise NothingYetError
    return last


LastDay = Annotated[dt.date, Depends(_last_day)]
"""The last day that was discovered. Without one, the page answers with `empty`."""


def empty(request: Request, _error: Exception) -> Response:
    """Answer while no day was discovered."""
    return show(request, EmptyPage())


def span_of(days: int) -> int:
    """The number of days to show, one of `SPANS`."""
    return days if days in SPANS else SPANS[0]


def window(last: dt.date, span: int) -> list[dt.date]:
    """The `span` days up to `last`, the earliest first."""
    return [last - dt.timedelta(n) for n in range(span - 1, -1, -1)]


def theme_names(db: Connection) -> list[board.Theme]:
    """The living themes by name, for a list to choose from."""
    return board.board(db, board.Choice(sort="label"), most=2_000)
