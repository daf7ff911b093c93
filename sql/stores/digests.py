"""Which digests were sent."""

import datetime as dt
from collections.abc import Callable

from sqlalchemy import Engine, text


class SentDigests:
    """`nlp.ports.DigestOutbox` on Postgres."""

    engine: Engine

    def send_digest(self, day: dt.date, channel: str, send: Callable[[], None]) -> bool:
        """See `nlp.ports.DigestOutbox`."""
        query = text(
            "INSERT INTO triage.digests (day, channel) VALUES (:day, :channel) "
            "ON CONFLICT DO NOTHING RETURNING day"
        )
        with self.engine.begin() as connection:
            is_new = connection.execute(query, {"day": day, "channel": channel}).first() is not None
            if is_new:
                send()
        return is_new
