"""The review page in Airflow's UI: what a support lead reads and decides in the morning.

Airflow loads this file in each of its processes, so the page itself is created only in the
api-server, at the first request.
"""

import threading
from typing import Any

from airflow.plugins_manager import AirflowPlugin

PREFIX = "/triage"


class _AtFirstRequest:
    """An ASGI app that is created at its first request."""

    def __init__(self) -> None:
        self._app: Any = None
        self._lock = threading.Lock()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if self._app is None:
            with self._lock:
                if self._app is None:
                    from triage_page.app import create_app

                    self._app = create_app()
        await self._app(scope, receive, send)


class TriageReviewPlugin(AirflowPlugin):
    """Mounts the page under /triage and adds it to Airflow's menu."""

    name = "triage_review"
    fastapi_apps = [  # noqa: RUF012
        {"app": _AtFirstRequest(), "url_prefix": PREFIX, "name": "Support triage"}
    ]
    external_views = [  # noqa: RUF012
        {
            "name": "Support triage",
            "href": "triage/",
            "url_route": "support-triage",
            "destination": "nav",
        }
    ]
