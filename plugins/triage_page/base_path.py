"""The page behind a proxy that serves Airflow below a base path.

Airflow knows the base path by `[api] base_url`. A proxy may pass it on or strip it; the routes of a
mounted app are found only where the path has it.
"""

from typing import Any

MOUNTED_AT = "/triage"
"""Where the plugin mounts the page, below Airflow's own base path."""


class WithBasePath:
    """Give a path that a proxy has stripped its base path back."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass a request on, with the path that its root begins."""
        root, path = scope.get("root_path", ""), scope.get("path", "")
        if not f"{path}/".startswith(f"{root}/") and f"{path}/".startswith(f"{MOUNTED_AT}/"):
            scope = {**scope, "path": root.removesuffix(MOUNTED_AT) + path}
        await self.app(scope, receive, send)
