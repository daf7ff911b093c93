"""`nlp.sources.replay`."""

import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from nlp.errors import SourceError
from nlp.sources.replay import ReplaySource


def replay(tmp_path: Path, *rows: str, zone: dt.tzinfo = dt.UTC) -> ReplaySource:
    """A source of a CSV file with these rows."""
    file = tmp_path / "messages.csv"
    file.write_text("\n".join(["message_id,created_at,text", *rows, ""]), encoding="utf-8")
    return ReplaySource(file, zone=zone)


def ids(source: ReplaySource, day: dt.date) -> list[str]:
    return [row.fields.get("external_id", row.problem) for row in source.pull(day)]


def test_rows_come_by_their_day_in_file_order(tmp_path: Path) -> None:
    """A file in any order is replayed day by day, including days without messages."""
    source = replay(
        tmp_path,
        "b,2026-03-04T10:00:00Z,x",
        "a,2026-03-02T23:30:00Z,x",
        "c,2026-03-02T09:00:00+00:00,x",
    )
    assert source.name == "messages"
    assert source.days == [dt.date(2026, 3, d) for d in (2, 3, 4)]
    assert [ids(source, day) for day in source.days] == [["a", "c"], [], ["b"]]
    assert ids(source, source.days[0]) == ["a", "c"]
    assert next(source.pull(source.days[0])).position == "messages.csv, row 2"


def test_days_are_those_of_the_zone(tmp_path: Path) -> None:
    """A time without an offset is read in the project's zone; others are converted to it."""
    zone = ZoneInfo("Europe/Paris")
    source = replay(tmp_path, "a,2026-03-02,x", "b,2026-03-02T23:30:00Z,x", zone=zone)
    assert [ids(source, day) for day in source.days] == [["a"], ["b"]]
    assert next(source.pull(source.days[0])).fields["created_at"].utcoffset() == dt.timedelta(
        hours=1
    )


def test_rows_without_a_day_come_first_and_none_is_lost(tmp_path: Path) -> None:
    """Broken rows, invalid dates and dates of another century are delivered on the first day."""
    source = replay(
        tmp_path,
        "a,2026-03-02T10:00:00Z,x",
        "b,yesterday,x",
        "c,2999-01-01T00:00:00Z,x",
        "d,0001-01-01T00:00:00Z,x",
        "e,9999-12-31T23:59:59-12:00,x",
        "too,few",
        "f,2026-03-03T10:00:00Z,x",
    )
    assert source.days == [dt.date(2026, 3, 2), dt.date(2026, 3, 3)]
    assert sorted(ids(source, source.days[0])) == ["a", "b", "c", "d", "e", "too"]
    assert ids(source, source.days[1]) == ["f"]


def test_columns_may_have_other_names(tmp_path: Path) -> None:
    """A mapping names the id, the time and the text of a public data set."""
    file = tmp_path / "set.csv"
    file.write_text("complaint_id,date_received,text\n7,2023-01-01,x\n")
    columns = {"external_id": "complaint_id", "created_at": "date_received"}
    source = ReplaySource(file, zone=dt.UTC, columns=columns)
    assert ids(source, dt.date(2023, 1, 1)) == ["7"]


def test_a_file_that_holds_nothing_says_so(tmp_path: Path) -> None:
    """The error names a missing file, and a file without any date."""
    with pytest.raises(SourceError, match=r"none\.csv cannot be read: No such file"):
        ReplaySource(tmp_path / "none.csv", zone=dt.UTC)
    with pytest.raises(SourceError, match=r"messages\.csv holds no row with a created_at"):
        replay(tmp_path, "a,never,x")
