"""The themes of the last day: their counts, their trends, which are new.

Every figure comes from the views `triage.themes`, `theme_trend` and `theme_mix`.
"""

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

from sql.queries.past import LAST_DAY
from sql.rows import Record, fetch, records

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
_OF_CHANNEL = f"""topic_id IN (
    SELECT m.topic_id FROM triage.theme_mix m
    WHERE m.day > {LAST_DAY} - 7
      AND m.day <= {LAST_DAY} AND m.channel = :channel)"""
# For a theme that was merged since, the area is that of its heir.
_OF_AREA = """area_id = (
    SELECT a.heir_id FROM triage.heirs h JOIN triage.topics t ON t.topic_id = h.heir_id
    JOIN triage.heirs a ON a.topic_id = t.area_id WHERE h.topic_id = :area)"""
_OVERVIEW = """
SELECT state, area_id, area, area_size, count(*)::int AS n FROM triage.themes GROUP BY 1, 2, 3, 4
"""
_TRENDS = """
SELECT topic_id, day, n_messages AS n, expected, upper, state FROM triage.theme_trend
WHERE topic_id = ANY(:ids) AND day > :first AND day <= :last ORDER BY topic_id, day
"""


@dataclass(frozen=True, slots=True)
class Theme(Record):
    """One theme on the last day, as the view `triage.themes` has it."""

    topic_id: int
    label: str
    label_source: str
    keywords: list[str]
    status: str
    muted: bool
    born_on: dt.date
    day: dt.date
    n_today: int
    n_customers_today: int
    """Distinct customers who wrote the messages of `n_today`."""
    expected: float | None
    upper: float | None
    p_value: float | None
    state: str
    """One of `STATES`."""
    n_week: int
    n_customers_week: int
    """The same of `n_week`."""
    n_week_before: int
    share_today: float | None
    intent: str | None
    area_id: int | None
    """The theme that leads its area; the three below are None where it is alone in it."""
    area: str | None
    area_size: int | None
    area_week: int | None
    n_day_before: int
    """Messages of the same weekday a week before."""
    n_found: int
    """Number of themes that match the choice, on all pages."""


@dataclass(frozen=True, slots=True)
class ThemeDay(Record):
    """The count of a theme on a day, and what was expected."""

    topic_id: int
    day: dt.date
    n: int
    expected: float | None
    upper: float | None
    state: str | None
    """What the run of that day said; None where it only counts a merged topic."""


@dataclass(frozen=True, slots=True)
class Area(Record):
    """An area of two or more themes."""

    area_id: int
    label: str
    n: int
    """Themes."""


@dataclass(frozen=True, slots=True)
class Overview:
    """The last day at a glance."""

    counts: dict[str, int]
    """Number of themes by state; states without themes are absent."""
    areas: list[Area]
    """By label."""


@dataclass(frozen=True, slots=True)
class Filters(Record):
    """The channels and intents that one can filter by."""

    channels: list[str]
    intents: list[str]


@dataclass(frozen=True, slots=True)
class Choice:
    """Which themes of the board to show, in which order; empty = all."""

    state: str = ""
    channel: str = ""
    intent: str = ""
    area: int = 0
    """Themes of the area that this theme is in; 0 = all."""
    sort: str = "today"
    by_area: bool = False
    """Group by area, the largest of the week first; then the themes that are alone in theirs."""
    ids: Sequence[int] | None = None
    """Only these themes, in this order where `sort` is `found`."""

    def clause(self) -> str:
        """The conditions on the view themes."""
        parts = {
            "state = :state": self.state,
            "intent = :intent": self.intent,
            _OF_CHANNEL: self.channel,
            _OF_AREA: self.area,
            "topic_id = ANY(:ids)": self.ids is not None,
        }
        return " AND ".join(["true", *(part for part, chosen in parts.items() if chosen)])

    def order(self) -> str:
        """What the themes are sorted by."""
        order = SORTS.get(self.sort, "array_position(CAST(:ids AS bigint[]), topic_id)")
        return f"area_week DESC NULLS LAST, area, {order}" if self.by_area else order

    def values(self) -> dict[str, Any]:
        """The bound values."""
        return {
            "state": self.state,
            "channel": self.channel,
            "intent": self.intent,
            "area": self.area,
            "ids": list(self.ids or ()),
        }


def last_day(connection: Connection) -> dt.date | None:
    """The last day that was discovered, or the one looked back at; None before the first."""
    day: dt.date | None = connection.scalar(text(f"SELECT {LAST_DAY}"))
    return day


def board(connection: Connection, choice: Choice, *, most: int, skip: int = 0) -> list[Theme]:
    """The chosen themes; `n_found` of each is their number on all pages."""
    query = (
        "SELECT *, count(*) OVER () AS n_found FROM triage.themes "
        f"WHERE {choice.clause()} ORDER BY {choice.order()}, topic_id LIMIT :most OFFSET :skip"
    )
    return records(connection, Theme, query, most=most, skip=skip, **choice.values())


def overview(connection: Connection) -> Overview:
    """How many themes are in each state and area."""
    counts: Counter[str] = Counter()
    areas: dict[int, Area] = {}
    for row in fetch(connection, _OVERVIEW):
        counts[row["state"]] += row["n"]
        if row["area"] is not None:
            areas[row["area_id"]] = Area(row["area_id"], row["area"], row["area_size"])
    listed = sorted(areas.values(), key=lambda area: (area.label.lower(), area.area_id))
    return Overview(counts=dict(counts), areas=listed)


def state_counts(connection: Connection) -> dict[str, int]:
    """How many themes are in each state on the last day."""
    return overview(connection).counts


def trends(
    connection: Connection, ids: Sequence[int], *, last: dt.date, n_days: int = TREND_DAYS
) -> dict[int, list[ThemeDay]]:
    """The last `n_days` of each theme, merges followed; days before its birth are absent."""
    days_of: dict[int, list[ThemeDay]] = {}
    if not ids:
        return days_of
    start = last - dt.timedelta(n_days)
    for row in records(connection, ThemeDay, _TRENDS, ids=list(ids), first=start, last=last):
        days_of.setdefault(row.topic_id, []).append(row)
    return days_of


def filters(connection: Connection, *, last: dt.date) -> Filters:
    """The channels and intents of the last seven days."""
    query = """
        SELECT DISTINCT channel, intent FROM triage.theme_mix WHERE day > :first AND day <= :last
    """
    rows = fetch(connection, query, first=last - dt.timedelta(7), last=last)
    return Filters(
        channels=sorted({r["channel"] for r in rows if r["channel"]}),
        intents=sorted({r["intent"] for r in rows if r["intent"]}),
    )
