"""`nlp.sources.layout`: which files are those of a day, however a store is laid out."""

import datetime as dt
import json
from pathlib import Path

import fsspec
import pytest

from nlp.errors import SettingError, SourceError
from nlp.sources.files import FileSource
from nlp.sources.layout import pattern_of

DAY = dt.date(2026, 3, 2)


@pytest.mark.parametrize(
    ("pattern", "filled"),
    [
        ("inbox/{day}.csv", "inbox/2026-03-02.csv"),
        ("logs/{day:%Y/%m/%d}/*", "logs/2026/03/02/*"),
        ("logs/{year}/{month}/{day}/{hour}/*", "logs/2026/03/02/*/*"),
        ("desk/dt={day}/*.parquet", "desk/dt=2026-03-02/*.parquet"),
        ("desk/year={year}/month={month:%-m}/day={day:%-d}/*", "desk/year=2026/month=3/day=2/*"),
        ("all.csv", "all.csv"),
    ],
)
def test_the_day_is_filled_in(pattern: str, filled: str) -> None:
    """The ISO date, another form of it, or its parts as folders."""
    assert pattern_of(pattern, DAY) == filled


@pytest.mark.parametrize("pattern", ["{date}.csv", "{}.csv", "{Day}/x{week}.csv"])
def test_an_unknown_field_names_those_that_are_known(pattern: str) -> None:
    """A field that means nothing is an error of the setting, before any store is asked."""
    with pytest.raises(SettingError, match=r"means nothing. Allowed are \{day\}, \{year\}"):
        pattern_of(pattern, DAY)


@pytest.mark.parametrize(
    ("folder", "pattern"),
    [
        ("team [eu]", "team [eu]/{day}.jsonl"),
        ("a [1] (b) {x}".replace("{x}", "x"), "a [1] (b) x/{day}.jsonl"),
        ("t1", "t[0-9]/{day}.jsonl"),
    ],
)
def test_brackets_are_wildcards_or_part_of_a_name(
    tmp_path: Path, folder: str, pattern: str
) -> None:
    """A folder whose name has brackets is found; a set of characters stays a wildcard."""
    (tmp_path / folder).mkdir()
    row = {"external_id": "1", "created_at": "2026-03-02T09:00:00Z", "text": "hi"}
    (tmp_path / folder / "2026-03-02.jsonl").write_text(json.dumps(row))
    fs = fsspec.filesystem("file")
    source = FileSource("inbox", fs=fs, pattern=f"{tmp_path}/{pattern}")
    assert [r.fields["text"] for r in source.pull(DAY)] == ["hi"]


def _pull(tmp_path: Path, *contents: str) -> list[dt.datetime]:
    for n, content in enumerate(contents):
        head = "external_id,created_at,text\n" if content else ""
        (tmp_path / f"2026-03-02-{n}.csv").write_text(head + content)
    fs = fsspec.filesystem("file")
    source = FileSource("inbox", fs=fs, pattern=f"{tmp_path}/{{day}}-*.csv")
    return [row.fields["created_at"] for row in source.pull(DAY)]


def test_all_files_of_a_day_tell_the_form_of_its_times(tmp_path: Path) -> None:
    """A part whose dates can be either is read as the part whose dates cannot."""
    times = _pull(tmp_path, "1,05/02/2026,a\n", "2,25/02/2026,b\n", "")
    assert [f"{time:%m-%d}" for time in times] == ["02-05", "02-25"]


def test_a_day_whose_times_are_not_certain_is_refused(tmp_path: Path) -> None:
    """The source is named with both readings and the remedy."""
    with pytest.raises(SourceError, match=r"'inbox': .*5 February 2026 \(dmy\).*time_format"):
        _pull(tmp_path, "1,05/02/2026,a\n")
