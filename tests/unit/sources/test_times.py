"""The form of a time is told by its column, and any time written in a form reads back the same."""

import datetime as dt
from email.utils import format_datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.errors import SourceError
from nlp.settings import TIME_FORMATS
from nlp.sources.clock import read
from nlp.sources.replay import ReplaySource
from nlp.sources.shape import Shape
from nlp.sources.times import FORMS, Form, FormError, infer

PARIS = ZoneInfo("Europe/Paris")
_WITH_ZONE = {
    "iso": lambda t: t.isoformat(),
    "iso Z": lambda t: f"{t.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ}",
    "space": lambda t: f"{t:%Y-%m-%d %H:%M:%S %z}",
    "UTC": lambda t: f"{t.astimezone(dt.UTC):%Y-%m-%d %H:%M:%S UTC}",
    "slashes GMT": lambda t: f"{t.astimezone(dt.UTC):%Y/%m/%d %H:%M:%S} GMT",
    "rfc 2822": format_datetime,
    "zone": lambda t: f"{t:%Y-%m-%d %H:%M:%S} Europe/Paris",
    "java": lambda t: f"{t.isoformat()}[Europe/Paris]",
    "javascript": lambda t: f"{t:%a %b %d %Y %H:%M:%S} GMT{t:%z} (Central European Time)",
    "ctime": lambda t: f"{t.astimezone(dt.UTC):%a %b %e %H:%M:%S UTC %Y}",
    "epoch": lambda t: str(int(t.timestamp())),
    "epoch number": lambda t: int(t.timestamp()),
    "epoch fraction": lambda t: f"{t.timestamp():.3f}",
    "dot net": lambda t: f"/Date({int(t.timestamp()) * 1_000}+0100)/",
    "milliseconds": lambda t: str(int(t.timestamp()) * 1_000),
    "microseconds": lambda t: int(t.timestamp()) * 1_000_000,
    "nanoseconds": lambda t: int(t.timestamp()) * 1_000_000_000,
    "words": lambda t: f"{t.astimezone(dt.UTC):%d %B %Y at %I:%M:%S %p} UTC",
}
_NAIVE = {
    "iso": "%Y-%m-%d %H:%M:%S", "german": "%d.%m.%Y %H:%M:%S", "british": "%d/%m/%Y %H:%M:%S",
    "american": "%m/%d/%Y %I:%M:%S %p", "short": "%m/%d/%y %H:%M:%S", "dashes": "%d-%m-%Y %H:%M:%S",
    "month": "%b %d, %Y, %I:%M:%S %p", "oracle": "%d-%b-%y %H:%M:%S",
}  # fmt: skip
_FIRST, _LAST = map(dt.datetime.fromisoformat, ("1991-01-01", "2068-01-01"))
_DAY_ZERO = dt.datetime.fromisoformat("1899-12-30")


def _is_once(time: dt.datetime) -> bool:
    """Whether the clocks show a time exactly once: not skipped, and not repeated in autumn."""
    return time.utcoffset() == time.replace(fold=1).utcoffset()


_times = (
    st.datetimes(_FIRST, _LAST, timezones=st.just(PARIS))
    .map(lambda t: t.replace(microsecond=0, fold=0))
    .filter(_is_once)
)


def _moments(times: list[dt.datetime | None]) -> list[dt.datetime | None]:
    return [None if time is None else time.astimezone(dt.UTC) for time in times]


@given(st.lists(_times, min_size=1, max_size=8), st.sampled_from(sorted(_WITH_ZONE)))
def test_any_column_of_times_with_a_zone_reads_back_the_same(
    times: list[dt.datetime], form: str
) -> None:
    """ISO, RFC 2822, epochs of four units, zones by name: each moment is the one that was meant."""
    values = [_WITH_ZONE[form](t) for t in times]
    result = infer(values).form()
    assert _moments([result.time(value, None) for value in values]) == _moments(times)
    assert not result.is_naive


@given(st.lists(_times, min_size=1, max_size=8), st.sampled_from(sorted(_NAIVE)))
def test_any_column_of_naive_times_reads_back_in_the_zone_of_its_source(
    times: list[dt.datetime], form: str
) -> None:
    """Day and month are told by the column, or it is refused with both readings; never guessed."""
    values = [t.strftime(_NAIVE[form]) for t in times]
    is_numeric = form in ("german", "british", "american", "short", "dashes")
    if is_numeric and all(t.day <= 12 for t in times) and any(t.day != t.month for t in times):
        with pytest.raises(FormError, match=r"\(dmy\) or .* \(mdy\)"):
            infer(values).form()
        return
    result = infer(values).form()
    assert result.is_naive
    assert [result.time(value, PARIS) for value in values] == times


@given(st.lists(_times, min_size=2, max_size=8))
def test_days_of_a_spreadsheet_are_read_where_they_are_certain(times: list[dt.datetime]) -> None:
    """With a time of day nothing else has such numbers; whole days alone are refused."""
    values = [repr((t.replace(tzinfo=None) - _DAY_ZERO) / dt.timedelta(1)) for t in times]
    if all(float(value).is_integer() for value in values):
        with pytest.raises(FormError, match="may be days of a spreadsheet"):
            infer(values).form()
    else:
        assert [infer(values).form().time(v, PARIS) for v in values] == times


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (["05/06/2026"] * 3, "one is 5 June 2026 \\(dmy\\) or 6 May 2026 \\(mdy\\). Say which"),
        (["05.06.26 9:00", "01.02.26 9:00"], "5 June 2026 \\(dmy\\) or 6 May 2026"),
        (["25/06/2026", "06/25/2026"], "mixes day/month \\(1 values\\) and month/day"),
        (["20260506", "20260507"], "is digits, as 99999999: its form is not certain"),
        (["46000", "46001"], "may be days of a spreadsheet"),
        (["1.77263E+12"] * 4, "was rounded by a spreadsheet"),
        (["1767225600", "1767225600000"], "mixes numbers of several units"),
    ],
)
def test_what_is_not_certain_is_refused_with_the_remedy(values: list[str], sentence: str) -> None:
    """The column is refused as a whole; the sentence gives the readings and the setting."""
    with pytest.raises(FormError, match=sentence):
        infer(values).form()


@pytest.mark.parametrize(
    "value",
    ["20260304", "yesterday", "n/a", "2026-02-30", "31/02/2026 25:61", "2026-03-04 13:05 BST",
     "2026-03-04 25:00", "13/13/2026", "x" * 200, True, None, "2026-03-04 13:05 Mars/Olympus"],
)  # fmt: skip
def test_what_is_no_time_is_none(value: object) -> None:
    """Digits are never a date, a name of several zones is none, and nothing is bent to fit."""
    assert Form().time(value, dt.UTC) is None


def test_a_stray_value_costs_its_row_alone() -> None:
    """One typing error in two hundred neither changes the form nor stops the file."""
    values = [f"{day:02}/06/2026" for day in range(1, 29)] * 8 + ["06/25/2026", "soon"]
    form = infer(values).form()
    assert form.name == "dmy"
    assert [form.time(v, dt.UTC) for v in values[-2:]] == [None, None]
    assert form.time("05/06/2026", dt.UTC) == dt.datetime(2026, 6, 5, tzinfo=dt.UTC)


def test_a_time_without_offset_among_others_is_an_error_of_its_row() -> None:
    """In a column with offsets, a time without one is broken; in one without, it is of the zone."""
    mixed = infer(["2026-03-02T09:00Z"] * 3 + ["2026-03-02T09:00"]).form()
    assert not mixed.is_naive
    assert infer(["2026-03-02T09:00"] * 3).form().is_naive


def _replay(tmp_path: Path, *times: str, **shape: object) -> ReplaySource:
    file = tmp_path / "desk.csv"
    lines = [f"{n},{time},hi" for n, time in enumerate(times)]
    file.write_text("\n".join(["message_id,created_at,text", *lines]))
    return ReplaySource(file, zone=dt.UTC, shape=Shape(**shape))  # type: ignore[arg-type]


def test_a_setting_says_what_the_column_does_not(tmp_path: Path) -> None:
    """`time_format` decides, as a name or as a pattern, and `timezone` gives the zone."""
    with pytest.raises(SourceError, match="--time-format dmy or mdy"):
        _replay(tmp_path, "05/06/2026 01:30")
    words = _replay(tmp_path, "05/06/2026 01:30", time_format="mdy", zone=PARIS)
    assert words.days == [dt.date(2026, 5, 5)]  # in UTC
    digits = _replay(tmp_path, "20260506", "20260507", time_format="%Y%m%d")
    assert digits.days == [dt.date(2026, 5, 6), dt.date(2026, 5, 7)]


def test_the_form_of_an_unknown_time_is_shown_and_not_the_value(tmp_path: Path) -> None:
    """A column that nobody can read is refused with its form, which holds no word of it."""
    with pytest.raises(SourceError, match=r"holds no row .* Its form is 'aa9-aaa'"):
        _replay(tmp_path, "ab3-xyz", "cd4-uvw")


def test_the_settings_know_every_form() -> None:
    """What the setting allows is what the reader can read."""
    assert TIME_FORMATS == FORMS
    assert read("1772629500") == read(1772629500)
