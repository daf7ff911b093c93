"""New versions of stored messages, and messages that are gone: what is derived follows.

Of both a pull has made tables: `judged`, with the columns `follows` (its message is stored and
takes this row as its version), `is_changed` and `is_worded_anew`, and `gone`.
"""

OWN = ("created_at", "day", "text", "text_hash", "language", "entities", "channel",
       "customer_hash", "attributes", "subject", "conversation_id", "author", "zones")  # fmt: skip
"""The columns that follow the source; the id and the day of arrival stay."""
_NEW = ", ".join(f"p.{c}" for c in OWN)
_OLD = ", ".join(f"m.{c}" for c in OWN)
_SAYS = " OR ".join(f"m.{c} IS DISTINCT FROM p.{c}" for c in ("text", "zones", "subject", "author"))


def judging(follows: str) -> str:
    """Return the columns of `judged` for a condition on the stored row `m` and the pulled `p`."""
    return f"""{follows} AS follows, {follows} AND ({_SAYS}) AS is_changed,
       {follows} AND (m.text, m.language) IS DISTINCT FROM (p.text, p.language) AS is_worded_anew"""


FOLLOW = f"""
CREATE TEMP TABLE undone ON COMMIT DROP AS
WITH reworded AS (
    SELECT message_id FROM gone UNION SELECT message_id FROM judged WHERE is_worded_anew)
SELECT message_id FROM reworded
UNION SELECT m.joined_to FROM triage.messages m JOIN reworded USING (message_id)
WHERE m.joined_to IS NOT NULL;
DELETE FROM triage.memberships x USING triage.passages p, undone u
    WHERE p.message_id = u.message_id AND x.passage_id = p.passage_id;
DELETE FROM triage.intent_predictions x USING triage.passages p, undone u
    WHERE p.message_id = u.message_id AND x.passage_id = p.passage_id;
DELETE FROM triage.passages p USING undone u WHERE p.message_id = u.message_id;
UPDATE triage.messages m SET joined_to = NULL FROM undone u WHERE m.joined_to = u.message_id;

DELETE FROM triage.messages m USING gone g WHERE m.message_id = g.message_id;
SELECT triage.forget_corrections(ARRAY(SELECT message_id FROM gone));
DELETE FROM triage.memberships x USING gone g WHERE x.message_id = g.message_id;

UPDATE triage.messages m
SET ({", ".join(OWN)}) = ({_NEW}), arrived_on = greatest(m.arrived_on, p.day)
FROM judged p
WHERE p.follows AND m.message_id = p.message_id AND ({_NEW}) IS DISTINCT FROM ({_OLD});
"""
"""Deletes what was derived of both, and the messages that are gone; stores the new versions."""
