"""A helpdesk's API on 127.0.0.1: it enforces its token, its limits and its pages."""

import base64
import json
import math
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from bench.desk_world import World

Reply = tuple[int, Mapping[str, str], Any]
"""Status, headers, and a value for JSON or bytes as they are."""


@dataclass
class Asked:
    """One request."""

    method: str
    path: str
    query: dict[str, str]
    headers: Mapping[str, str]
    body: Any = None

    @property
    def basic(self) -> str:
        """What HTTP Basic says, `user:password`."""
        value = self.headers.get("authorization", "").removeprefix("Basic ")
        try:
            return base64.b64decode(value).decode()
        except ValueError:
            return ""


@dataclass
class Limit:
    """So many requests in a window of some seconds; the next ones are told to wait."""

    n: int
    seconds: float
    began: float = 0.0
    used: int = 0

    def wait(self) -> float | None:
        """Return the seconds until the next request is allowed, None where it is now."""
        now = time.monotonic()
        if now - self.began >= self.seconds:
            self.began, self.used = now, 0
        self.used += 1
        return None if self.used <= self.n else self.began + self.seconds - now


@dataclass
class Every:
    """Every so many requests one is told to come again at once: the same, without waiting."""

    n: int
    used: int = 0

    def wait(self) -> float | None:
        """Return 0 for a request that is refused, None for the others."""
        self.used += 1
        return None if self.used % self.n else 0.0


@dataclass
class Server(ABC):
    """Serves a world; a subclass answers as one desk. A context manager."""

    world: World
    token: str = "s3cret-token"
    limit: Limit | Every | None = None
    faults: list[Reply] = field(default_factory=list)
    """Given instead of the next answers, in order."""
    asked: list[Asked] = field(default_factory=list)
    on_request: Callable[[int], None] | None = None
    """Called with the number of each request before it is answered."""
    url: str = ""
    n_busy: int = 0
    """Requests that were answered 429 by the limit."""

    @abstractmethod
    def answer(self, asked: Asked) -> Reply:
        """Answer as the desk does."""

    @abstractmethod
    def is_allowed(self, asked: Asked) -> bool:
        """Whether a request carries the token as the desk wants it."""

    @property
    def n_requests(self) -> int:
        """Number of requests until now."""
        return len(self.asked)

    def reply(self, asked: Asked) -> Reply:
        """Return the reply with faults, token and limits taken into account."""
        self.asked.append(asked)
        if self.on_request:
            self.on_request(len(self.asked))
        if self.faults:
            return self.faults.pop(0)
        if not self.is_allowed(asked):
            return 401, {}, {"error": "Couldn't authenticate you"}
        if self.limit and (wait := self.limit.wait()) is not None:
            self.n_busy += 1
            return 429, {"Retry-After": str(math.ceil(wait))}, {"error": "rate limit"}
        return self.answer(asked)

    def __enter__(self) -> Self:
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.http.server_port}"
        self.thread = threading.Thread(target=self.http.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.http.shutdown()
        self.http.server_close()


def _handler(server: Server) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            self._do(None)

        def do_POST(self) -> None:
            text = self.rfile.read(int(self.headers.get("content-length") or 0))
            self._do(json.loads(text) if text else None)

        do_PUT = do_POST  # noqa: N815 - the name is the library's

        def _do(self, body: Any) -> None:
            parts = urlsplit(self.path)
            query = {k: v[-1] for k, v in parse_qs(parts.query, keep_blank_values=True).items()}
            headers = {k.lower(): v for k, v in self.headers.items()}
            asked = Asked(self.command, parts.path, query, headers, body)
            status, extra, value = server.reply(asked)
            text = value if isinstance(value, bytes) else json.dumps(value).encode()
            try:
                self.send_response_only(status)
                for name, one in {"Content-Type": "application/json", **extra}.items():
                    self.send_header(name, one)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)
            except OSError:
                self.close_connection = True

        def handle_one_request(self) -> None:
            try:
                super().handle_one_request()
            except OSError:  # the client was killed
                self.close_connection = True

        log_message = lambda *_: None  # noqa: E731

    return Handler
