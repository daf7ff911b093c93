"""The pulls of files and databases in Postgres: new messages, new versions, rows in quarantine."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from psycopg.types.json import Jsonb
from sqlalchemy import Connection, Engine, text

from nlp.records import Message, PullCounts, Rejected
from nlp.text.own import message_id
from sql.stores.barred import remove_erased
from sql.stores.copy import copy_rows
from sql.stores.turns import take_turn
from sql.stores.versions import FOLLOW, judging

COLUMNS = (
    "message_id", "source", "external_id", "created_at", "day", "arrived_on", "text",
    "text_hash", "language", "entities", "channel", "customer_hash", "attributes", "subject",
    "conversation_id", "author", "zones",
)  # fmt: skip
_REJECTED = (
    "source", "arrived_on", "external_id", "position", "reason", "detail", "excerpt",
    "customer_hash",
)  # fmt: skip
_STAGING = f"""
CREATE TEMP TABLE pulled ON COMMIT DROP AS
    SELECT 0 AS seq, {", ".join(COLUMNS)}, '' AS position FROM triage.messages LIMIT 0;
CREATE TEMP TABLE rejected ON COMMIT DROP AS
    SELECT source, arrived_on, external_id, position, reason, detail, excerpt, customer_hash,
           NULL::uuid AS message_id
    FROM triage.quarantine LIMIT 0;
"""
# The version that counts is the row of the day's own delivery: where the day comes again, the row
# that is as before, else the first of the id. Any other delivery finds the stored version, and its
# rows are the same message again or a conflict. A broken row whose id is stored has been corrected:
# it is known, also when the day that contained it runs again.
_OF_ITS_DAY = "m.message_id IS NOT NULL AND m.arrived_on = p.arrived_on"
_JUDGE = f"""
CREATE TEMP TABLE judged ON COMMIT DROP AS
SELECT p.*, m.message_id IS NULL AND p.n = 1 AS is_new, {judging(f"p.n = 1 AND {_OF_ITS_DAY}")},
       CASE WHEN m.arrived_on <> p.arrived_on THEN m.text_hash ELSE p.first_hash END
           AS standing_hash,
       CASE WHEN m.arrived_on <> p.arrived_on THEN m.created_at ELSE p.first_time END
           AS standing_time
FROM (
    SELECT p.*, row_number() OVER w AS n, first_value(p.text_hash) OVER w AS first_hash,
           first_value(p.created_at) OVER w AS first_time
    FROM pulled p LEFT JOIN triage.messages m USING (message_id)
    WINDOW w AS (PARTITION BY p.message_id ORDER BY
        ((p.text_hash, p.created_at) = (m.text_hash, m.created_at)) DESC NULLS LAST, p.seq)
) p LEFT JOIN triage.messages m USING (message_id);
CREATE TEMP TABLE gone ON COMMIT DROP AS
SELECT m.message_id FROM triage.messages m
WHERE m.source = current_setting('triage.source')
  AND m.arrived_on = current_setting('triage.day')::date
  AND NOT EXISTS (SELECT FROM judged j WHERE j.message_id = m.message_id)
  AND NOT EXISTS (SELECT FROM rejected r WHERE r.message_id = m.message_id);
"""
_MERGE = f"""
{FOLLOW}
INSERT INTO triage.messages ({", ".join(COLUMNS)})
    SELECT {", ".join(COLUMNS)} FROM judged WHERE is_new ORDER BY seq;
DELETE FROM rejected r USING triage.messages m
    WHERE m.source = r.source AND m.external_id = r.external_id;
INSERT INTO rejected
    SELECT source, arrived_on, external_id, 'pulled row ' || seq + 1, 'id_conflict',
           'The id is stored already with another text or time; the first version stands. '
           'Give the message an id of its own', left(text, 200), customer_hash
    FROM judged
    WHERE NOT is_new AND (text_hash <> standing_hash OR created_at <> standing_time)
    ORDER BY seq;
"""
_STORED = text(
    """
    SELECT (SELECT count(*) FROM gone),
           (SELECT count(*) FROM triage.messages WHERE source = :source AND arrived_on = :day),
           (SELECT count(*) FROM rejected WHERE external_id IS NULL AND reason <> 'erased')
             > (SELECT count(*) FROM triage.quarantine WHERE source = :source
                AND arrived_on = :day AND external_id IS NULL AND reason <> 'erased')
    """
)
"""Messages that the delivery lacks; stored ones of its day; whether more rows have no id now."""
_OWN_PULL = text(
    "SELECT set_config('triage.source', :source, true), set_config('triage.day', :day, true)"
)
_NEW = text(
    "SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE is_new AND day < arrived_on), "
    "count(*) FILTER (WHERE is_changed) FROM judged"
)
_QUARANTINE = """
DELETE FROM triage.quarantine WHERE source = :source AND arrived_on = :day;
"""


class PullTables:
    """The methods of `nlp.ports.MessageStore` about what is pulled, on Postgres."""

    engine: Engine

    def save_pull(
        self,
        *,
        source: str,
        day: dt.date,
        batches: Iterable[tuple[list[Message], list[Rejected]]],
        may_go: Callable[[int, int], None] | None = None,
    ) -> PullCounts:
        """See `nlp.ports.MessageStore`; all of it is one transaction."""
        own = {"source": source, "day": day}
        with self.engine.begin() as connection:
            key = {"key": f"triage.pull:{source}"}
            connection.execute(text("SELECT pg_advisory_xact_lock(hashtext(:key))"), key)
            connection.execute(_OWN_PULL, own | {"day": str(day)})
            connection.exec_driver_sql(_STAGING)
            n_pulled = _stage(connection, batches)
            take_turn(connection)
            for first in connection.execute(
                text("SELECT DISTINCT date_trunc('month', day)::date FROM pulled")
            ).scalars():
                connection.execute(text("SELECT triage.ensure_month(:day)"), {"day": first})
            remove_erased(connection)
            connection.exec_driver_sql(_JUDGE)
            n_missing, n_gone = _without(connection, own, may_go)
            connection.exec_driver_sql(_MERGE)
            n_quarantined = _fill_quarantine(connection, source=source, day=day)
            n_stored, n_late, n_changed = connection.execute(_NEW).one()
        return PullCounts(
            n_pulled=n_pulled,
            n_stored=n_stored,
            n_known=n_pulled - n_stored - n_quarantined,
            n_quarantined=n_quarantined,
            n_late=n_late,
            n_changed=n_changed,
            n_gone=n_gone,
            n_missing=n_missing,
        )

    def other_keys(self, key_mark: str) -> bool:
        """See `nlp.ports.MessageStore`."""
        query = text("SELECT EXISTS (SELECT FROM triage.tombstones WHERE key_mark <> :mark)")
        with self.engine.connect() as connection:
            return bool(connection.scalar(query, {"mark": key_mark}))


def staging() -> str:
    """Return the statements that create the tables into which a pull is copied."""
    return _STAGING


def _stage(connection: Connection, batches: Iterable[tuple[list[Message], list[Rejected]]]) -> int:
    n_messages = n_rejected = 0
    for messages, rejected in batches:
        rows = message_rows(messages, start=n_messages)
        copy_rows(connection, "pulled", ("seq", *COLUMNS, "position"), rows)
        stage_rejected(connection, rejected)
        n_messages += len(messages)
        n_rejected += len(rejected)
    return n_messages + n_rejected


def _without(
    connection: Connection, own: Mapping[str, object], may_go: Callable[[int, int], None] | None
) -> tuple[int, int]:
    """Return how many messages the delivery lacks and keeps, and how many go.

    None goes where `may_go` is None, or where more rows than before have no id: they may be them.
    """
    n_gone, n_stored, may_be_among_broken = connection.execute(_STORED, own).one()
    if may_go is not None and not may_be_among_broken:
        may_go(n_gone, n_stored)
        return 0, n_gone
    connection.exec_driver_sql("TRUNCATE gone")
    return n_gone, 0


def _rejected_row(one: Rejected) -> list[object]:
    own = one.external_id and message_id(one.source, one.external_id)
    return [*(getattr(one, column) for column in _REJECTED), own]


def stage_rejected(connection: Connection, rejected: Sequence[Rejected]) -> None:
    """Copy rejected rows into the table of their pull."""
    copy_rows(connection, "rejected", (*_REJECTED, "message_id"), map(_rejected_row, rejected))


def message_rows(messages: list[Message], *, start: int) -> Iterator[list[object]]:
    """Yield the values of the table of a pull, from the number `start` on."""
    for seq, message in enumerate(messages, start):
        values = [getattr(message, column) for column in COLUMNS[:-1]]
        yield [seq, *values, Jsonb([list(zone) for zone in message.zones]), ""]


def _fill_quarantine(connection: Connection, *, source: str, day: dt.date) -> int:
    """Replace the pull's quarantine; delete rows whose message is stored now. Return its size."""
    values = {"source": source, "day": day}
    connection.execute(text(_QUARANTINE), values)
    connection.execute(
        text(
            "DELETE FROM triage.quarantine q USING judged j WHERE j.is_new "
            "AND q.source = j.source AND q.external_id = j.external_id"
        )
    )
    return connection.execute(
        text(
            """
            INSERT INTO triage.quarantine
                (source, arrived_on, seq, external_id, position, reason, detail, excerpt,
                 customer_hash)
            SELECT source, arrived_on,
                   row_number() OVER (ORDER BY position, reason, external_id, excerpt) - 1,
                   external_id, position, reason, detail, excerpt, customer_hash
            FROM rejected
            """
        )
    ).rowcount
