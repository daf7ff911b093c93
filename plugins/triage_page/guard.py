"""Who may see and do what; every route of the page is checked here.

Airflow mounts a plugin's app without authentication. Mounted static files and FastAPI's pages of
documentation would bypass an app's dependencies, so the app has neither.
"""

from typing import Annotated, Any
from urllib.parse import urlsplit

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.models.resource_details import (
    AccessView,
    DagAccessEntity,
    DagDetails,
)
from airflow.api_fastapi.core_api.security import (
    GetUserDep,
    requires_access_dag,
    requires_access_view,
)
from airflow.configuration import conf
from fastapi import Depends, HTTPException, Request, status

from triage_page import past

DAG = "discover_topics"
"""Whoever may edit the DAG that makes the themes may decide about them."""
MAX_BODY = 300_000
INGEST = "ingest_messages"
"""Whoever may read the DAG that brings the messages may read their texts; who may start it may take
messages and figures out as files."""
_SAFE = ("GET", "HEAD", "OPTIONS")

reads = Depends(requires_access_view(AccessView.WEBSITE))
"""Everybody who may open Airflow's UI."""
_reads_texts = requires_access_dag(method="GET", param_dag_id=INGEST)
texts = Depends(_reads_texts)
"""In addition to `reads`, for what shows the texts of messages."""
_exports = requires_access_dag(
    method="POST", access_entity=DagAccessEntity.RUN, param_dag_id=INGEST
)
exports = Depends(_exports)
"""In addition to `reads`, for files."""
_edits = requires_access_dag(method="PUT", param_dag_id=DAG)


def check_size(request: Request) -> None:
    """Refuse a write that is too long or does not give its length, before it is read."""
    length = request.headers.get("content-length", "")
    if not length.isdigit() or int(length) > MAX_BODY:
        raise HTTPException(status.HTTP_413_CONTENT_TOO_LARGE, "That is too much at once")


def same_origin(request: Request) -> None:
    """Refuse a write that another site made the browser send (cross-site request forgery).

    A client with a bearer token sends no cookie that could be abused, so it needs no origin.
    """
    if request.method in _SAFE:
        return
    origin = request.headers.get("origin")
    if origin is None and request.headers.get("authorization", "").lower().startswith("bearer "):
        return
    # Behind a proxy the request's host may differ from the public one, which [api] base_url names.
    public = urlsplit(conf.get("api", "base_url", fallback="")).netloc
    hosts = {request.headers.get("host"), public}
    sent_from = urlsplit(origin or "")
    if (
        sent_from.scheme not in ("http", "https")
        or sent_from.netloc not in hosts
        or request.headers.get("sec-fetch-site", "same-origin") != "same-origin"
    ):
        raise HTTPException(
            status.HTTP_403_FORBIDDEN, "This request did not come from a page of this server"
        )


writes = [Depends(_edits), Depends(same_origin), Depends(past.is_present)]
"""The dependencies of a route that changes something, in addition to `reads`."""


def may_write(user: Any) -> bool:
    """Whether to show the user the controls that change something; the routes check again."""
    manager = get_auth_manager()
    return bool(manager.is_authorized_dag(method="PUT", details=DagDetails(id=DAG), user=user))


def may_read_texts(user: Any) -> bool:
    """Whether pages of figures show the user what customers wrote, too."""
    manager = get_auth_manager()
    return bool(manager.is_authorized_dag(method="GET", details=DagDetails(id=INGEST), user=user))


def may_export(user: Any) -> bool:
    """Whether to show the user the links to files; the routes check again."""
    return bool(
        get_auth_manager().is_authorized_dag(
            method="POST",
            access_entity=DagAccessEntity.RUN,
            details=DagDetails(id=INGEST),
            user=user,
        )
    )


def _name(user: GetUserDep) -> str:
    return str(user.get_name())


Actor = Annotated[str, Depends(_name)]
"""The user name that a decision is logged with."""
User = GetUserDep


def people() -> list[str]:
    """The users of Airflow where its authentication can list them, else none."""
    listed = getattr(get_auth_manager(), "get_users", None)
    return sorted(str(user.username) for user in listed()) if listed else []


def login_url(next_url: str) -> str:
    """The address of the login, which leads back to `next_url`."""
    return str(get_auth_manager().get_url_login(next_url=next_url))
