"""Charts as SVG: plain marks with classes, coloured by the style sheet, with titles to read out."""

import datetime as dt
import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from markupsafe import Markup, escape

from sql.queries.board import Theme, ThemeDay

_DAY = dt.timedelta(1)
ABOVE = ("surging", "growing")
"""States of a day that is above what is usual."""
NARROW = 340
"""Width of a chart for a phone, in pixels."""
_EASY = (1.0, 1.2, 1.6, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)


class OfDay(Protocol):
    """A row of a day."""

    @property
    def day(self) -> dt.date:
        """The day."""
        ...


_D = TypeVar("_D", bound=OfDay)


def days_of(rows: Sequence[_D], *, last: dt.date, n_days: int) -> list[_D | None]:
    """One entry for each of the `n_days` up to `last`: the row of that day, or None."""
    by_day = {row.day: row for row in rows}
    return [by_day.get(last - n * _DAY) for n in range(n_days - 1, -1, -1)]


def sparkline(rows: Sequence[ThemeDay], *, last: dt.date, n_days: int = 28) -> Markup:
    """A theme's days as a line, with the expected band behind it."""
    width, height = 132, 30
    days = days_of(rows, last=last, n_days=n_days)
    highest = max([1.0, *(max(r.n, r.upper or 0) for r in days if r)])
    scale = _Scale(width=width, height=height, n=n_days, highest=highest, pad=3)
    counts = [r.n if r else None for r in days]
    most = max(c or 0 for c in counts)
    summary = f"{n_days} days: from {counts[0] or 0} to {counts[-1] or 0}, most {most}"
    end = counts[-1]
    dot = (
        f'<circle class="dot" cx="{scale.x(n_days - 1):.1f}" cy="{scale.y(end):.1f}" r="2.2"/>'
        if end is not None
        else ""
    )
    return Markup(
        f'<svg class="spark" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" aria-label="{summary}">{_band(days, scale)}{_line(counts, scale, "line")}'
        f"{dot}</svg>"
    )


def _event(scale: "_Scale", n: int, title: str) -> str:
    """A line with a dot at day `n`, counted from the first, that says what happened."""
    x = scale.x(n)
    return (
        f'<g class="event"><line x1="{x:.1f}" x2="{x:.1f}" y1="14" y2="{scale.y(0):.1f}"/>'
        f'<circle cx="{x:.1f}" cy="11" r="4"><title>{escape(title)}</title></circle></g>'
    )


def trend(
    rows: Sequence[ThemeDay],
    events: Sequence[tuple[dt.date, str]],
    *,
    last: dt.date,
    n_days: int,
    width: int = 900,
) -> Markup:
    """A theme's days as bars with the expected counts, and events marked above."""
    height, pad = 250, 34
    days = days_of(rows, last=last, n_days=n_days)
    highest = _round_up(max([4.0, *(max(r.n, r.upper or 0) for r in days if r)]))
    scale = _Scale(width=width, height=height, n=n_days, highest=highest, pad=pad)
    wide = max((width - 2 * pad) / n_days * 0.68, 1)
    parts = [_axis(scale, last=last, n_days=n_days), _band(days, scale)]
    for i, row in enumerate(days):
        if row is None:
            continue
        y = scale.y(row.n)
        expected = "" if row.expected is None else f", {row.expected:.0f} expected"
        # The run's own word, which looks at several days together, as everywhere on the page.
        above = row.state if row.state in ABOVE else ""
        parts.append(
            f'<rect class="bar{" above" if above else ""}" x="{scale.x(i) - wide / 2:.1f}" '
            f'y="{y:.1f}" width="{wide:.1f}" height="{max(scale.y(0) - y, 0.5):.1f}" rx="1.5">'
            f"<title>{row.day}: {row.n}{expected}{above and f', {above}'}</title></rect>"
        )
    expected_counts = [r.expected if r else None for r in days]
    parts += [_line(expected_counts, scale, css) for css in ("halo", "expected")]
    for day, what in events:
        n = n_days - 1 - (last - day).days
        if 0 <= n < n_days:
            parts.append(_event(scale, n, f"{day}: {what}"))
    label = f"Messages a day, {n_days} days up to {last}"
    return Markup(
        f'<svg class="{_size(width)}" viewBox="0 0 {width} {height}" role="img" '
        f'aria-label="{label}">'
        f"{''.join(parts)}</svg>"
    )


def lines(
    series: Sequence[tuple[str, Sequence[float | None]]],
    *,
    last: dt.date,
    n_days: int,
    percent: bool = False,
    top: float | None = None,
    width: int = 900,
) -> Markup:
    """Several series over the same days, up to `top` or their maximum; `percent`: shares.

    `width` is the space in pixels, so that letters have the size of those around the chart.
    """
    height, pad = 210, 40
    values = [v for _, vs in series for v in vs if v is not None]
    highest = top or _round_up(max([0.05 if percent else 1.0, *values]), percent=percent)
    scale = _Scale(width=width, height=height, n=n_days, highest=highest, pad=pad)
    parts = [_axis(scale, last=last, n_days=n_days, percent=percent)]
    for n, (name, vs) in enumerate(series):
        parts.append(_line(list(vs), scale, f"series s{n % 8}", title=name))
    return Markup(
        f'<svg class="{_size(width)}" viewBox="0 0 {width} {height}" role="img" '
        f'aria-label="{escape(", ".join(n for n, _ in series))}">{"".join(parts)}</svg>'
    )


def _size(width: int) -> str:
    """The classes by which the style sheet shows a chart where it can be read."""
    return "trend narrow" if width == NARROW else "trend"


def share(value: float, *, width: int = 72) -> Markup:
    """A share, 0..1, as a small bar."""
    filled = min(max(value, 0), 1) * width
    return Markup(
        f'<svg class="share" width="{width}" height="8" viewBox="0 0 {width} 8" aria-hidden="true">'
        f'<rect class="rest" width="{width}" height="8" rx="4"/>'
        f'<rect class="part" width="{filled:.1f}" height="8" rx="4"/></svg>'
    )


@dataclass(frozen=True, slots=True)
class Placed:
    """A theme on the map, in units of the map's side."""

    theme: Theme
    x: float
    y: float
    r: float


def atlas(places: Sequence[Placed], *, root: str) -> Markup:
    """The map: one disc per theme at (x, y) of the unit square with radius r, linked to its theme.

    Themes that share an area have its id, so that pointing at one can mark the others.
    """
    width, height = 1000, 720
    parts = []
    for p in sorted(places, key=lambda p: -p.r):
        x, y, r, theme = p.x * width, p.y * height, p.r * height, p.theme
        shared, area = "", ""
        if theme.area:
            shared, area = f' data-area="{theme.area_id}"', f"; area {theme.area}"
        parts.append(
            f'<a href="{root}/themes/{theme.topic_id}" class="place {theme.state}"{shared}>'
            f'<circle cx="{x:.0f}" cy="{y:.0f}" r="{r:.1f}"/>{_name_within(theme.label, x, y, r)}'
            f"<title>{escape(theme.label)}: {theme.n_week} in 7 days, {theme.n_week_before} in the "
            f"7 before ({theme.state}){escape(area)}</title></a>"
        )
    return Markup(
        f'<svg class="atlas" viewBox="0 0 {width} {height}" role="group" aria-label="Map of the '
        f'themes">{"".join(parts)}</svg>'
    )


def _name_within(label: str, x: float, y: float, r: float) -> str:
    """A name in up to four lines that fit a disc; empty where fewer than two words of it fit."""
    most = max(int(2 * r * 0.8 / 11), 1)
    room = int(2 * r / 5.6)
    words = label.split()
    if r < 13 or room < 4:
        return ""
    rows = textwrap.wrap(
        label, room, max_lines=min(most, 4), placeholder="…", break_long_words=False
    )
    n_shown = sum(len(row.strip("…").split()) for row in rows)
    if max(map(len, rows)) > room or n_shown < min(len(words), 2):
        return ""
    top = y + 4 - 5.5 * (len(rows) - 1)
    spans = (
        f'<tspan x="{x:.0f}" y="{top + 11 * n:.0f}">{escape(row)}</tspan>'
        for n, row in enumerate(rows)
    )
    return f"<text>{''.join(spans)}</text>"


def _round_up(value: float, *, percent: bool = False) -> float:
    """The next number that is easy to read, and so is its half: 31 → 40; an even one up to 10."""
    if not percent and value <= 10:
        return max(2.0 * math.ceil(value / 2), 4.0)
    power = 10.0 ** math.floor(math.log10(value))
    return next(n * power for n in _EASY if n * power >= value * (1 - 1e-9))


class _Scale:
    def __init__(self, *, width: int, height: int, n: int, highest: float, pad: int) -> None:
        self.width, self.height, self.n, self.highest, self.pad = width, height, n, highest, pad

    def x(self, i: float) -> float:
        return self.pad + (self.width - 2 * self.pad) * (i + 0.5) / max(self.n, 1)

    def y(self, value: float) -> float:
        top = min(self.pad, 22)
        return self.height - top - (self.height - 2 * top) * min(value / self.highest, 1)


def _line(values: Sequence[float | None], scale: _Scale, css: str, *, title: str = "") -> str:
    """A line with gaps where there is no value."""
    parts, pen = [], "M"
    for i, value in enumerate(values):
        if value is None:
            pen = "M"
            continue
        parts.append(f"{pen}{scale.x(i):.1f},{scale.y(value):.1f}")
        pen = "L"
    if not parts:
        return ""
    tooltip = f"<title>{escape(title)}</title>" if title else ""
    return f'<path class="{css}" d="{"".join(parts)}">{tooltip}</path>'


def _band(days: Sequence[ThemeDay | None], scale: _Scale) -> str:
    """The area from 0 to the upper bound of the expectation, where it is known."""
    known = [(i, r.upper) for i, r in enumerate(days) if r and r.upper is not None]
    if len(known) < 2:
        return ""
    top = "L".join(f"{scale.x(i):.1f},{scale.y(v):.1f}" for i, v in known)
    base = scale.y(0)
    return (
        f'<path class="band" d="M{scale.x(known[0][0]):.1f},{base:.1f}L{top}'
        f'L{scale.x(known[-1][0]):.1f},{base:.1f}Z"/><path class="edge" d="M{top}"/>'
    )


def _axis(scale: _Scale, *, last: dt.date, n_days: int, percent: bool = False) -> str:
    parts = []
    for fraction in (0, 0.5, 1):
        value = scale.highest * fraction
        y = scale.y(value)
        label = f"{value:.0%}" if percent else f"{value:.0f}"
        parts.append(
            f'<line class="grid" x1="{scale.pad}" x2="{scale.width - scale.pad}" y1="{y:.1f}" '
            f'y2="{y:.1f}"/>'
            f'<text class="tick end" x="{scale.pad - 6}" y="{y + 4:.1f}">{label}</text>'
        )
    step = max(n_days // 4, 1)
    for n in range(n_days - 1, -1, -step):
        day = last - (n_days - 1 - n) * _DAY
        parts.append(
            f'<text class="tick mid" x="{scale.x(n):.1f}" y="{scale.height - 5}">'
            f"{day.day} {day:%b}</text>"
        )
    return "".join(parts)
