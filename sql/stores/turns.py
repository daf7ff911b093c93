"""Locks by which decisions, runs and erasures take turns."""

from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from nlp.errors import BusyError


def take_turn(connection: Connection) -> None:
    """Wait for the lock of decisions; it is held until the transaction ends.

    A run takes it before it locks a row, so that the two cannot deadlock.
    """
    connection.execute(text("SELECT triage.take_turn()"))


def work_beside(connection: Connection) -> None:
    """Wait while something is erased; until the transaction ends, nothing is.

    Any number of jobs hold this lock at once.
    """
    connection.execute(text("SELECT triage.work_beside()"))


def work_alone(connection: Connection, *, seconds: int) -> None:
    """Wait until no job is at work, then for the turn of decisions.

    Raises BusyError where that takes longer than `seconds`.
    """
    set_timeout = text("SELECT set_config('lock_timeout', :t, true)")
    try:
        connection.execute(set_timeout, {"t": f"{seconds}s"})
        connection.execute(text("SELECT triage.work_alone()"))
        take_turn(connection)
    except OperationalError as error:
        if "lock timeout" not in str(error.orig):
            raise
        raise BusyError(
            f"A run or a training is at work, and has been for {seconds} s: nothing was changed. "
            "Try again when it has ended"
        ) from error
    connection.execute(set_timeout, {"t": "0"})
