"""What is older than its retention, deleted from Postgres batch by batch."""

import datetime as dt

from sqlalchemy import Connection, text

from nlp.states import Kept
from sql.stores.erasures.rows import delete_messages

_OLD = """
SELECT message_id::text FROM triage.messages WHERE arrived_on < :before
ORDER BY arrived_on LIMIT :most
"""
# Customers of days whose messages are gone are counted by what tells nothing of them; one day's
# rows and those of the days of the same batch keep together who is the same.
_CUSTOMERS = """
UPDATE triage.topic_customers c SET customer = 'past ' || md5(c.customer || :salt)
WHERE c.day < :before AND NOT starts_with(c.customer, 'past ')
"""
_MONTHS = """
SELECT to_date(right(c.relname, 7), 'YYYY_MM') FROM pg_inherits i JOIN pg_class c
    ON c.oid = i.inhrelid WHERE i.inhparent = 'triage.messages'::regclass
AND to_date(right(c.relname, 7), 'YYYY_MM') + interval '1 month' <= :before ORDER BY 1
"""
_BATCH = """
DELETE FROM triage.{table} WHERE ctid = ANY(ARRAY(
    SELECT x.ctid FROM triage.{table} x WHERE {where} LIMIT :most))
"""
_UNUSED = """x.stored_at < :before
    AND NOT EXISTS (SELECT FROM triage.passages p
                    WHERE p.text_hash = x.text_hash AND p.arrived_on >= :before)
    AND NOT EXISTS (SELECT FROM triage.messages m
                    WHERE m.text_hash = x.text_hash AND m.arrived_on >= :before)"""
_DELETES = {
    Kept.QUARANTINE: _BATCH.format(table="quarantine", where="x.arrived_on < :before"),
    Kept.PREDICTIONS: _BATCH.format(table="intent_predictions", where="x.day < :before"),
    Kept.EXAMPLES: _BATCH.format(table="labelled_examples", where="x.added_at < :before"),
    Kept.EMBEDDINGS: _BATCH.format(table="embeddings", where=_UNUSED),
    Kept.RUNS: _BATCH.format(table="runs", where="x.day < :before"),
}


def expire(connection: Connection, kind: Kept, *, before: dt.date, most: int) -> int:
    """See `nlp.ports.ErasureStore`."""
    values = {"before": before, "most": most}
    if kind != Kept.MESSAGES:
        return connection.execute(text(_DELETES[kind]), values).rowcount
    ids = list(connection.scalars(text(_OLD), values))
    if ids:
        delete_messages(connection, ids, is_erasure=False)
    return len(ids)


def forget_customers(connection: Connection, *, before: dt.date, salt: str) -> int:
    """See `nlp.ports.ErasureStore`."""
    return connection.execute(text(_CUSTOMERS), {"before": before, "salt": salt}).rowcount


def drop_months(connection: Connection, *, before: dt.date) -> int:
    """See `nlp.ports.ErasureStore`."""
    months = connection.scalars(text(_MONTHS), {"before": before}).all()
    drop = text("SELECT triage.drop_month(:day)")
    return sum(bool(connection.scalar(drop, {"day": month})) for month in months)
