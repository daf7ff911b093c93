"""Intents over time, how the runs went, and where the themes lie."""

import datetime as dt

from sqlalchemy import Connection

from sql.rows import Rows, fetch

_INTENTS = """
WITH days AS (
    SELECT intent, day, sum(n_messages)::int AS n, sum(n_abstained)::int AS n_abstained
    FROM triage.topic_mix WHERE day > :first AND day <= :last AND intent <> '' GROUP BY 1, 2)
SELECT intent, array_agg(day ORDER BY day) AS days, array_agg(n ORDER BY day) AS ns,
       sum(n)::int AS n, sum(n_abstained)::int AS n_abstained,
       coalesce(sum(n) FILTER (WHERE day > CAST(:last AS date) - 7), 0)::int AS n_week,
       coalesce(sum(n) FILTER (WHERE day <= CAST(:last AS date) - 7
                               AND day > CAST(:last AS date) - 14), 0)::int AS n_week_before
FROM days GROUP BY intent ORDER BY n_week DESC, intent
"""
# What people said of messages of which the model had said something: right where they agree.
_CORRECTED = """
SELECT p.intent AS guessed, c.intent AS corrected, p.abstained, count(*)::int AS n
FROM (SELECT DISTINCT ON (message_id) message_id, intent FROM triage.corrections
      WHERE intent IS NOT NULL ORDER BY message_id, corrected_at DESC) c
JOIN LATERAL (SELECT p.intent, p.abstained FROM triage.intent_predictions p
              JOIN triage.model_versions v ON v.version = p.model_version
              WHERE p.message_id = c.message_id
              ORDER BY v.role = 'champion' DESC, v.trained_at DESC LIMIT 1) p ON true
GROUP BY 1, 2, 3 ORDER BY n DESC, 1, 2
"""
_MODELS = """
SELECT version, encoder, role, metrics, gate, approved_by, approved_at, trained_at, registry_ref
FROM triage.model_versions ORDER BY role = 'champion' DESC, trained_at DESC LIMIT 20
"""
# Themes of which most messages find no intent: what the taxonomy does not name yet.
_SUGGESTED = """
SELECT t.topic_id, t.label, sum(m.n_messages)::int AS n, sum(m.n_abstained)::int AS n_abstained
FROM triage.topic_mix m JOIN triage.topics x USING (topic_id)
JOIN triage.topics t ON t.topic_id = coalesce(x.heir_id, x.topic_id)
WHERE m.day > CAST(:last AS date) - 14 AND m.intent <> ''
GROUP BY 1 HAVING sum(m.n_abstained) >= 0.5 * sum(m.n_messages) AND sum(m.n_messages) >= 10
ORDER BY 4 DESC LIMIT 12
"""
_RUNS = """
SELECT h.day, h.n_pulled, h.n_stored, h.n_known, h.n_quarantined, h.n_messages, h.n_clustered,
       h.n_unsupported, h.seconds::float AS seconds, h.stale, h.finished_at, h.n_unclustered,
       h.coverage::float AS coverage, x.n_predicted, x.n_abstained
FROM triage.run_health h LEFT JOIN (
    SELECT day, sum(n_messages) FILTER (WHERE intent <> '')::int AS n_predicted,
           sum(n_abstained)::int AS n_abstained
    FROM triage.topic_mix WHERE day > :first GROUP BY 1) x USING (day)
WHERE h.day > :first ORDER BY h.day DESC
"""
_STAGES = """
SELECT day, split_part(job, ':', 1) AS stage, sum((seconds->>'total')::float) AS seconds
FROM triage.runs WHERE day > :first GROUP BY 1, 2 ORDER BY 1, 2
"""
# Population stability index of the intents: this week's shares against those of three weeks before.
_DRIFT = """
WITH shares AS (
    SELECT intent,
           0.5 + coalesce(sum(n_messages) FILTER (WHERE day > CAST(:last AS date) - 7), 0) AS now,
           0.5 + coalesce(sum(n_messages) FILTER (WHERE day <= CAST(:last AS date) - 7), 0) AS was
    FROM triage.topic_mix WHERE intent <> '' AND day > CAST(:last AS date) - 28 AND day <= :last
    GROUP BY 1),
ratios AS (SELECT intent, now / sum(now) OVER () AS p, was / sum(was) OVER () AS q FROM shares)
SELECT intent, p::float AS share, q::float AS share_before, ((p - q) * ln(p / q))::float AS psi
FROM ratios ORDER BY psi DESC
"""
_PLACES = """
SELECT s.topic_id, s.centroid::text AS centroid, s.size, t.label, t.muted, t.area_id,
       d.status AS state
FROM triage.topic_states s JOIN triage.topics t USING (topic_id)
LEFT JOIN triage.topic_days d ON d.topic_id = s.topic_id AND d.day = s.day
WHERE s.day = (SELECT max(day) FROM triage.topic_states) AND t.heir_id IS NULL
ORDER BY s.topic_id
"""


def intents(connection: Connection, *, last: dt.date, n_days: int) -> Rows:
    """Each intent with its counts by day, the largest of the last week first."""
    return fetch(connection, _INTENTS, first=last - dt.timedelta(n_days), last=last)


def corrected(connection: Connection) -> Rows:
    """How often people said `corrected` where the model had guessed `guessed`."""
    return fetch(connection, _CORRECTED)


def models(connection: Connection) -> Rows:
    """The model versions, the one in service first."""
    return fetch(connection, _MODELS)


def suggested(connection: Connection, *, last: dt.date) -> Rows:
    """Themes that no intent fits: at least half of their messages made the model abstain."""
    return fetch(connection, _SUGGESTED, last=last)


def names(connection: Connection) -> list[str]:
    """The active intents."""
    rows = fetch(connection, "SELECT name FROM triage.intents WHERE active ORDER BY name")
    return [row["name"] for row in rows]


def runs(connection: Connection, *, last: dt.date, n_days: int) -> Rows:
    """One row a day, the latest first."""
    return fetch(connection, _RUNS, first=last - dt.timedelta(n_days))


def stages(connection: Connection, *, last: dt.date, n_days: int) -> Rows:
    """Seconds by day and stage."""
    return fetch(connection, _STAGES, first=last - dt.timedelta(n_days))


def drift(connection: Connection, *, last: dt.date) -> Rows:
    """Each intent's share this week and in the three weeks before, and its part of the PSI."""
    return fetch(connection, _DRIFT, last=last)


def places(connection: Connection) -> Rows:
    """The living themes of the last day with their centroids, by id."""
    return fetch(connection, _PLACES)
