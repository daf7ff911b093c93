"""HTTP to one desk: its token stays with its host, and nothing waits or grows without end."""

import datetime as dt
import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self, TypeVar
from urllib.parse import urljoin, urlsplit

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt

from nlp.errors import SourceError, TransientError
from nlp.settings import Settings
from nlp.sources.desks.access import Access, checked, header_of, is_loopback
from nlp.sources.desks.description import Auth
from nlp.sources.desks.waits import wait_of
from nlp.sources.json_stream import nesting_problem
from nlp.sources.limits import DEFAULT, Limits

Result = TypeVar("Result")
_BUSY = (408, 425, 429, 500, 502, 503, 504)
_MOST_REDIRECTS = 5
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)


class GoneError(Exception):
    """The desk has not what was asked for (404 or 410); it never leaves `nlp.sources.desks`."""


class RefusedError(Exception):
    """The desk does not take what was written, for good; it never leaves `nlp.sources.desks`."""


@dataclass(frozen=True)
class Bounds:
    """How long a desk is waited for, and how much of an answer is read."""

    attempts: int = 8
    """Requests for one page before the run gives up."""
    wait_seconds: float = 900.0
    """A desk that wants a longer pause ends the run; Airflow tries again later."""
    timeout_seconds: float = 60.0
    answer_bytes: int = 64 << 20
    """An answer that is longer, after decompression, is refused."""
    limits: Limits = DEFAULT

    @classmethod
    def of(cls, settings: Settings) -> "Bounds":
        """Return the bounds of the settings."""
        return cls(
            attempts=settings.desk_attempts,
            wait_seconds=settings.desk_wait_seconds,
            answer_bytes=settings.max_answer_bytes,
            limits=Limits.of(settings),
        )


class _BusyError(Exception):
    """The desk may answer the same request later; `seconds` is what it asks for."""

    def __init__(
        self, reason: str, seconds: float | None = None, *, may_have_arrived: bool = True
    ) -> None:
        super().__init__(reason)
        self.seconds = seconds
        self.may_have_arrived = may_have_arrived


@dataclass(frozen=True)
class Answer:
    """A page as JSON, and the address that its header `Link` calls the next."""

    value: Any
    link: str = ""


class Client:
    """Asks one desk. A context manager, which closes the connections."""

    def __init__(
        self,
        name: str,
        access: Access,
        auth: Auth,
        *,
        headers: Mapping[str, str] | None = None,
        bounds: Bounds | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.name = f"Source {name!r}"
        self.access = access
        self.base = checked(self.name, access)
        self.bounds = bounds or Bounds()
        self.sleep = sleep
        self.n_requests = 0
        self.http = httpx.Client(
            headers={
                "Accept": "application/json",
                "Accept-Encoding": "gzip",
                "User-Agent": "support-triage",
                **(headers or {}),
                **header_of(self.name, access, auth),
            },
            timeout=self.bounds.timeout_seconds,
            follow_redirects=False,
            trust_env=not is_loopback(self.base),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self.http.close()

    def ask(
        self, method: str, path: str, *, params: Mapping[str, str] | None = None, body: Any = None
    ) -> Answer:
        """Return the answer to a request; `path` may be an address on the desk's own host.

        Raises GoneError, SourceError for what a retry does not heal, and TransientError for what
        is still busy after all attempts.
        """
        url = self._address(path)
        return self._patiently(lambda: self._once(method, url, params, body))

    def send(
        self,
        method: str,
        path: str,
        *,
        body: Any,
        key: str,
        is_done: Callable[[], bool] = lambda: False,
    ) -> None:
        """Write to the desk; `key` tells it that a repeated request is the same one.

        Before a request is repeated that may have arrived, `is_done` says whether it has. Raises
        RefusedError where the desk does not take it, and what `ask` raises.
        """
        url = self._address(path)
        may_have_arrived = False

        def once() -> None:
            nonlocal may_have_arrived
            if may_have_arrived and is_done():
                return
            try:
                self._once(method, url, None, body, key=key)
            except _BusyError as error:
                may_have_arrived |= error.may_have_arrived
                raise

        self._patiently(once)

    def _patiently(self, request: Callable[[], Result]) -> Result:
        retrying = Retrying(
            stop=stop_after_attempt(self.bounds.attempts),
            wait=self._wait,
            retry=retry_if_exception_type(_BusyError),
            sleep=self.sleep,
            reraise=True,
        )
        try:
            return retrying(request)
        except _BusyError as error:
            raise TransientError(
                f"{self.name}: {error} after {self.bounds.attempts} requests. Run the day again "
                "later, or raise TRIAGE_DESK_ATTEMPTS"
            ) from None

    def _wait(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        seconds_asked = error.seconds if isinstance(error, _BusyError) else None
        seconds = (
            min(2.0 ** (state.attempt_number - 1), 60.0) if seconds_asked is None else seconds_asked
        )
        if seconds > self.bounds.wait_seconds:
            raise TransientError(
                f"{self.name}: the desk asks to wait {seconds:,.0f} s. Run the day again later, or "
                "raise TRIAGE_DESK_WAIT_SECONDS"
            )
        return seconds

    def _once(
        self, method: str, url: str, params: Mapping[str, str] | None, body: Any, *, key: str = ""
    ) -> Answer:
        headers = {"Idempotency-Key": key} if key else None
        for _ in range(_MOST_REDIRECTS):
            self.n_requests += 1
            try:
                with self.http.stream(
                    method, url, params=params, json=body, headers=headers
                ) as response:
                    text = self._text(response)
            except httpx.TransportError as error:
                raise _BusyError(f"the desk does not answer ({type(error).__name__})") from None
            except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
                raise SourceError(
                    f"{self.name}: the request fails ({type(error).__name__}). Correct its address"
                ) from None
            if not response.has_redirect_location:
                return self._judged(response, text, is_write=bool(key))
            url, params = self._address(response.headers["location"], within=url), None
        raise SourceError(f"{self.name}: the desk redirects without end. Correct its address")

    def _text(self, response: httpx.Response) -> bytes:
        parts, n = [], 0
        for part in response.iter_bytes(1 << 16):
            parts.append(part)
            n += len(part)
            if n > self.bounds.answer_bytes:
                raise SourceError(
                    f"{self.name}: an answer is longer than {self.bounds.answer_bytes:,} bytes. "
                    "Raise TRIAGE_MAX_ANSWER_BYTES, or ask for smaller pages"
                )
        return b"".join(parts)

    def _judged(self, response: httpx.Response, text: bytes, *, is_write: bool) -> Answer:
        status = response.status_code
        if status in _BUSY:
            now = dt.datetime.now(dt.UTC)
            wait = wait_of(response.headers, now=now)
            raise _BusyError(f"the desk answers {status}", wait, may_have_arrived=status != 429)
        if status in (401, 403):
            raise SourceError(
                f"{self.name}: the desk refuses the token ({status}): it is wrong, has expired or "
                f"may not read{' and write' * is_write}. {self.access.remedy}"
            )
        if status in (404, 410):
            raise GoneError
        if is_write and response.is_success:
            return Answer(None)
        if is_write:
            raise RefusedError
        if status != 200:
            raise SourceError(
                f"{self.name}: the desk answers {status} to {response.url.path}. Correct the "
                "source's address and description"
            )
        return Answer(self._json(text), self._link(response))

    def _json(self, text: bytes) -> Any:
        try:
            value = json.loads(text, parse_constant=_refuse)
        except (ValueError, RecursionError):
            raise _BusyError("the answer is not JSON") from None
        if problem := nesting_problem(value, text, self.bounds.limits):
            raise SourceError(f"{self.name}: an answer cannot be read. {problem}")
        return value

    @staticmethod
    def _link(response: httpx.Response) -> str:
        try:
            return str(response.links.get("next", {}).get("url", ""))
        except (ValueError, AttributeError):
            return ""

    def _address(self, path: str, *, within: str = "") -> str:
        """Return an address on the desk's host; `within` is the page that names it.

        Raises SourceError for any other host.
        """
        try:
            url = self._absolute(path, within)
            wanted, given = urlsplit(self.base), urlsplit(url)
            same = (wanted.scheme, wanted.hostname, wanted.port) == (
                given.scheme,
                given.hostname,
                given.port,
            )
            host = given.hostname
        except ValueError:
            same, host = False, "an address that is none"
        if not same:
            raise SourceError(
                f"{self.name}: the desk points to {host}, but the token is for "
                f"{urlsplit(self.base).hostname} alone. Correct the source's `url`"
            )
        return url

    def _absolute(self, path: str, within: str) -> str:
        if within:
            return urljoin(within, path)
        return path if _SCHEME.match(path) else f"{self.base}/{path.lstrip('/')}"


def _refuse(name: str) -> Any:
    raise ValueError(name)
