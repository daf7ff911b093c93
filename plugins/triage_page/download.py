"""A file that is streamed: few at once, on connections of their own, not for a stalled reader."""

import asyncio
import logging
import threading
from collections.abc import Generator

import anyio
from starlette.concurrency import run_in_threadpool
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.types import Receive, Scope, Send

from sql.queries.connect import N_EXPORTS

SEND_SECONDS = 30.0
"""How long a reader may take to receive the next part."""
_log = logging.getLogger(__name__)


class Download(StreamingResponse):
    """An answer that is cut off where its reader stalls, or its rows cannot be read to the end.

    Its last words are then `INCOMPLETE` and why, which is neither a row nor JSON: an error alone
    would not show, because middleware around the page ends every answer as if it were whole. Its
    generator, and with it the database connection, is closed at once, also where the reader goes.
    While all `slots` are taken the answer is 503.
    """

    def __init__(
        self,
        parts: Generator[bytes, None, None],
        *,
        slots: threading.Semaphore,
        media_type: str,
        headers: dict[str, str],
    ) -> None:
        super().__init__(parts, media_type=media_type, headers=headers)
        self._parts = parts
        self._slots = slots

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the file, or say that too many are being sent."""
        if not self._slots.acquire(blocking=False):
            words = f"{N_EXPORTS} files are being downloaded already. Try again in a minute"
            busy = PlainTextResponse(words, status_code=503, headers={"Retry-After": "60"})
            await busy(scope, receive, send)
            return
        await super().__call__(scope, receive, send)

    async def stream_response(self, send: Send) -> None:
        """Send part after part, each within `SEND_SECONDS`."""
        start = {"type": "http.response.start", "status": self.status_code}
        ending = b""
        try:
            await send({**start, "headers": self.raw_headers})
            async for part in self.body_iterator:
                async with asyncio.timeout(SEND_SECONDS):
                    await send({"type": "http.response.body", "body": part, "more_body": True})
        except Exception as error:
            _log.warning("A download broke off: %s", type(error).__name__)
            stalled = isinstance(error, TimeoutError)
            why = f"nobody read on for {SEND_SECONDS:.0f} s" if stalled else "the database failed"
            ending = f"\r\n# INCOMPLETE: {why}. Download it again\r\n".encode()
        finally:
            with anyio.CancelScope(shield=True):
                await run_in_threadpool(self._parts.close)
            self._slots.release()
        await send({"type": "http.response.body", "body": ending, "more_body": False})
