"""The themes of the last day: what they count, how they moved, which are new."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

from sql.rows import Row, Rows, fetch, first

STATES = ("new", "surging", "growing", "steady", "fading", "quiet", "muted")
SORTS = {
    "today": "n_today DESC, n_week DESC",
    "surprise": "n_today - coalesce(expected, n_today) DESC, n_today DESC",
    "change": "n_week - n_week_before DESC",
    "week": "n_week DESC",
    "label": "lower(label)",
    "age": "born_on DESC",
}
PAGE_SIZE = 50
TREND_DAYS = 28
# A theme counts what the topics merged into it count. `expected` and `upper` are sums, too, which
# for the upper bound is a little wide.
_BOARD = """
WITH latest AS (SELECT max(day) AS day FROM triage.topic_days),
living AS (SELECT topic_id, coalesce(heir_id, topic_id) AS head FROM triage.topics),
weeks AS (
    SELECT l.head AS topic_id,
           sum(d.n_messages) FILTER (WHERE d.day = latest.day) AS n_today,
           sum(d.expected) FILTER (WHERE d.day = latest.day) AS expected,
           sum(d.upper) FILTER (WHERE d.day = latest.day) AS upper,
           max(d.status) FILTER (WHERE d.day = latest.day AND d.topic_id = l.head) AS status,
           sum(d.n_messages) FILTER (WHERE d.day > latest.day - 7) AS n_week,
           coalesce(sum(d.n_messages) FILTER (WHERE d.day <= latest.day - 7), 0) AS n_week_before
    FROM triage.topic_days d JOIN living l USING (topic_id), latest
    WHERE d.day > latest.day - 14 GROUP BY 1),
mix AS (
    SELECT l.head AS topic_id, m.intent, sum(m.n_messages) AS n
    FROM triage.topic_mix m JOIN living l USING (topic_id), latest
    WHERE m.day > latest.day - 7 AND m.intent <> '' AND (:channel = '' OR m.channel = :channel)
    GROUP BY 1, 2),
main AS (SELECT DISTINCT ON (topic_id) topic_id, intent FROM mix ORDER BY topic_id, n DESC, intent),
living_board AS (
    SELECT t.topic_id, t.label, t.label_source, t.keywords, t.muted, t.born_on,
           coalesce(l.heir_id, l.topic_id) AS area_id, latest.day, w.n_today::int,
           w.expected::float, w.upper::float, w.n_week::int, w.n_week_before::int, main.intent,
           CASE WHEN t.muted THEN 'muted' ELSE w.status END AS state,
           w.n_today::float / nullif(sum(w.n_today) OVER (), 0) AS share
    FROM latest CROSS JOIN weeks w JOIN triage.topics t USING (topic_id)
    LEFT JOIN main USING (topic_id) LEFT JOIN triage.topics l ON l.topic_id = t.area_id
    WHERE t.heir_id IS NULL AND w.status IS NOT NULL),
areas AS (
    SELECT b.area_id, h.label AS area, count(*)::int AS area_size, sum(n_week)::int AS area_week
    FROM living_board b JOIN triage.topics h ON h.topic_id = b.area_id
    GROUP BY 1, 2 HAVING count(*) > 1),
board AS (SELECT * FROM living_board LEFT JOIN areas USING (area_id))
"""
_WHERE = """
WHERE (:state = '' OR state = :state) AND (:intent = '' OR intent = :intent)
  AND (:channel = '' OR topic_id IN (
      SELECT coalesce(t.heir_id, t.topic_id) FROM triage.topic_mix m
      JOIN triage.topics t USING (topic_id), latest
      WHERE m.day > latest.day - 7 AND m.channel = :channel))
  AND (:area = 0 OR area_id = (
      SELECT o.area_id FROM board o JOIN triage.topics t ON t.topic_id = :area
      WHERE o.topic_id = coalesce(t.heir_id, t.topic_id)))
  AND (NOT :only OR topic_id = ANY(:ids))
"""
_TRENDS = """
SELECT coalesce(t.heir_id, t.topic_id) AS topic_id, d.day, sum(d.n_messages)::int AS n,
       sum(d.expected)::float AS expected, sum(d.upper)::float AS upper
FROM triage.topic_days d JOIN triage.topics t USING (topic_id)
WHERE (t.topic_id = ANY(:ids) OR t.heir_id = ANY(:ids)) AND d.day > :first AND d.day <= :last
GROUP BY 1, 2 ORDER BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class Choice:
    """What of the board is asked for; empty = all."""

    state: str = ""
    channel: str = ""
    intent: str = ""
    area: int = 0
    """Themes of the area that this theme is in; 0 = all."""
    sort: str = "today"
    by_area: bool = False
    """Areas one after the other, the largest of the week first; then themes on their own."""
    ids: Sequence[int] | None = None
    """Only these themes, in this order where `sort` is `found`."""

    def values(self) -> dict[str, Any]:
        """The bound values."""
        return {
            "state": self.state,
            "channel": self.channel,
            "intent": self.intent,
            "area": self.area,
            "only": self.ids is not None,
            "ids": list(self.ids or ()),
        }


def last_day(connection: Connection) -> dt.date | None:
    """The last day that was discovered, None before the first."""
    day: dt.date | None = connection.scalar(text("SELECT max(day) FROM triage.topic_days"))
    return day


def board(connection: Connection, choice: Choice, *, most: int, skip: int = 0) -> Rows:
    """The chosen themes; `n_found` in each row says how many there are in all.

    An area is led by its largest theme, whose id (`area_id`) and label (`area`) it bears; it has
    `area_size` themes and `area_week` messages of seven days. All but the id are None where a theme
    is alone in its area.
    """
    order = SORTS.get(choice.sort, "array_position(CAST(:ids AS bigint[]), topic_id)")
    if choice.by_area:
        order = f"area_week DESC NULLS LAST, area, {order}"
    query = (
        f"{_BOARD} SELECT *, count(*) OVER () AS n_found FROM board {_WHERE} "
        f"ORDER BY {order}, topic_id LIMIT :most OFFSET :skip"
    )
    return fetch(connection, query, most=most, skip=skip, **choice.values())


def areas(connection: Connection) -> Rows:
    """The areas that two themes or more share: id, label, number of themes; by label."""
    query = """
        SELECT h.topic_id AS area_id, h.label, count(*)::int AS n
        FROM triage.topic_days d JOIN triage.topics t USING (topic_id)
        JOIN triage.topics l ON l.topic_id = t.area_id
        JOIN triage.topics h ON h.topic_id = coalesce(l.heir_id, l.topic_id)
        WHERE d.day = (SELECT max(day) FROM triage.topic_days) AND t.heir_id IS NULL
        GROUP BY 1 HAVING count(*) > 1 ORDER BY lower(h.label)
    """
    return fetch(connection, query)


def state_counts(connection: Connection) -> dict[str, int]:
    """How many themes are in each state on the last day."""
    query = """
        SELECT CASE WHEN t.muted THEN 'muted' ELSE d.status END AS state, count(*) AS n
        FROM triage.topic_days d JOIN triage.topics t USING (topic_id)
        WHERE d.day = (SELECT max(day) FROM triage.topic_days) AND t.heir_id IS NULL GROUP BY 1
    """
    return {row["state"]: row["n"] for row in fetch(connection, query)}


def trends(
    connection: Connection, ids: Sequence[int], *, last: dt.date, n_days: int = TREND_DAYS
) -> dict[int, list[Row]]:
    """The last `n_days` of each theme, merges followed; days before its birth are absent."""
    found: dict[int, list[Row]] = {}
    if not ids:
        return found
    start = last - dt.timedelta(n_days)
    for row in fetch(connection, _TRENDS, ids=list(ids), first=start, last=last):
        found.setdefault(row["topic_id"], []).append(row)
    return found


def filters(connection: Connection, *, last: dt.date) -> dict[str, list[str]]:
    """The channels and intents there are to filter by."""
    query = """
        SELECT DISTINCT channel, intent FROM triage.topic_mix WHERE day > :first AND day <= :last
    """
    rows = fetch(connection, query, first=last - dt.timedelta(7), last=last)
    return {
        "channels": sorted({r["channel"] for r in rows} - {""}),
        "intents": sorted({r["intent"] for r in rows} - {""}),
    }


def health(connection: Connection, day: dt.date) -> Row | None:
    """What discovery counted on a day, and whether it is stale."""
    query = """
        SELECT day, (counts->>'n_messages')::int AS n_messages, stale, finished_at,
               (counts->>'n_clustered')::int AS n_clustered,
               (counts->>'n_unsupported')::int AS n_unsupported,
               (SELECT count(*) FROM triage.runs s WHERE s.stale AND s.job = 'discover') AS n_stale
        FROM triage.runs WHERE job = 'discover' AND day = :day
    """
    return first(connection, query, day=day)


def coverage(connection: Connection, *, last: dt.date, n_days: int = TREND_DAYS) -> Rows:
    """Messages and those with a theme by day."""
    query = """
        SELECT day, (counts->>'n_messages')::int AS n_messages,
               (counts->>'n_clustered')::int AS n_clustered,
               coalesce((counts->>'n_unsupported')::int, 0) AS n_unsupported
        FROM triage.runs WHERE job = 'discover' AND day > :first AND day <= :last ORDER BY day
    """
    return fetch(connection, query, first=last - dt.timedelta(n_days), last=last)


def alerts(connection: Connection, *, status: str = "", most: int = 50) -> Rows:
    """Alerts with their theme, the open ones first, then the latest."""
    query = """
        SELECT a.*, h.topic_id AS theme_id, h.label, h.muted
        FROM triage.alerts a JOIN triage.topics t USING (topic_id)
        JOIN triage.topics h ON h.topic_id = coalesce(t.heir_id, t.topic_id)
        WHERE :status = '' OR a.status = :status
        ORDER BY a.status = 'open' DESC, a.day DESC,
                 array_position(ARRAY['high', 'medium', 'low'], a.severity), a.observed DESC
        LIMIT :most
    """
    return fetch(connection, query, status=status, most=most)
