"""Follow the chain of decisions and corrections, and name the first link that is broken.

The hashes are computed here, not by the database, which might have been changed as well.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

# The columns are those of the functions `triage.content`, in their order.
_ROWS = {
    "decisions": """
        SELECT decision_no::text AS key, jsonb_build_array(decision_no, decided_at, actor, action,
            channel, topic_id, message_id, alert_id, was, became, undone_by, undone_at, salt)::text
        FROM triage.decisions ORDER BY decision_no""",
    "corrections": """
        SELECT correction_id::text AS key, jsonb_build_array(correction_id, message_id, intent,
            topic_id, corrected_by, corrected_at, note, as_guessed, salt)::text
        FROM triage.corrections ORDER BY corrected_at, correction_id""",
}
_LINKS = """
SELECT n, extract(epoch FROM at)::text AS at, login, actor, act, subject, content, hash
FROM triage.chain ORDER BY n
"""


@dataclass(frozen=True)
class Chain:
    """What a walk along the chain gave."""

    n_links: int
    head: str
    """`n:hash` of the last link that holds; empty where there is none."""
    broken: str | None
    """Which link or row is the first that does not hold, and why; None where all do."""


def verify(connection: Connection, *, head: str = "") -> Chain:
    """Walk the chain and compare each row with its last link.

    `head` is the head of an earlier walk, kept elsewhere: without it nobody can tell whether the
    end was cut off, or all of it was made anew.
    """
    connection.execute(text("SELECT set_config('timezone', 'UTC', true)"))
    before, n, seen = "", 0, not head
    last: dict[str, tuple[str, str]] = {}
    options = {"yield_per": 5_000}
    with connection.execute(text(_LINKS), execution_options=options) as links:
        for link in links:
            if why := _wrong(link, before, n):
                return Chain(n, _head(n, before), f"Link {n + 1} is broken: {why}")
            n, before = n + 1, link.hash
            seen = seen or head == _head(n, before)
            last[link.subject] = (link.content, f"link {n}, {link.act} by {link.actor}")
    if not seen:
        return Chain(n, _head(n, before), f"The chain does not have {head}: its end was cut off, "
                     "or it was made anew")  # fmt: skip
    return Chain(n, _head(n, before), next(_changed(connection, last), None))


def _wrong(link: Any, before: str, n: int) -> str | None:
    """Why a link does not follow the one before it; None where it does."""
    if link.n != n + 1:
        return f"it is missing, the next one is {link.n}"
    parts = (before, link.n, link.at, link.login, link.actor, link.act, link.subject, link.content)
    if hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest() != link.hash:
        return f"its hash is not that of what it says ({link.subject}, {link.act} by {link.actor})"
    return None


def _changed(connection: Connection, last: dict[str, tuple[str, str]]) -> Iterator[str]:
    """Rows that are not what their last link says."""
    for table, query in _ROWS.items():
        for key, content in connection.execute(text(query)):
            known, link = last.pop(f"{table} {key}", ("", ""))
            if not known:
                yield f"Row {key} of {table} was added past the chain"
            elif hashlib.sha256(content.encode()).hexdigest() != known:
                yield f"Row {key} of {table} was changed past the chain, after {link}"
    for subject, (known, link) in last.items():
        if known:
            table, key = subject.split(" ", 1)
            yield f"Row {key} of {table} was deleted past the chain, after {link}"


def _head(n: int, link: str) -> str:
    return f"{n}:{link}" if n else ""
