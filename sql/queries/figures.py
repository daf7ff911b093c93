"""Intents over time, people's corrections of them, the models, and the centroids of the themes."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from sql.queries.past import LAST_STATES
from sql.rows import Record, fetch, records

_INTENTS = """
WITH days AS (
    SELECT intent, day, sum(n_first)::int AS n, sum(n_abstained)::int AS n_abstained
    FROM triage.theme_mix WHERE day > :first AND day <= :last AND intent IS NOT NULL GROUP BY 1, 2)
SELECT intent, array_agg(day ORDER BY day) AS days, array_agg(n ORDER BY day) AS ns,
       sum(n)::int AS n, sum(n_abstained)::int AS n_abstained,
       coalesce(sum(n) FILTER (WHERE day > CAST(:last AS date) - 7), 0)::int AS n_week,
       coalesce(sum(n) FILTER (WHERE day <= CAST(:last AS date) - 7
                               AND day > CAST(:last AS date) - 14), 0)::int AS n_week_before
FROM days GROUP BY intent ORDER BY n_week DESC, intent
"""
# Corrections of messages that have a prediction: it was right where both agree.
_CORRECTED = """
SELECT p.intent AS guessed, c.intent AS corrected, p.abstained, count(*)::int AS n
FROM (SELECT DISTINCT ON (message_id) message_id, intent FROM triage.corrections
      WHERE intent IS NOT NULL AND NOT as_guessed ORDER BY message_id, corrected_at DESC) c
JOIN LATERAL (SELECT p.intent, p.abstained FROM triage.intent_predictions p
              JOIN triage.model_versions v ON v.version = p.model_version
              WHERE p.passage_id = c.message_id
              ORDER BY v.role = 'champion' DESC, v.trained_at DESC LIMIT 1) p ON true
GROUP BY 1, 2, 3 ORDER BY n DESC, 1, 2
"""
_MODELS = """
SELECT version, encoder, role, metrics, gate, approved_by, approved_at, trained_at, registry_ref
FROM triage.model_versions ORDER BY role = 'champion' DESC, trained_at DESC LIMIT 20
"""


@dataclass(frozen=True, slots=True)
class IntentDays(Record):
    """An intent with its counts by day."""

    intent: str
    days: list[dt.date]
    ns: list[int]
    """Messages of each of `days`."""
    n: int
    n_abstained: int
    n_week: int
    n_week_before: int


@dataclass(frozen=True, slots=True)
class Corrected(Record):
    """How often people chose `corrected` where the model had guessed `guessed`."""

    guessed: str | None
    corrected: str
    abstained: bool
    n: int


@dataclass(frozen=True, slots=True)
class ModelVersion(Record):
    """A trained model: its figures, and who put it into service."""

    version: str
    encoder: str
    role: str
    metrics: Mapping[str, Any]
    gate: Mapping[str, Any] | None
    approved_by: str | None
    approved_at: dt.datetime | None
    trained_at: dt.datetime
    registry_ref: str | None


@dataclass(frozen=True, slots=True)
class Taxon(Record):
    """An active intent as people defined it."""

    name: str
    description: str
    """What it covers, perhaps empty."""
    n_examples: int


@dataclass(frozen=True, slots=True)
class Place(Record):
    """A theme that the map shows."""

    topic_id: int
    centroid: str
    """As Postgres writes a vector."""
    size: int


def intents(connection: Connection, *, last: dt.date, n_days: int) -> list[IntentDays]:
    """Each intent with its counts by day, the largest of the last week first."""
    first = last - dt.timedelta(n_days)
    return records(connection, IntentDays, _INTENTS, first=first, last=last)


def corrected(connection: Connection) -> list[Corrected]:
    """Corrections of predictions, the most frequent first."""
    return records(connection, Corrected, _CORRECTED)


def models(connection: Connection) -> list[ModelVersion]:
    """The model versions, the one in service first."""
    return records(connection, ModelVersion, _MODELS)


def names(connection: Connection) -> list[str]:
    """The active intents."""
    rows = fetch(connection, "SELECT name FROM triage.intents WHERE active ORDER BY name")
    return [row["name"] for row in rows]


def taxonomy(connection: Connection) -> list[Taxon]:
    """The active intents with what they cover, by name."""
    query = """
        SELECT i.name, i.description, count(e.intent)::int AS n_examples
        FROM triage.intents i LEFT JOIN triage.labelled_examples e ON e.intent = i.name
        WHERE i.active GROUP BY i.name, i.description ORDER BY i.name
    """
    return records(connection, Taxon, query)


def places(connection: Connection) -> list[Place]:
    """The living themes of the last day with their centroids, by id."""
    query = f"""
        SELECT s.topic_id, s.centroid::text AS centroid, s.size
        FROM triage.topic_states s JOIN triage.topics t USING (topic_id)
        WHERE s.day = {LAST_STATES} AND t.heir_id IS NULL
        ORDER BY s.topic_id
    """
    return records(connection, Place, query)
