"""Addresses of the board as of an earlier day: `/on/2026-03-05/themes` is `/themes` on that day.

The part with the day belongs to the root of all links of such a page, so that whoever follows them
stays on that day. What is past is read: nothing can be decided there.
"""

import datetime as dt
import re
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request, status
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from triage_page.parameters import ParameterError

router = APIRouter()
_ON = re.compile(r"/on/(\d{4}-\d\d-\d\d)(?=/|$)")
_WITHOUT_DAY = re.compile(r"/(?!/)[\w/.-]*")


class Past:
    """Take the day of an address into its root."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, with the day in its state."""
        if scope["type"] == "http":
            root = scope.get("root_path", "")
            match = _ON.match(scope["path"].removeprefix(root))
            day = _day(match[1]) if match else None
            if match and day:
                scope.setdefault("state", {})["as_of"] = day
                scope["root_path"] = root + match[0]
                if scope["path"] == scope["root_path"]:
                    scope["path"] += "/"
        await self.app(scope, receive, send)


def as_of(request: Request) -> dt.date | None:
    """The day whose board is asked for, None for the last one."""
    day: dt.date | None = getattr(request.state, "as_of", None)
    return day


def base(request: Request) -> str:
    """The address that the page is mounted at, without a day."""
    root: str = request.scope.get("root_path", "")
    return root if as_of(request) is None else root[: root.rindex("/on/")]


def leave(request: Request) -> None:
    """Let the links of the answer lead to the last day: the one asked for has no board."""
    request.scope["root_path"] = base(request)
    request.state.as_of = None


def is_present(request: Request) -> None:
    """Refuse a decision on the board of an earlier day."""
    if as_of(request) is not None:
        raise HTTPException(
            status.HTTP_409_CONFLICT, "What is past is only read: open the page of the last day"
        )


@router.get("/on")
def go(
    request: Request,
    day: Annotated[str, Query(max_length=20)] = "",
    to: Annotated[str, Query(max_length=200)] = "/",
) -> Response:
    """Lead to a page of this server as of a day, or of the last day where none is given."""
    wanted = _day(day)
    if day and wanted is None:
        raise ParameterError(f"{day!r} is no day: write it like 2026-03-09.")
    path = to if _WITHOUT_DAY.fullmatch(to) else "/"
    return RedirectResponse(f"{base(request)}{f'/on/{wanted}' if wanted else ''}{path}", 303)


def _day(value: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(value)
    except ValueError:
        return None
