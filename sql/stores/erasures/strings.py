"""Where words of a customer may stand besides messages: what people and runs wrote about them."""

import json
from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, text

from sql.rows import fetch

ERASED = "[erased]"
"""What stands where a note or a name showed what was erased."""
_LEAVES = """
SELECT x #>> '{{}}' FROM triage.{table},
    jsonb_path_query({column}, 'strict $.**') x WHERE jsonb_typeof(x) = 'string'
"""
ALL = f"""
SELECT label FROM triage.topics UNION SELECT unnest(keywords) FROM triage.topics
UNION SELECT label FROM triage.topic_states UNION SELECT unnest(keywords) FROM triage.topic_states
UNION SELECT detail FROM triage.topic_events UNION SELECT description FROM triage.intents
UNION SELECT note FROM triage.corrections UNION SELECT detail FROM triage.model_decisions
UNION SELECT alert FROM triage.drift
UNION SELECT l FROM triage.model_versions, regexp_split_to_table(card, '\\n') l
UNION {_LEAVES.format(table="decisions", column="was")}
UNION {_LEAVES.format(table="decisions", column="became")}
UNION {_LEAVES.format(table="reads", column="filter")}
"""
_KEYWORDS = """(SELECT coalesce(array_agg(k ORDER BY n), '{{}}')
    FROM unnest({table}.keywords) WITH ORDINALITY u(k, n) WHERE k <> ALL(:gone))"""
# The label becomes what stands for one until a run names the topic, which the next run does.
_TOPICS = f"""
UPDATE triage.topics t SET keywords = {_KEYWORDS.format(table="t")},
    label = CASE WHEN label = ANY(:gone) THEN 'Unnamed theme ' || topic_id ELSE label END,
    label_source = CASE WHEN label = ANY(:gone) THEN 'model' ELSE label_source END
WHERE label = ANY(:gone) OR keywords && CAST(:gone AS text[])
"""
_STATES = f"""
UPDATE triage.topic_states t SET keywords = {_KEYWORDS.format(table="t")},
    label = CASE WHEN label = ANY(:gone) THEN 'Unnamed theme ' || topic_id ELSE label END
WHERE label = ANY(:gone) OR keywords && CAST(:gone AS text[])
"""
_CARDS = f"""
UPDATE triage.model_versions SET card = (
    SELECT string_agg(CASE WHEN l = ANY(:gone) THEN '{ERASED}' ELSE l END, E'\\n' ORDER BY n)
    FROM regexp_split_to_table(card, '\\n') WITH ORDINALITY u(l, n))
WHERE regexp_split_to_array(card, '\\n') && CAST(:gone AS text[])
"""
_PLAIN = {
    "topic_events": f"SET detail = '{ERASED}' WHERE detail = ANY(:gone)",
    "intents": "SET description = '' WHERE description = ANY(:gone)",
    "model_decisions": f"SET detail = '{ERASED}' WHERE detail = ANY(:gone)",
    "drift": f"SET alert = '{ERASED}' WHERE alert = ANY(:gone)",
}
_UPDATES = {
    "topics": _TOPICS,
    "topic_states": _STATES,
    "model_versions": _CARDS,
    **{table: f"UPDATE triage.{table} {rest}" for table, rest in _PLAIN.items()},
    "reads": "SELECT FROM triage.blank_reads(:gone) n, generate_series(1, n)",
    "corrections": "SELECT FROM triage.blank_corrections(:gone) n, generate_series(1, n)",
}
_DECISIONS = """
SELECT decision_no, topic_id, message_id, was, became FROM triage.decisions WHERE EXISTS (
    SELECT FROM jsonb_path_query(jsonb_build_array(was, became), 'strict $.**') x
    WHERE jsonb_typeof(x) = 'string' AND x #>> '{}' = ANY(:gone))
"""
_REWRITE = """
SELECT triage.rewrite_decision(:number, CAST(:message AS uuid), CAST(:was AS jsonb),
                               CAST(:became AS jsonb))
"""


def blank(connection: Connection, strings: Collection[str]) -> dict[str, int]:
    """Replace `strings` wherever one stands; return how many rows changed, by table."""
    gone = sorted(strings)
    if not gone:
        return {}
    counts = {
        table: connection.execute(text(update), {"gone": gone}).rowcount
        for table, update in _UPDATES.items()
    }
    rows = fetch(connection, _DECISIONS, gone=gone)
    for row in rows:
        values = {
            name: json.dumps(_blanked(row[name], strings, topic_id=row["topic_id"]))
            for name in ("was", "became")
        }
        connection.execute(
            text(_REWRITE), {"number": row["decision_no"], "message": row["message_id"], **values}
        )
    return counts | {"decisions": len(rows)}


def _blanked(value: Any, strings: Collection[str], *, topic_id: int | None, key: str = "") -> Any:
    """A JSON value without `strings`; a label stays one that can be given back by an undo."""
    if isinstance(value, dict):
        return {k: _blanked(v, strings, topic_id=topic_id, key=k) for k, v in value.items()}
    if isinstance(value, list):
        return [_blanked(v, strings, topic_id=topic_id) for v in value]
    if not isinstance(value, str) or value not in strings:
        return value
    return f"Unnamed theme {topic_id}" if key == "label" and topic_id else ERASED
