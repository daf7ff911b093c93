"""What a request must be before anything of it is read: with the token, and of a known size."""

import json
import secrets

from starlette.types import ASGIApp, Message, Receive, Scope, Send

OPEN = ("/health", "/metrics")
"""Paths that need no token."""


class Gate:
    """Answer 401, 411 or 413 by the headers alone, and 413 where more comes than they say."""

    def __init__(self, app: ASGIApp, *, token: str, max_bytes: int) -> None:
        self.app = app
        self._token = f"Bearer {token}".encode()
        self._max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] != "http" or scope["path"] in OPEN:
            await self.app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        sent = headers.get(b"authorization", b"")
        if not secrets.compare_digest(sent[:7].title() + sent[7:], self._token):
            await _refuse(send, 401, "Send the bearer token of TRIAGE_SERVE_TOKEN")
            return
        length = headers.get(b"content-length", b"0" if scope["method"] == "GET" else b"")
        if not length.isdigit():
            await _refuse(send, 411, "Send the length of the body")
        elif int(length) > self._max_bytes:
            words = f"A request has at most {self._max_bytes:,} bytes (TRIAGE_SERVE_MAX_BYTES)"
            await _refuse(send, 413, words)
        else:
            await self.app(scope, receive, send)


async def _refuse(send: Send, status: int, detail: str) -> None:
    body = json.dumps({"detail": detail}).encode()
    headers = [(b"content-type", b"application/json"), (b"connection", b"close")]
    if status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    headers.append((b"content-length", str(len(body)).encode()))
    start: Message = {"type": "http.response.start", "status": status, "headers": headers}
    await send(start)
    await send({"type": "http.response.body", "body": body})
