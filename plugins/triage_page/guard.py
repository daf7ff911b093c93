"""Who may see and do what; every route of the page passes through here.

A plugin's app is mounted without any authentication of Airflow's, and files that are mounted or a
page of documentation would pass by an app's dependencies: so there are none of either.
"""

from typing import Annotated, Any
from urllib.parse import urlsplit

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.models.resource_details import AccessView, DagDetails
from airflow.api_fastapi.core_api.security import (
    GetUserDep,
    requires_access_dag,
    requires_access_view,
)
from airflow.configuration import conf
from fastapi import Depends, HTTPException, Request, status

DAG = "discover_topics"
"""Whoever may edit the DAG that makes the themes may decide about them."""
MAX_BODY = 300_000
_SAFE = ("GET", "HEAD", "OPTIONS")

reads = Depends(requires_access_view(AccessView.WEBSITE))
"""Everybody who may open Airflow's UI."""
_edits = requires_access_dag(method="PUT", param_dag_id=DAG)


def check_size(request: Request) -> None:
    """Refuse a write that is too long, or does not say how long it is, before it is read."""
    length = request.headers.get("content-length", "")
    if not length.isdigit() or int(length) > MAX_BODY:
        raise HTTPException(status.HTTP_413_CONTENT_TOO_LARGE, "That is too much at once")


def same_origin(request: Request) -> None:
    """Refuse a write that another site had the browser send.

    A client with a bearer token has no cookie that could be borrowed, so it needs no origin.
    """
    if request.method in _SAFE:
        return
    origin = request.headers.get("origin")
    if origin is None and request.headers.get("authorization", "").lower().startswith("bearer "):
        return
    # A proxy may ask for another host than the one that people see: [api] base_url names that.
    public = urlsplit(conf.get("api", "base_url", fallback="")).netloc
    hosts = {request.headers.get("host"), public}
    told = urlsplit(origin or "")
    if (
        told.scheme not in ("http", "https")
        or told.netloc not in hosts
        or request.headers.get("sec-fetch-site", "same-origin") != "same-origin"
    ):
        raise HTTPException(
            status.HTTP_403_FORBIDDEN, "This request did not come from a page of this server"
        )


writes = [Depends(_edits), Depends(same_origin)]
"""What a route that changes something depends on besides `reads`."""


def may_write(user: Any) -> bool:
    """Whether to show the user what changes something; the routes check again."""
    manager = get_auth_manager()
    return bool(manager.is_authorized_dag(method="PUT", details=DagDetails(id=DAG), user=user))


def _name(user: GetUserDep) -> str:
    return str(user.get_name())


Actor = Annotated[str, Depends(_name)]
"""The user name that a decision is logged with."""
User = GetUserDep


def login_url(next_url: str) -> str:
    """Where to log in and come back from."""
    return str(get_auth_manager().get_url_login(next_url=next_url))
