"""Which segment drives a theme."""

import numpy as np
import pytest

from nlp.topics.drivers import drivers
from nlp.topics.segments import Inbox
from tests.graphs import CONFIG

_N_THEMES, _N_DAYS = 12, 14


def _inbox(seed: int = 0) -> tuple[Inbox, list[tuple[int]], list[dict[str, str]]]:
    """Two weeks of ten messages a day and theme, an app version each at random."""
    rng = np.random.default_rng(seed)
    ages = np.repeat(np.arange(_N_DAYS), 10 * _N_THEMES)
    themes = [(int(t),) for t in np.tile(np.repeat(np.arange(_N_THEMES), 10), _N_DAYS)]
    rows = [{"app": str(v)} for v in rng.choice(["7", "8.1", "8.2"], len(ages), p=[0.6, 0.3, 0.1])]
    return Inbox(ages, rows), themes, rows


def test_a_cause_of_the_week_is_named_with_its_interval() -> None:
    """Since five days half of a theme's messages have a rare version; nothing else is named."""
    inbox, themes, rows = _inbox()
    for n, (age, theme) in enumerate(zip(inbox.ages.tolist(), themes, strict=True)):
        if theme == (3,) and age < 5 and n % 2:
            rows[n]["app"] = "8.2"
    result = drivers(inbox, themes, config=CONFIG)
    assert list(result) == [3]
    segment = result[3].segment
    assert (segment.name, segment.value) == ("app", "8.2")
    assert segment.usual < 0.2 < result[3].lower < segment.n / segment.n_of < result[3].upper
    assert segment.n_days > CONFIG.recent_days


def test_what_is_older_than_two_weeks_does_not_matter() -> None:
    """A version that was rare a month ago and usual a week ago drives nothing."""
    inbox, themes, rows = _inbox()
    n = len(rows)
    old = Inbox(np.concatenate([inbox.ages, inbox.ages + _N_DAYS]), [*rows, *({"app": "6"},) * n])
    assert drivers(old, [*themes, *themes], config=CONFIG) == {}


@pytest.mark.parametrize("seed", range(8))
def test_without_a_cause_no_driver_is_named(seed: int) -> None:
    """What varies by chance drives nothing."""
    inbox, themes, _ = _inbox(seed)
    assert drivers(inbox, themes, config=CONFIG) == {}


def test_an_inbox_without_attributes_or_messages_has_no_driver() -> None:
    """Nothing can be over-represented there."""
    nothing = Inbox(np.zeros(0, dtype=np.intp), [])
    assert drivers(nothing, [], config=CONFIG) == {}
    inbox, themes, rows = _inbox()
    for row in rows:
        row.clear()
    assert drivers(inbox, themes, config=CONFIG) == {}
