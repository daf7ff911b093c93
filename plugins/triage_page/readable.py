"""A chart for every reader: wide, narrow for a phone, and its figures as a table."""

import datetime as dt
import re
from collections.abc import Callable, Iterable, Sequence

from markupsafe import Markup

from sql.queries.board import ThemeDay
from triage_page import charts

_TITLE = re.compile("<title>.*?</title>", re.S)
_TABLE = Markup(
    '<details class="figures"><summary>Figures as a table</summary>'
    '<div class="scroll" tabindex="0" role="region" aria-label="Figures of the chart">'
    '<table class="board"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
    "</div></details>"
)


def trend(
    rows: Sequence[ThemeDay],
    events: Sequence[tuple[dt.date, str]],
    *,
    last: dt.date,
    n_days: int,
) -> Markup:
    """A theme's days; the table has the latest first."""
    drawn = _both(lambda w: charts.trend(rows, events, last=last, n_days=n_days, width=w))
    values = [
        (row.day, row.n, _whole(row.expected), _whole(row.upper), row.state or "")
        for row in reversed(charts.days_of(rows, last=last, n_days=n_days))
        if row
    ]
    return _with_table(drawn, ("Day", "Messages", "Expected", "Usual at most", "State"), values)


def lines(
    series: Sequence[tuple[str, Sequence[float | None]]],
    *,
    last: dt.date,
    n_days: int,
    percent: bool = False,
    top: float | None = None,
    width: int = 900,
) -> Markup:
    """Several series over the same days; the table has the latest day first."""
    drawn = _both(
        lambda w: charts.lines(series, last=last, n_days=n_days, percent=percent, top=top, width=w),
        wide=width,
    )
    table = [
        (last - dt.timedelta(n), *(_figure(values[-1 - n], percent) for _, values in series))
        for n in range(n_days)
        if any(values[-1 - n] is not None for _, values in series)
    ]
    return _with_table(drawn, ("Day", *(name for name, _ in series)), table)


def _both(draw: Callable[[int], Markup], *, wide: int = 900) -> list[Markup]:
    """The chart wide and narrow; the narrow one has no titles, as nothing points on a phone."""
    narrow = Markup(_TITLE.sub("", draw(charts.NARROW)))  # noqa: S704
    return [draw(wide), narrow]


def _whole(value: float | None) -> str:
    return "–" if value is None else f"{value:.0f}"


def _figure(value: float | None, percent: bool) -> str:
    if value is None:
        return "–"
    return f"{value:.0%}" if percent else f"{value:.1f}"


def _with_table(
    drawn: Iterable[Markup], names: Sequence[str], rows: Iterable[Sequence[object]]
) -> Markup:
    """Charts, and below them the figures; a name or a figure is text."""
    head = Markup("").join(
        Markup('<th scope="col"{}>{}</th>').format(
            Markup(' class="n"') if i else "", name.replace("_", " ")
        )
        for i, name in enumerate(names)
    )
    body = Markup("").join(
        Markup("<tr>{}</tr>").format(
            Markup("").join(
                Markup("<td{}>{}</td>").format(Markup(' class="n"') if i else "", value)
                for i, value in enumerate(row)
            )
        )
        for row in rows
    )
    return Markup("").join(drawn) + _TABLE.format(head=head, rows=body)
