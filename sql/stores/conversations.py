"""Conversations of a helpdesk in Postgres: what was read, edits and deletions."""

import datetime as dt
from collections.abc import Collection, Sequence

from sqlalchemy import Connection, Engine, text

from nlp.records import PullCounts, ReadConversation, Reading
from sql.stores.barred import remove_erased
from sql.stores.copy import copy_rows
from sql.stores.pulls import COLUMNS, message_rows, stage_rejected, staging
from sql.stores.turns import take_turn
from sql.stores.versions import FOLLOW, judging

_READ = ("conversation_id", "version", "first_day", "last_day", "is_whole", "position", "is_gone",
         "n_messages", "n_quarantined")  # fmt: skip
_STAGING = """
CREATE TEMP TABLE reads ON COMMIT DROP AS
    SELECT conversation_id, version, first_day, last_day, is_whole, '' AS position,
           false AS is_gone, n_messages, n_quarantined FROM triage.conversations LIMIT 0;
CREATE TEMP TABLE kept (conversation_id text, external_id text) ON COMMIT DROP;
"""
_STORE = f"""
CREATE TEMP TABLE judged ON COMMIT DROP AS
SELECT p.*, m.message_id IS NULL AS is_new, p.n > 1 AS is_repeat,
       {judging("m.message_id IS NOT NULL")}
FROM (SELECT *, row_number() OVER (PARTITION BY message_id ORDER BY seq) AS n FROM pulled) p
LEFT JOIN triage.messages m USING (message_id);
INSERT INTO rejected
    SELECT source, arrived_on, external_id, 'conversation ' || conversation_id || ', again',
           'id_conflict',
           'Two messages of the desk have this id; the first stands. Correct the path of the id',
           left(text, 200)
    FROM judged j WHERE is_repeat AND EXISTS (
        SELECT FROM judged f WHERE f.message_id = j.message_id AND f.n = 1
        AND (f.text_hash, f.created_at) <> (j.text_hash, j.created_at));
DELETE FROM judged WHERE is_repeat;

CREATE TEMP TABLE gone ON COMMIT DROP AS
SELECT m.message_id FROM triage.messages m
JOIN reads r ON r.conversation_id = m.conversation_id AND r.conversation_id <> ''
WHERE m.source = current_setting('triage.source') AND NOT EXISTS (
    SELECT FROM kept k
    WHERE k.conversation_id = m.conversation_id AND k.external_id = m.external_id)
AND NOT EXISTS (SELECT FROM judged j WHERE j.message_id = m.message_id);

{FOLLOW}INSERT INTO triage.messages ({", ".join(COLUMNS)})
    SELECT {", ".join(COLUMNS)} FROM judged WHERE is_new ORDER BY seq;

DELETE FROM triage.write_backs w USING reads r WHERE r.is_gone
    AND w.source = current_setting('triage.source') AND w.conversation_id = r.conversation_id;
DELETE FROM triage.conversations c USING reads r
    WHERE c.source = current_setting('triage.source') AND c.conversation_id = r.conversation_id;
INSERT INTO triage.conversations (source, conversation_id, version, first_day, last_day, is_whole,
                                  n_messages, n_quarantined)
    SELECT DISTINCT ON (conversation_id) current_setting('triage.source'), conversation_id, version,
           first_day, last_day, is_whole, n_messages, n_quarantined
    FROM reads WHERE NOT is_gone AND conversation_id <> '' ORDER BY conversation_id;
"""
# An erased conversation of which nothing is stored is not remembered by its id.
_BARRED = """
DELETE FROM reads r USING triage.tombstones t
WHERE t.hash = triage.tombstone('conversation', :source || ' ' || r.conversation_id)
AND NOT EXISTS (SELECT FROM pulled p WHERE p.conversation_id = r.conversation_id)
"""
_QUARANTINE = (
    """
    DELETE FROM triage.quarantine q USING reads r
    WHERE q.source = :source AND starts_with(q.position, r.position) AND NOT EXISTS (
        SELECT FROM rejected n
        WHERE (n.position, n.reason, n.excerpt) = (q.position, q.reason, q.excerpt))
    """,
    """
    INSERT INTO triage.quarantine
        (source, arrived_on, seq, external_id, position, reason, detail, excerpt,
         customer_hash)
    SELECT source, arrived_on,
           (SELECT coalesce(max(seq), -1) FROM triage.quarantine q
            WHERE q.source = :source AND q.arrived_on = :day)
               + row_number() OVER (ORDER BY position, reason, excerpt),
           external_id, position, reason, detail, excerpt, customer_hash
    FROM rejected n WHERE NOT EXISTS (
        SELECT FROM triage.quarantine q WHERE q.source = :source
        AND (n.position, n.reason, n.excerpt) = (q.position, q.reason, q.excerpt))
    """,
)
"""A row that is still broken in the same way stays where it is, under the day that found it."""
_COUNTS = """
SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE is_new AND day < arrived_on),
       count(*) FILTER (WHERE is_changed), (SELECT count(*) FROM gone)
FROM judged
"""
_READINGS = """
SELECT c.conversation_id, c.version, c.first_day, c.last_day, c.is_whole, c.n_messages,
       c.n_quarantined, c.read_at > coalesce(r.finished_at, '-infinity') AS is_fresh
FROM triage.conversations c
LEFT JOIN triage.runs r ON r.job = 'ingest:' || c.source AND r.day = :day
WHERE c.source = :source AND c.conversation_id = ANY(:conversations)
"""
_UNCUT = """
SELECT DISTINCT m.arrived_on FROM triage.messages m
JOIN triage.runs r ON r.job = 'cut' AND r.day = m.arrived_on
WHERE m.source IN (SELECT source FROM triage.conversations) AND m.arrived_on < :before
AND m.text <> '' AND m.joined_to IS NULL AND NOT EXISTS (
    SELECT FROM triage.passages p WHERE p.message_id = m.message_id)
ORDER BY 1
"""


class ConversationTables:
    """The methods of `nlp.ports.MessageStore` about helpdesks, on Postgres."""

    engine: Engine

    def readings(
        self, conversations: Collection[str], *, source: str, day: dt.date
    ) -> dict[str, Reading]:
        """See `nlp.ports.MessageStore`."""
        values = {"conversations": list(conversations), "source": source, "day": day}
        with self.engine.connect() as connection:
            rows = connection.execute(text(_READINGS), values)
            return {row[0]: Reading(*row[1:]) for row in rows}

    def conversations_on(self, day: dt.date, *, source: str) -> set[str]:
        """See `nlp.ports.MessageStore`."""
        query = text(
            "SELECT DISTINCT conversation_id FROM triage.messages WHERE day = :day "
            "AND source = :source AND conversation_id IS NOT NULL"
        )
        with self.engine.connect() as connection:
            return set(connection.execute(query, {"day": day, "source": source}).scalars())

    def first_read(self, *, source: str) -> dt.date | None:
        """See `nlp.ports.MessageStore`."""
        query = text("SELECT min(first_day) FROM triage.conversations WHERE source = :source")
        with self.engine.connect() as connection:
            day: dt.date | None = connection.execute(query, {"source": source}).scalar()
            return day

    def save_conversations(
        self, conversations: Sequence[ReadConversation], *, source: str, day: dt.date
    ) -> PullCounts:
        """See `nlp.ports.MessageStore`; all of it is one transaction."""
        with self.engine.begin() as connection:
            take_turn(connection)
            key = {"key": f"triage.pull:{source}"}
            connection.execute(text("SELECT pg_advisory_xact_lock(hashtext(:key))"), key)
            connection.execute(
                text("SELECT set_config('triage.source', :source, true)"), {"source": source}
            )
            _stage(connection, conversations)
            remove_erased(connection)
            connection.execute(text(_BARRED), {"source": source})
            connection.exec_driver_sql(_STORE)
            n_quarantined = connection.execute(text("SELECT count(*) FROM rejected")).scalar_one()
            for statement in _QUARANTINE:
                connection.execute(text(statement), {"source": source, "day": day})
            n_stored, n_late, n_changed, n_gone = connection.execute(text(_COUNTS)).one()
        n_pulled = sum(len(c.messages) + len(c.rejected) for c in conversations)
        return PullCounts(
            n_pulled=n_pulled,
            n_stored=n_stored,
            n_known=n_pulled - n_stored - n_quarantined,
            n_quarantined=n_quarantined,
            n_late=n_late,
            n_changed=n_changed,
            n_gone=n_gone,
        )

    def uncut_days(self, *, before: dt.date) -> list[dt.date]:
        """See `nlp.ports.MessageStore`."""
        with self.engine.connect() as connection:
            return list(connection.execute(text(_UNCUT), {"before": before}).scalars())


def _stage(connection: Connection, conversations: Sequence[ReadConversation]) -> None:
    connection.exec_driver_sql(staging())
    connection.exec_driver_sql(_STAGING)
    messages = [m for c in conversations for m in c.messages]
    copy_rows(connection, "pulled", ("seq", *COLUMNS, "position"), message_rows(messages, start=0))
    stage_rejected(connection, [r for c in conversations for r in c.rejected])
    rows = [
        [*(getattr(c, name) for name in _READ[:-2]), len(c.messages), len(c.rejected)]
        for c in conversations
    ]
    copy_rows(connection, "reads", _READ, rows)
    pairs = [[c.conversation_id, external_id] for c in conversations for external_id in c.kept]
    copy_rows(connection, "kept", ("conversation_id", "external_id"), pairs)
    for first in connection.execute(
        text("SELECT DISTINCT date_trunc('month', day)::date FROM pulled")
    ).scalars():
        connection.execute(text("SELECT triage.ensure_month(:day)"), {"day": first})
