"""Queries of the command line: the themes, the alerts, the health of the last day."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Engine, Row, RowMapping, text

from sql.queries.past import LAST_DAY

_THEMES = """
SELECT topic_id, label, state, n_today, n_customers_today, expected, n_week, n_week_before,
       share_today, born_on
FROM triage.themes ORDER BY muted, n_today DESC, n_week DESC, topic_id LIMIT :most
"""
_ALERTS = f"""
SELECT day, kind, theme AS label, observed, n_customers, expected, severity,
       segment_name, segment_value, segment_n, segment_of, segment_days, segment_usual, assigned_to
FROM triage.theme_alerts
WHERE status = 'open'
  AND NOT coalesce(snoozed_until > {LAST_DAY}, false)
ORDER BY day DESC, array_position(ARRAY['high', 'medium', 'low'], severity), observed DESC
LIMIT :most
"""
_HEALTH = "SELECT * FROM triage.run_health WHERE coverage IS NOT NULL ORDER BY day DESC LIMIT 1"


def themes(engine: Engine, *, most: int) -> Sequence[RowMapping]:
    """The themes of the last day, the largest first, those that are muted last."""
    return _rows(engine, _THEMES, most=most)


def alerts(engine: Engine, *, most: int) -> Sequence[Row[Any]]:
    """The open alerts, the latest first."""
    with engine.connect() as connection:
        return connection.execute(text(_ALERTS), {"most": most}).all()


def last_day(engine: Engine) -> RowMapping | None:
    """The health of the last day that was discovered, None before the first."""
    return next(iter(_rows(engine, _HEALTH)), None)


def _rows(engine: Engine, query: str, **values: Any) -> Sequence[RowMapping]:
    with engine.connect() as connection:
        return connection.execute(text(query), values).mappings().all()
