"""Templates, static files and the headers of every answer."""

import datetime as dt
import hashlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response

from triage_page import charts, past, wording
from triage_page.contexts import Context, Viewer

_HERE = Path(__file__).parent
STATIC = {
    name: ((_HERE / "static" / name).read_bytes(), kind)
    for name, kind in (("page.css", "text/css"), ("page.js", "text/javascript"))
}
_STAMP = hashlib.sha256(b"".join(body for body, _ in STATIC.values())).hexdigest()[:12]
_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'self'; base-uri 'none'"
)
NAVIGATION = (
    ("", "Today", "t"),
    ("/themes", "Themes", "h"),
    ("/queue/themes", "Queue", "q"),
    ("/messages", "Messages", "m"),
    ("/intents", "Intents", "i"),
    ("/runs", "Runs", "r"),
    ("/map", "Map", "a"),
)


def show(
    request: Request, context: Context, viewer: Viewer | None = None, *, status: int = 200
) -> HTMLResponse:
    """Answer with the template of a context; `root` is the address that the page is mounted at."""
    root = request.scope.get("root_path", "")
    path = request.url.path.removeprefix(root).rstrip("/")
    viewer = viewer or Viewer()
    html = _environment.get_template(context.template).render(
        root=root,
        path=path,
        here=f"{root}{path or '/'}" + (f"?{request.url.query}" if request.url.query else ""),
        query=dict(request.query_params),
        navigation=NAVIGATION,
        stamp=_STAMP,
        base=past.base(request),
        as_of=viewer.as_of,
        first_day=viewer.first_day,
        last_day=viewer.last_day,
        user=viewer.user,
        may_write=viewer.may_write,
        may_read_texts=viewer.may_read_texts,
        may_export=viewer.may_export,
        flash=viewer.flash,
        **{"bare": False, **context.given()},
    )
    return HTMLResponse(html, status_code=status)


async def secure(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    """Set the headers of every answer; no browser stores a page with customers' words."""
    return harden(await call_next(request))


def harden(answer: Response) -> Response:
    """Set the headers; also called for a defect's answer, which bypasses the middleware."""
    answer.headers["Content-Security-Policy"] = _CSP
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Referrer-Policy"] = "same-origin"
    answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    answer.headers.setdefault("Cache-Control", "no-store")
    return answer


def _number(value: float | int | None) -> str:
    """With a space between thousands; a dash for None."""
    return "–" if value is None else f"{value:,.0f}".replace(",", "\u202f")


def _percent(value: float | None) -> str:
    if value is None:
        return "–"
    return "<1%" if 0 < value < 0.01 else f"{value:.0%}"


def _day(value: dt.date | dt.datetime | None) -> str:
    return f"{value.day} {value:%b %Y}" if value else "–"


def _time(value: dt.datetime | None) -> str:
    return f"{value.astimezone(dt.UTC):%Y-%m-%d %H:%M} UTC" if value else "–"


def _ago(value: dt.date, today: dt.date) -> str:
    days = (today - value).days
    if days < 14:
        return "today" if days <= 0 else f"{days} d"
    return f"{days // 7} wk" if days < 120 else f"{days // 30} mo"


def _change(now: int, before: int) -> str:
    """The change week on week in words."""
    if not before:
        return "new" if now else "–"
    change = (now - before) / before
    return "±0%" if abs(change) < 0.005 else f"{change:+.0%}".replace("-", "\u2212")


def _words(name: str) -> str:
    return name.replace("_", " ")


def _with(query: dict[str, str], **changes: Any) -> str:
    """The query of this address with some values changed, empty ones left out."""
    merged = {k: v for k, v in {**query, **changes}.items() if v not in ("", None)}
    merged.pop("done", None)
    return "?" + urlencode(merged) if merged else "?"


def _build() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters.update(
        number=_number,
        percent=_percent,
        day=_day,
        time=_time,
        ago=_ago,
        words=_words,
        in_words=wording.in_words,
        metric=wording.metric,
        figure=wording.figure,
        evidence=wording.evidence,
    )
    environment.globals.update(
        change=_change, with_query=_with, sparkline=charts.sparkline, share_bar=charts.share
    )
    return environment


_environment = _build()
