"""The files of a replay: CSV without formulas, identical to the byte for the same state."""

import csv
from pathlib import Path

from sqlalchemy import Engine, text

from nlp.crossings import crossing
from sql.cells import cell

_SECONDS = "coalesce(sum((seconds->>'total')::numeric) FILTER (WHERE job {}), 0)"
_EXPORTS = {
    "assignments": """
        WITH first AS (
            SELECT DISTINCT ON (message_id) message_id, topic_id FROM (
                SELECT DISTINCT ON (passage_id) passage_id, message_id, topic_id
                FROM triage.memberships WHERE decided_on = arrived_on
                ORDER BY passage_id, stage DESC) d
            JOIN triage.passages p USING (passage_id, message_id)
            ORDER BY message_id, topic_id IS NULL, p.n)
        SELECT m.external_id AS message_id,
               to_char(m.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS created_at,
               f.topic_id AS topic_id_first, t.topic_id, coalesce(t.strength, 0) AS strength,
               t.intent, t.intent_probability, t.intent_abstained
        FROM triage.messages m
        JOIN triage.message_triage t ON t.message_id = CASE
            WHEN EXISTS (SELECT FROM triage.corrections c WHERE c.message_id = m.message_id)
            THEN m.message_id ELSE coalesce(m.joined_to, m.message_id) END
        LEFT JOIN first f ON f.message_id = t.message_id
        ORDER BY m.created_at, m.external_id""",
    "message_topics": """
        SELECT m.external_id AS message_id, p.n AS passage, h.heir_id AS topic_id,
               CASE WHEN ct.topic_id IS NULL THEN coalesce(a.strength, 0) END AS strength, p.text
        FROM triage.passages p JOIN triage.messages m USING (message_id)
        LEFT JOIN triage.current_topics a USING (passage_id)
        LEFT JOIN (SELECT DISTINCT ON (message_id) message_id, topic_id FROM triage.corrections
                   WHERE topic_id IS NOT NULL ORDER BY message_id, corrected_at DESC) ct
            ON ct.message_id = p.message_id
        LEFT JOIN triage.heirs h ON h.topic_id = coalesce(ct.topic_id, a.topic_id)
        ORDER BY m.created_at, m.external_id, p.n""",
    "topics": """
        SELECT t.topic_id, t.label, t.label_source, array_to_string(t.keywords, '; ') AS keywords,
               t.status, t.born_on, count(x.message_id) AS n_messages,
               count(DISTINCT coalesce(m.customer_hash, x.message_id::text)) AS n_customers
        FROM triage.topics t LEFT JOIN triage.message_topics x USING (topic_id)
        LEFT JOIN triage.messages m ON m.message_id = x.message_id
        GROUP BY t.topic_id ORDER BY t.topic_id""",
    "topic_days": """
        SELECT d.topic_id, d.day, d.n_messages, coalesce(c.n, 0) AS n_customers, d.expected,
               d.upper, d.p_value, d.status
        FROM triage.topic_days d
        LEFT JOIN (SELECT topic_id, day, count(*) AS n FROM triage.topic_customers
                   GROUP BY 1, 2) c USING (topic_id, day)
        ORDER BY d.day, d.topic_id""",
    "topic_events": """
        SELECT day, event, topic_id, other_topic_id, detail
        FROM triage.topic_events ORDER BY day, event_id""",
    "alerts": """
        SELECT alert_id, day, topic_id, kind, observed, n_customers, expected, p_value, severity,
               coalesce(segment_name || '=' || segment_value, '') AS segment
        FROM triage.alerts ORDER BY day, alert_id""",
    "quarantine": """
        SELECT source, external_id, reason, detail AS sentence, excerpt
        FROM triage.quarantine ORDER BY source, arrived_on, seq""",
    "run_days": f"""
        SELECT day, max((counts->>'n_messages')::int) FILTER (WHERE job = 'discover') AS n_messages,
               max((counts->>'n_messages')::int - (counts->>'n_clustered')::int)
                   FILTER (WHERE job = 'discover') AS n_unclustered,
               {_SECONDS.format("LIKE 'embed:%' OR job = 'cut'")} AS seconds_embed,
               {_SECONDS.format("= 'predict'")} AS seconds_predict,
               {_SECONDS.format("= 'assign'")} AS seconds_assign,
               {_SECONDS.format("= 'discover'")} AS seconds_discover,
               {_SECONDS.format("<> ''")} AS seconds_total
        FROM triage.runs GROUP BY day ORDER BY day""",
}


def export(engine: Engine, out: Path, *, mark: str = "") -> list[Path]:
    """Write `assignments.csv`, `topics.csv`, … into the folder `out`; return their paths.

    `mark` begins each file: a byte-order mark, where a spreadsheet is to read it.
    """
    out.mkdir(parents=True, exist_ok=True)
    paths = []
    with engine.connect() as connection:
        for name, query in _EXPORTS.items():
            result = connection.execution_options(yield_per=5_000).execute(text(query))
            path = out / f"{name}.csv"
            new = path.with_suffix(".csv.new")
            with new.open("w", encoding="utf-8", newline="") as file:
                file.write(mark)
                writer = csv.writer(file, lineterminator="\n")
                writer.writerow(result.keys())
                writer.writerows([cell(v) for v in row] for row in result)
            crossing(
                "export.renamed",
                "The new file lies beside the old one, which is whole; it is written anew.",
            )
            new.replace(path)
            paths.append(path)
            crossing(
                "export.written",
                "A file has its name only when it is whole; the others are those of before.",
            )
    return paths
