"""Days of a scripted Zendesk, each killed once: `bench.desks` at a small size."""

import pytest

from bench.desk_server import Every
from bench.desks import Figures, month
from nlp.settings import Settings


@pytest.fixture
def figures(settings: Settings) -> Figures:
    """Five days of 80 comments, with edits, deletions and a limit that answers 429."""
    return month(settings, n_days=5, per_day=80, seed=3, limit=Every(40))


def test_rows_are_the_desks_and_few_requests_are_made(figures: Figures) -> None:
    """After a kill in each day, rows are as the desk has them, for 1.2 of the least requests."""
    assert figures.n_killed >= 4
    assert figures.n_edits >= 5
    assert figures.n_deletions >= 2
    assert figures.n_busy >= 1
    assert figures.wrong == []
    assert figures.n_rows > 330
    assert figures.ratio <= 1.2
