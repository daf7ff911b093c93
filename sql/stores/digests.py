"""Which digests were sent."""

import datetime as dt
from collections.abc import Callable

from sqlalchemy import Engine, text

from nlp.crossings import crossing


class SentDigests:
    """The outbox of digests: only the DAG that sends them asks it."""

    engine: Engine

    def send_digest(self, day: dt.date, channel: str, send: Callable[[], None]) -> bool:
        """Call `send` unless the digest of the week to `day` was sent on `channel` before.

        It counts as sent once `send` has returned. Returns whether it was sent now.
        """
        query = text(
            "INSERT INTO triage.digests (day, channel) VALUES (:day, :channel) "
            "ON CONFLICT DO NOTHING RETURNING day"
        )
        with self.engine.begin() as connection:
            is_new = connection.execute(query, {"day": day, "channel": channel}).first() is not None
            if is_new:
                send()
                crossing(
                    "digest.sent",
                    "The channel has it and no row says so: it gets it once more.",
                )
        return is_new
