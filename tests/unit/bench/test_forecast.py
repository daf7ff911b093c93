"""How forecasts are compared with what came."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from bench.forecast import Coverage, Days, coverage, read_days

_FIRST = dt.date(2026, 3, 2)
_DATES = [_FIRST + dt.timedelta(n) for n in range(22)]


def _days(counts: Sequence[int], merges: Sequence[tuple[dt.date, str, str | None]] = ()) -> Days:
    """Ten steady themes, and one with these counts, living until they end."""
    of_day = {d: {str(t): 10 + (t + n) % 3 for t in range(10)} for n, d in enumerate(_DATES)}
    for day, n in zip(_DATES, counts, strict=False):
        of_day[day]["99"] = n
    return Days(of_day, {d: sum(own.values()) for d, own in of_day.items()}, merges)


def test_what_comes_as_forecast_lies_within() -> None:
    """Every eve with a day after it is compared; a week only where all its days are known."""
    of_days, of_weeks = coverage(_days([]))
    assert of_weeks.places == {"within": 10 * 2}
    assert of_days.places.total() == 10 * (2 * 7 + sum(range(1, 7)))
    assert of_days.places["within"] > 0.8 * of_days.places.total()


def test_a_sudden_rise_lies_above() -> None:
    """It is a miss, counted on its side."""
    before, _ = coverage(_days([10] * 22))
    after, of_weeks = coverage(_days([10] * 14 + [90] * 8))
    assert after.places["above"] > before.places["above"]
    assert of_weeks.places["above"] >= 1
    assert (before + after).places.total() == before.places.total() + after.places.total()


def test_a_theme_that_is_merged_away_has_no_further_days() -> None:
    """Its end is no miss, and its heir counts its past."""
    merged = [(_DATES[16], "99", "0")]
    days = _days([10] * 16, merged)
    assert days.heir("99", _DATES[15]) == "99"
    assert days.heir("99", _DATES[16]) == "0"
    of_days, _ = coverage(days)
    alone, _ = coverage(_days([]))
    assert of_days.places.total() == alone.places.total() + 2 + 1


def test_the_exports_of_a_replay_are_read(tmp_path: Path) -> None:
    """Counts, volumes and merges by day; a parting ends a merge."""
    head = "topic_id,day,n_messages\n"
    (tmp_path / "topic_days.csv").write_text(head + "1,2026-03-02,4\n2,2026-03-02,3\n")
    events = "2026-03-02,merge,2,1\n2026-03-03,unmerge,2,\n2026-03-03,birth,3,\n"
    (tmp_path / "topic_events.csv").write_text(f"day,event,topic_id,other_topic_id\n{events}")
    (tmp_path / "run_days.csv").write_text("day,n_messages\n2026-03-02,9\n2026-03-03,\n")
    days = read_days(tmp_path)
    assert days.counts[_FIRST] == {"1": 4, "2": 3}
    assert days.volumes == {_FIRST: 9, _DATES[1]: 0}
    assert (days.heir("2", _FIRST), days.heir("2", _DATES[1])) == ("1", "2")


def test_shares_are_printed_of_nothing_too() -> None:
    """No forecast is no error."""
    assert Coverage().cells() == "0 | 0.000 | 0.000 | 0.000"
