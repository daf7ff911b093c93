"""Places between two durable effects, each with a name, at which a test kills the process.

A commit, a file that is renamed, a notification, an entry in a registry: whoever dies between two
of them leaves the first without the second. The invariant beside each place says why that is
harmless: what holds then, and what the next run does.
"""

import os
import signal

KILL_AT = "KILL_AT_CROSSING"
"""The environment variable that names the place to die at; unset outside of tests."""


def crossing(name: str, invariant: str) -> None:
    """Pass a place; the process dies here if `KILL_AT` names it, as if by power failure."""
    if os.environ.get(KILL_AT) == name:
        assert invariant
        os.kill(os.getpid(), signal.SIGKILL)
