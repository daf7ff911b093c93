"""Alerts as the page shows them, with who takes care of each and what was said about it."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from nlp.records import Segment
from sql.queries.past import AS_OF, LAST_DAY
from sql.rows import Record, records

_ALERTS = f"""
WITH last AS (SELECT {LAST_DAY} AS day)
SELECT v.*, CASE WHEN v.status = 'resolved' AND (
           SELECT d.became->>'status' FROM triage.decisions d
           WHERE d.alert_id = v.alert_id AND d.action = 'alert' AND d.undone_at IS NULL
           ORDER BY d.decision_no DESC LIMIT 1) IS DISTINCT FROM 'resolved'
       THEN a.resolved_on END AS ended_on,
       coalesce(v.snoozed_until > (SELECT day FROM last), false) AS is_snoozed,
       coalesce((SELECT jsonb_agg(jsonb_build_object('actor', c.actor, 'at', c.decided_at,
                     'comment', c.became->>'comment', 'number', c.decision_no)
                     ORDER BY c.decision_no)
                 FROM triage.decisions c WHERE c.alert_id = v.alert_id AND c.action = 'comment'
                   AND c.undone_at IS NULL), '[]') AS comments
FROM triage.theme_alerts v JOIN triage.alerts a USING (alert_id)
WHERE v.day <= coalesce({AS_OF}, v.day) AND (:status = '' OR v.status = :status
       AND NOT coalesce(v.snoozed_until > (SELECT day FROM last), false))
  AND (:person = '' OR v.assigned_to = :person
       OR EXISTS (SELECT FROM triage.decisions c WHERE c.alert_id = v.alert_id
                  AND c.action = 'comment' AND c.undone_at IS NULL
                  AND c.became->'mentions' @> to_jsonb(CAST(:person AS text)))
       OR EXISTS (SELECT FROM triage.subscriptions s LEFT JOIN triage.heirs h USING (topic_id)
                  WHERE s.subscriber = :person AND (h.heir_id = v.topic_id
                     OR (s.segment_name, s.segment_value) = (v.segment_name, v.segment_value))))
ORDER BY v.status = 'open' DESC, v.day DESC,
         array_position(ARRAY['high', 'medium', 'low'], v.severity), v.observed DESC, alert_id
LIMIT :most
"""


@dataclass(frozen=True, slots=True)
class ThemeAlert(Record):
    """An alert with its theme, as the view `triage.theme_alerts` has it."""

    alert_id: str
    day: dt.date
    kind: str
    topic_id: int
    theme: str
    muted: bool
    observed: int
    n_customers: int | None
    """Distinct customers who wrote what was observed; None where the run did not count them."""
    expected: float | None
    p_value: float | None
    severity: str
    status: str
    handled_by: str | None
    handled_at: dt.datetime | None
    ended_on: dt.date | None
    """The day whose run resolved it, for its count was usual again; None where none did."""
    segment_name: str | None
    """The attribute whose one value rises; None where all messages do."""
    segment_value: str | None
    segment_n: int | None
    """Messages of the topic that have it, on the days that show it."""
    segment_of: int | None
    """Those that have any value of the attribute."""
    segment_days: int | None
    """How many days these are, the day of the alert included."""
    segment_usual: float | None
    """The share that is usual, 0..1."""
    assigned_to: str | None
    snoozed_until: dt.date | None
    """The day from which it is listed again; None where it was not put off."""
    is_snoozed: bool
    """That day has not come."""
    comments: Sequence[Mapping[str, Any]]
    """`actor`, `at` and `comment` of each, the first one first."""

    @property
    def segment(self) -> Segment | None:
        """The segment in which the theme rises."""
        return Segment.of_alert(self)


def alerts(
    connection: Connection, *, status: str = "", person: str = "", most: int = 50
) -> list[ThemeAlert]:
    """Alerts with their theme, the open ones first, then the latest.

    Of a `status` those that nobody put off. Of a `person` those that are assigned to them, mention
    them, or are about what they subscribe to.
    """
    return records(connection, ThemeAlert, _ALERTS, status=status, person=person, most=most)
