"""People's decisions and what a run writes about topics take turns."""

from sqlalchemy import Connection, text


def take_turn(connection: Connection) -> None:
    """Wait for the turn; it is kept until the transaction ends.

    A run takes it before it locks a row, so that neither waits for the other in a circle.
    """
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('triage.decide'))"))
