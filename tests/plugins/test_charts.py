"""Charts: what is drawn, and that no name breaks out of it."""

import datetime as dt
import re
from dataclasses import replace
from typing import Any

import pytest

from sql.queries.board import Theme, ThemeDay

DAY = dt.date(2026, 3, 9)


def _place(label: str, r: float, **more: Any) -> Any:
    """A theme in the middle of the map."""
    from triage_page.charts import Placed

    theme = Theme(
        topic_id=7, label=label, label_source="model", keywords=[], status="active", muted=False,
        born_on=DAY, day=DAY, n_today=1, expected=None, upper=None, p_value=None, state="steady",
        n_week=3, n_week_before=2, share_today=1.0, intent=None, area_id=None, area=None,
        area_size=None, area_week=None, n_customers_today=1, n_customers_week=2,
        n_day_before=0, n_found=1,
    )  # fmt: skip
    return Placed(replace(theme, **more), x=0.5, y=0.5, r=r)


def _shown(svg: str) -> str:
    return " ".join(re.findall(r"<tspan[^>]*>(.*?)</tspan>", svg))


@pytest.mark.parametrize(
    ("label", "r", "shown"),
    [
        ("Pin blocked", 0.05, "Pin blocked"),
        ("Pin blocked", 0.012, ""),
        (
            "Payment to my solicitor was cancelled on Wednesday",
            0.04,
            "Payment to my solicitor was…",
        ),
        ("Donaudampfschifffahrtsgesellschaft", 0.04, ""),
    ],
)
def test_a_name_on_the_map_fits_its_disc(label: str, r: float, shown: str) -> None:
    """Whole where there is room, cut after two words or more, else left to the title."""
    from triage_page.charts import atlas

    svg = str(atlas([_place(label, r)], root="/triage"))
    assert _shown(svg) == shown
    assert f"<title>{label}: 3 in 7 days" in svg


def test_names_are_text_in_every_chart() -> None:
    """Markup in a label, an area or an event is shown as text."""
    from triage_page.charts import atlas, lines, trend

    evil = "<script>x</script>"
    row = ThemeDay(7, DAY, n=3, expected=None, upper=None, state=None)
    charts = (
        atlas([_place(evil, 0.2, area=evil, area_id=8)], root="/triage"),
        trend([row], [(DAY, evil)], last=DAY, n_days=28),
        lines([(evil, [1.0])], last=DAY, n_days=1),
    )
    for svg in charts:
        assert "<script" not in svg
        assert "&lt;script&gt;" in svg


@pytest.mark.parametrize(
    ("most", "ticks"), [(0, "0 2 4"), (5, "0 3 6"), (31, "0 20 40"), (100, "0 50 100")]
)
def test_an_axis_has_numbers_that_are_easy_to_read(most: int, ticks: str) -> None:
    """Nothing, the half and the whole of a round number that holds the largest count."""
    from triage_page.charts import trend

    rows = [ThemeDay(7, DAY, n=most, expected=None, upper=None, state=None)]
    svg = str(trend(rows, [], last=DAY, n_days=28))
    assert " ".join(re.findall(r'class="tick end"[^>]*>(.*?)<', svg)) == ticks
