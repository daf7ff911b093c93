"""Messages deleted from Postgres with all that was derived from them.

Counts of past days stay. Erasure and retention share this.
"""

from collections.abc import Sequence

from sqlalchemy import Connection, text

_GONE = """
CREATE TEMP TABLE gone ON COMMIT DROP AS
SELECT message_id, source, external_id, arrived_on, customer_hash, conversation_id, joined_to,
       channel, attributes
FROM triage.messages WHERE message_id = ANY(CAST(:ids AS uuid[]));
ANALYZE gone
"""
_OF_MESSAGES = "USING gone g WHERE x.message_id = g.message_id"
# The messages go first: the triggers on corrections move no count of a message that is not there.
_DELETES = {
    "messages": f"DELETE FROM triage.messages x {_OF_MESSAGES}",
    "corrections": (
        "SELECT FROM triage.forget_corrections(ARRAY(SELECT message_id FROM gone)) n, "
        "generate_series(1, n)"
    ),
    "memberships": f"DELETE FROM triage.memberships x {_OF_MESSAGES}",
    "intent_predictions": (
        "DELETE FROM triage.intent_predictions x USING triage.passages p JOIN gone g "
        "USING (message_id) WHERE x.passage_id = p.passage_id"
    ),
    "passages": f"DELETE FROM triage.passages x {_OF_MESSAGES}",
    "wordings": "DELETE FROM triage.wordings x USING gone g WHERE g.message_id = ANY(x.shown)",
}
# The other turns of a conversation of one day are counted with its first one, whose passages have
# the words of all. What is left of them is cut again when the day runs again.
_LEFT = """
CREATE TEMP TABLE left_over ON COMMIT DROP AS
SELECT DISTINCT m.message_id, m.arrived_on FROM gone g JOIN triage.messages m
    ON m.conversation_id = g.conversation_id AND m.source = g.source
WHERE m.message_id = g.joined_to OR m.joined_to = coalesce(g.joined_to, g.message_id)
"""
_OF_LEFT = "USING left_over g WHERE x.message_id = g.message_id"
_RECUT = f"""
DELETE FROM left_over x USING gone g WHERE x.message_id = g.message_id;
UPDATE triage.messages x SET joined_to = NULL FROM left_over g
    WHERE x.message_id = g.message_id AND x.joined_to IS NOT NULL;
DELETE FROM triage.memberships x {_OF_LEFT};
DELETE FROM triage.intent_predictions x USING triage.passages p JOIN left_over g USING (message_id)
    WHERE x.passage_id = p.passage_id;
DELETE FROM triage.passages x {_OF_LEFT};
UPDATE triage.runs SET stale = true WHERE job NOT LIKE 'ingest:%' AND day IN (
    SELECT arrived_on FROM left_over);
"""
# Customers without any message left are counted by what tells nothing of them, one for all days.
_CUSTOMERS = """
WITH tokens AS MATERIALIZED (
    SELECT customer, gen_random_uuid()::text AS token FROM (
        SELECT message_id::text AS customer FROM gone
        UNION SELECT customer_hash FROM gone g WHERE NOT EXISTS (
            SELECT FROM triage.messages m WHERE m.customer_hash = g.customer_hash)) c)
UPDATE triage.topic_customers x SET customer = t.token FROM tokens t
WHERE x.customer = t.customer
"""
_EXEMPLARS = """
UPDATE triage.{table} x SET exemplars = (
    SELECT coalesce(array_agg(e ORDER BY n), '{{}}')
    FROM unnest(x.exemplars) WITH ORDINALITY u(e, n)
    WHERE e NOT IN (SELECT message_id FROM gone))
WHERE x.exemplars && (SELECT array_agg(message_id) FROM gone)
"""
_CHOOSE = """
UPDATE triage.topics x SET exemplars = ARRAY(
    SELECT c.message_id FROM triage.memberships a
    JOIN triage.current_topics c ON c.passage_id = a.passage_id AND c.topic_id = x.topic_id
    JOIN triage.messages m ON m.message_id = c.message_id
    WHERE a.topic_id = x.topic_id GROUP BY 1 ORDER BY max(c.strength) DESC, 1 LIMIT 3)
WHERE x.exemplars = '{}' AND x.heir_id IS NULL AND EXISTS (
    SELECT FROM triage.memberships a WHERE a.topic_id = x.topic_id)
"""
_STATE = """
UPDATE triage.topic_states s SET exemplars = t.exemplars FROM triage.topics t
WHERE s.topic_id = t.topic_id AND s.day = t.updated_on AND s.exemplars = '{}'
"""
_DECISIONS = """
SELECT triage.rewrite_decision(
    d.decision_no,
    CASE WHEN d.message_id NOT IN (SELECT message_id FROM gone) THEN d.message_id END, d.was,
    CASE WHEN NOT d.became ? 'messages' THEN d.became ELSE jsonb_set(
        d.became, '{messages}', (
            SELECT coalesce(jsonb_agg(m ORDER BY n), '[]')
            FROM jsonb_array_elements_text(d.became->'messages') WITH ORDINALITY u(m, n)
            WHERE m NOT IN (SELECT message_id::text FROM gone))) END)
FROM triage.decisions d
WHERE d.message_id IN (SELECT message_id FROM gone)
   OR d.became ? 'messages'
      AND d.became->'messages' ?| (SELECT array_agg(message_id::text) FROM gone)
"""
# A segment that nobody else is in would name who was erased.
_ALONE = """
EXISTS (SELECT FROM gone g WHERE g.attributes->>x.segment_name = x.segment_value)
  AND NOT EXISTS (
    SELECT FROM triage.messages m WHERE m.attributes->>x.segment_name = x.segment_value)
"""
_SEGMENTS = f"""
UPDATE triage.alerts x SET segment_name = NULL, segment_value = NULL, segment_n = NULL,
    segment_of = NULL, segment_days = NULL, segment_usual = NULL
WHERE x.segment_name IS NOT NULL AND {_ALONE}
"""
_SUBSCRIPTIONS = f"DELETE FROM triage.subscriptions x WHERE x.segment_name IS NOT NULL AND {_ALONE}"
# That a helpdesk's conversation was read or written to is forgotten with its last message.
_CONVERSATIONS = """
DELETE FROM triage.{table} x USING gone g
WHERE x.source = g.source AND x.conversation_id = g.conversation_id AND NOT EXISTS (
    SELECT FROM triage.messages m
    WHERE m.conversation_id = g.conversation_id AND m.source = g.source)
"""
_UPDATES = {
    "conversations": _CONVERSATIONS.format(table="conversations"),
    "write_backs": _CONVERSATIONS.format(table="write_backs"),
    "topic_customers": _CUSTOMERS,
    "topics": _EXEMPLARS.format(table="topics"),
    "topic_states": _EXEMPLARS.format(table="topic_states"),
    "topic_seeds": _EXEMPLARS.format(table="topic_seeds"),
    "decisions": _DECISIONS,
}
_DRIVERS = f"DELETE FROM triage.topic_drivers x WHERE {_ALONE}"
_IN_ERASURES = {
    "alerts": _SEGMENTS,
    "subscriptions": _SUBSCRIPTIONS,
    "topic_drivers": _DRIVERS,
}
ORPHANS = {
    "labelled_examples": (
        "DELETE FROM triage.labelled_examples WHERE text_hash = ANY(CAST(:hashes AS uuid[]))"
    ),
    "embeddings": ("DELETE FROM triage.embeddings WHERE text_hash = ANY(CAST(:hashes AS uuid[]))"),
    "moves": (
        "UPDATE triage.decisions SET became = jsonb_set(became, '{moved,examples}', "
        "(became->'moved'->'examples') - CAST(:hashes AS text[])) "
        "WHERE action = 'move' AND became->'moved'->'examples' ?| CAST(:hashes AS text[])"
    ),
}
"""What belongs to texts that nobody has any more, by table; of decisions, which intents moved."""


def delete_messages(
    connection: Connection, message_ids: Sequence[str], *, is_erasure: bool
) -> dict[str, int]:
    """Delete messages and what names them; return how many rows changed, by table.

    An erasure goes further than retention: what is left of conversations is to be cut again, and
    segments that only the erased were in go. The temporary table `gone` has what they were, until
    the transaction ends.
    """
    connection.exec_driver_sql("DROP TABLE IF EXISTS gone, left_over")
    connection.execute(text(_GONE), {"ids": list(message_ids)})
    connection.execute(text(_LEFT))
    counts: dict[str, int] = {}
    for table, delete in _DELETES.items():
        counts[table] = connection.execute(text(delete)).rowcount
    if is_erasure:
        connection.execute(text(_RECUT))
        counts["to_cut_again"] = connection.scalar(text("SELECT count(*) FROM left_over")) or 0
    for table, update in (_UPDATES | (_IN_ERASURES if is_erasure else {})).items():
        counts[table] = connection.execute(text(update)).rowcount
    connection.execute(text(_CHOOSE))
    connection.execute(text(_STATE))
    return counts
