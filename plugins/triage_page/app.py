"""The page's app: routes under one guard, and the pages that errors show."""

import re
from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from nlp.errors import (
    ConflictError,
    DatabaseDownError,
    DatabaseError,
    DecisionError,
    NotFoundError,
    TriageError,
)
from nlp.settings import Settings
from triage_page import (
    acts,
    acts_alerts,
    acts_intents,
    api,
    exports,
    frame,
    guard,
    page_digest,
    page_figures,
    page_guesses,
    page_messages,
    page_themes,
    page_today,
    past,
)
from triage_page.contexts import ErrorPage
from triage_page.database import Database
from triage_page.parameters import ParameterError, WithoutEmpty
from triage_page.render import harden, secure, show

_STATUS = {
    NotFoundError: (404, "Not found"),
    ParameterError: (422, "That address is not right"),
    ConflictError: (409, "Somebody was faster"),
    DecisionError: (422, "That cannot be done"),
    DatabaseDownError: (503, "The database does not answer"),
    DatabaseError: (503, "The database is not as it should be"),
}
_MAY_NOT_DECIDE = (
    "Your role may read this page, but not decide. Ask an administrator for a role that may edit "
    f"the DAG {guard.DAG}."
)
_DETAIL = {
    401: ("Log in first", "You are not logged in, or your login has expired."),
    403: ("Not allowed", _MAY_NOT_DECIDE),
    404: ("Not found", "There is no such page."),
    405: ("Not possible", "This address does not take that kind of request."),
}


def create_app(settings: Settings | None = None) -> FastAPI:
    """Return the app; without `settings` they are read at the first request that needs them."""
    app = FastAPI(
        title="Support triage",
        dependencies=[guard.reads],
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
    )
    app.state.database = Database(settings)
    for part in (
        page_today,
        page_digest,
        page_themes,
        page_messages,
        page_figures,
        page_guesses,
        acts,
        acts_alerts,
        acts_intents,
        exports,
        api,
        past,
    ):
        app.include_router(part.router)
    app.add_api_route("/{path:path}", _nothing_here, methods=_METHODS, include_in_schema=False)
    app.add_exception_handler(frame.NothingYetError, frame.empty)
    app.add_exception_handler(TriageError, _triage_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(Exception, _defect)
    app.middleware("http")(secure)
    app.add_middleware(WithoutEmpty)
    app.add_middleware(past.Past)
    return app


_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def _nothing_here(path: str) -> None:  # noqa: ARG001
    """Answer 404 for unknown addresses, so that the guard checks these, too."""
    raise HTTPException(404)


def _triage_error(request: Request, error: Exception) -> Response:
    kind = next((k for k in _STATUS if isinstance(error, k)), None)
    status, title = _STATUS[kind] if kind else (500, "Something is wrong")
    form = getattr(request.state, "form", None)
    if isinstance(error, ConflictError):
        return _error_response(request, status=status, title=title, detail=str(error), again=form)
    if not isinstance(error, DecisionError):
        return _error_response(request, status=status, title=title, detail=str(error))
    near = error.near if isinstance(error, acts.UnknownNameError) else []
    field = error.field if isinstance(error, acts.UnknownNameError) else ""
    return _error_response(
        request, status=status, title=title, detail=str(error), retry=form, field=field, near=near
    )


def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    title, detail = _DETAIL.get(error.status_code, ("Something is wrong", str(error.detail)))
    if error.status_code == 403 and "page of this server" in str(error.detail):
        detail = f"{error.detail}. Open the page anew and try again."
    return _error_response(request, status=error.status_code, title=title, detail=detail)


def _validation_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    parts = (f"{e['loc'][-1]}: {e['msg']}" for e in error.errors())
    detail = re.sub(r"\s+", " ", "; ".join(parts))[:500]
    return _error_response(request, status=422, title="That address is not right", detail=detail)


def _defect(request: Request, _error: Exception) -> Response:
    """Starlette logs the trace; the page shows only that an error occurred."""
    detail = (
        "The page met a defect of its own. Whoever runs Airflow finds it in the api-server's log."
    )
    return harden(_error_response(request, status=500, title="Something is wrong", detail=detail))


def _error_response(
    request: Request,
    *,
    status: int,
    title: str,
    detail: str,
    again: Any = None,
    retry: Any = None,
    field: str = "",
    near: Sequence[str] = (),
) -> Response:
    root = request.scope.get("root_path", "")
    path = request.url.path.removeprefix(root)
    accepts = request.headers.get("accept", "")
    if path.startswith("/api/") or "text/html" not in accepts:
        return JSONResponse({"title": title, "detail": detail}, status_code=status)
    login = guard.login_url(str(request.url)) if status == 401 else None
    page = ErrorPage(
        title=title,
        detail=detail,
        again=again,
        retry=retry,
        field=field,
        near=near,
        is_intent=field in acts.INTENT_FIELDS,
        login=login,
        bare=status == 401,
    )
    return show(request, page, status=status)
