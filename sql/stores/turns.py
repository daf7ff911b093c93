"""A lock by which people's decisions and a run's writes about topics take turns."""

from sqlalchemy import Connection, text


def take_turn(connection: Connection) -> None:
    """Wait for the lock; it is held until the transaction ends.

    A run takes it before it locks a row, so that the two cannot deadlock.
    """
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('triage.decide'))"))
