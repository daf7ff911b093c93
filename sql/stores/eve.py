"""The topics that stand on the eve of a day, read from Postgres; `nlp.topics.life.eve` decides."""

import datetime as dt
from typing import Any

import numpy as np
from sqlalchemy import Connection, text

from nlp.records import Topic
from nlp.states import LabelSource, TopicStatus
from nlp.topics.life.eve import Candidate, standing
from nlp.topics.life.heirs import heirs_of
from sql.stores.heirs import merge_records

# Candidates for the topics on the eve of :day, from which `nlp.topics.life.eve` chooses: the states
# of the last run, older ones of topics that a person unmerged, and the seeds of those that a person
# split off and no run has seen.
_CANDIDATES = """
WITH eve AS (SELECT max(day) AS day FROM triage.runs WHERE job = 'discover' AND day < :day),
known AS (
    SELECT s.topic_id, s.day AS known_on, keywords, exemplars, centroid, radius, size, label,
           status, area_id, last_on
    FROM triage.topic_states s JOIN eve USING (day)
    UNION ALL (
    SELECT DISTINCT ON (s.topic_id) s.topic_id, s.day, keywords, exemplars, centroid, radius, size,
           label, status, area_id, last_on
    FROM triage.topic_states s, eve
    WHERE s.day < eve.day AND s.topic_id IN (
        SELECT e.topic_id FROM triage.topic_events e WHERE e.event = 'unmerge' AND e.actor <> 'run')
    ORDER BY s.topic_id, s.day DESC)
    UNION ALL
    SELECT topic_id, NULL, t.keywords, s.exemplars, s.centroid, s.radius, s.size, t.label, 'active',
           t.area_id, s.born_on
    FROM triage.topic_seeds s JOIN triage.topics t USING (topic_id)
    WHERE s.born_on <= :day AND NOT EXISTS (
        SELECT FROM triage.topic_states x WHERE x.topic_id = s.topic_id AND x.day < :day))
SELECT k.topic_id, t.born_on, k.known_on, (SELECT day FROM eve) AS eve, k.keywords,
       k.exemplars::text[] AS exemplars, k.centroid::text AS centroid, k.radius, k.size,
       t.label_source, k.status, k.area_id, k.last_on,
       CASE WHEN t.label_source = 'person' THEN t.label ELSE k.label END AS label,
       EXISTS (SELECT FROM triage.topic_events e WHERE e.topic_id = k.topic_id
               AND e.event = 'unmerge' AND e.actor <> 'run') AS was_unmerged,
       (SELECT max(e.day) FROM triage.topic_events e WHERE e.topic_id = k.topic_id
        AND e.event = 'retire' AND e.day < :day) AS retired_on,
       EXISTS (SELECT FROM triage.topic_events e
               WHERE e.actor <> 'run' AND e.event IN ('merge', 'unmerge', 'split', 'promote')
                 AND k.topic_id IN (e.topic_id, e.other_topic_id)) AS is_decided
FROM known k JOIN triage.topics t USING (topic_id)
"""


def topics_on_eve(connection: Connection, day: dt.date) -> list[Topic]:
    """See `nlp.ports.TopicStore`."""
    gone = heirs_of(merge_records(connection, persons=True))
    rows = connection.execute(text(_CANDIDATES), {"day": day}).all()
    by_date = {(row.topic_id, row.known_on): row for row in rows}
    candidates = [
        Candidate(
            topic_id=row.topic_id,
            known_on=row.known_on,
            label_source=LabelSource(row.label_source),
            was_unmerged=row.was_unmerged,
            retired_on=row.retired_on,
            is_decided=row.is_decided,
        )
        for row in rows
    ]
    eve = rows[0].eve if rows else None
    return [
        _topic(by_date[one.topic_id, one.known_on], is_held=one.is_held)
        for one in standing(candidates, eve=eve, gone=gone)
    ]


def _topic(row: Any, *, is_held: bool) -> Topic:
    return Topic(
        topic_id=row.topic_id,
        born_on=row.born_on,
        label=row.label,
        keywords=tuple(row.keywords),
        exemplar_ids=tuple(row.exemplars),
        centroid=np.array(row.centroid[1:-1].split(","), dtype=np.float32),
        radius=row.radius,
        size=row.size,
        label_source=LabelSource(row.label_source),
        status=TopicStatus(row.status),
        last_on=row.last_on,
        is_held=is_held,
        area_id=row.area_id,
    )
