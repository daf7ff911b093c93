"""Rows of a pull that were erased: they are counted, and nothing of them is stored."""

from sqlalchemy import Connection, text

_ANY = text("SELECT EXISTS (SELECT FROM triage.tombstones)")
# A conversation bars the rows that name no customer, such as the turns of an agent.
_IS_BARRED = """EXISTS (SELECT FROM triage.tombstones t WHERE t.hash IN (
    triage.tombstone('message', {row}.message_id::text),
    triage.tombstone('customer', {row}.customer_hash){conversation}))"""
_BARRED = _IS_BARRED.format(
    row="p",
    conversation=""",
    CASE WHEN p.customer_hash IS NULL
         THEN triage.tombstone('conversation', p.source || ' ' || p.conversation_id) END""",
)
_REMOVE = f"""
UPDATE rejected r SET reason = 'erased', detail = :detail, excerpt = '', external_id = NULL,
    position = 'a pulled row', customer_hash = NULL, message_id = NULL
WHERE {_IS_BARRED.format(row="r", conversation="")};
WITH barred AS (DELETE FROM pulled p WHERE {_BARRED} RETURNING p.source, p.arrived_on)
INSERT INTO rejected (source, arrived_on, position, reason, detail, excerpt)
    SELECT source, arrived_on, 'a pulled row', 'erased', :detail, '' FROM barred;
"""
_DETAIL = "It was erased for good, itself or with its customer, and is not stored again"


def remove_erased(connection: Connection) -> None:
    """Move the rows of `pulled` that were erased to `rejected`, without text, id or customer."""
    if connection.scalar(_ANY):
        connection.execute(text(_REMOVE), {"detail": _DETAIL})
