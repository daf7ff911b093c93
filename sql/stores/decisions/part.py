"""A person parts two themes that a run has merged."""

from sqlalchemy import Connection, text

from nlp.errors import DecisionError, NotFoundError
from sql.rows import Row, fetch, first
from sql.stores.decisions import correct, names, record
from sql.stores.heirs import settle_merges
from sql.stores.turns import take_turn

# The word that holds on whether a topic is merged, as `sql.stores.heirs` reads it.
_LAST_WORD = """
SELECT e.day, e.event, e.actor, e.other_topic_id FROM triage.topic_events e
WHERE e.topic_id = :topic AND e.event IN ('merge', 'unmerge')
ORDER BY e.day DESC, e.event_id DESC LIMIT 1
"""
# What the merge moved: messages that were of the topic, or of one merged into it, until discovery
# of that day gave them to the heir, and about which neither a later run nor a person said more.
_MOVED = """
SELECT a.message_id::text AS message_id FROM triage.topic_assignments a
CROSS JOIN LATERAL (
    SELECT b.topic_id FROM triage.topic_assignments b
    WHERE b.message_id = a.message_id AND (b.decided_on, b.stage) < (a.decided_on, a.stage)
    ORDER BY b.decided_on DESC, b.stage DESC LIMIT 1) before
JOIN triage.topics t ON t.topic_id = before.topic_id
WHERE a.decided_on = :day AND a.stage = 'discover' AND a.topic_id = :heir
  AND :topic IN (t.topic_id, t.heir_id)
  AND NOT EXISTS (SELECT FROM triage.topic_assignments c WHERE c.message_id = a.message_id
                  AND (c.decided_on, c.stage) > (a.decided_on, a.stage))
  AND NOT EXISTS (SELECT FROM triage.corrections c WHERE c.message_id = a.message_id
                  AND c.topic_id IS NOT NULL)
ORDER BY 1
"""
# What the board shows until the next run has counted it; the messages that come back are added by
# the trigger on corrections.
_DAYS = """
INSERT INTO triage.topic_days (topic_id, day, n_messages, status)
SELECT :topic, r.day, 0, CASE WHEN r.day > :merged THEN 'quiet' ELSE coalesce(
    (SELECT d.status FROM triage.topic_days d WHERE d.topic_id = :topic AND d.day < :merged
     ORDER BY d.day DESC LIMIT 1), 'quiet') END
FROM triage.runs r WHERE r.job = 'discover' AND r.day >= :merged
ON CONFLICT DO NOTHING
"""


def part(
    connection: Connection, topic_id: int, *, actor: str, seen: str | None = None
) -> tuple[int, int]:
    """Bring a theme back that a run merged away; return the decision and the heir it leaves.

    It takes along the messages that the merge moved and those from before the window; what came
    since stays with the heir, for nobody knows whose it would be. From then on no run merges or
    splits the theme.

    Raises DecisionError where it was not merged, or by a person: that decision can be undone.
    """
    take_turn(connection)
    topic = first(connection, "SELECT * FROM triage.topics WHERE topic_id = :t", t=topic_id)
    if topic is None:
        raise NotFoundError(f"There is no theme {topic_id}. Look it up under Themes")
    record.check_seen(connection, seen, topic_id=topic_id)
    merge = _merge_of(connection, topic)
    names.check_free(connection, topic["label"], topic_id)
    heir = int(merge["other_topic_id"])
    detail = f"the merge of {merge['day']} undone"
    record.event(connection, "unmerge", topic_id, actor=actor, detail=detail)
    settle_merges(connection)
    values = {"topic": topic_id, "day": merge["day"], "heir": heir}
    ids = [row["message_id"] for row in fetch(connection, _MOVED, **values)]
    connection.execute(text(_DAYS), {"topic": topic_id, "merged": merge["day"]})
    made = correct.place(connection, ids, intent=None, topic_id=topic_id, actor=actor)
    number = record.log(
        connection,
        "unmerge",
        actor=actor,
        topic_id=topic_id,
        was={"heir_id": heir, "label": _label(connection, heir), "merged_on": str(merge["day"])},
        became={"label": topic["label"], "corrections": made, "n_messages": len(ids)},
    )
    return number, heir


def _merge_of(connection: Connection, topic: Row) -> Row:
    """The run's event that merged the topic away."""
    word = first(connection, _LAST_WORD, topic=topic["topic_id"])
    if topic["heir_id"] is None or word is None or word["event"] != "merge":
        raise DecisionError(f"{topic['label']!r} is not merged into another theme")
    if word["actor"] != "run":
        raise DecisionError(
            f"{word['actor']} merged {topic['label']!r}. Undo that decision in the history instead"
        )
    return word


def _label(connection: Connection, topic_id: int) -> str:
    row = first(connection, "SELECT label FROM triage.topics WHERE topic_id = :t", t=topic_id)
    assert row is not None
    return str(row["label"])
