"""Files by the days of a zone: days of 23 and 25 hours, and a setting that names another zone."""

import csv
import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

import fsspec
import pytest

from nlp.jobs.ingest import ingest_day
from nlp.settings import load
from nlp.sources.files import FileSource
from nlp.sources.shape import Shape
from tests.fakes import MemoryStore

_HOUR = dt.timedelta(hours=1)


def write(folder: Path, zone: str, days: list[dt.date]) -> dict[dt.date, int]:
    """Write a file for each day of a zone, with a row for each hour; return their counts."""
    local, counts = ZoneInfo(zone), {}
    for day in days:
        at = dt.datetime.combine(day, dt.time(0, 30), local).astimezone(dt.UTC)
        times = []
        while at.astimezone(local).date() == day:
            times.append(at)
            at += _HOUR
        with (folder / f"{day}.csv").open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["external_id", "created_at", "text"])
            writer.writerows([t.isoformat(), t.isoformat(), f"My card {t}"] for t in times)
        counts[day] = len(times)
    return counts


def ingested(folder: Path, days: list[dt.date], project: str) -> MemoryStore:
    """A store after the days, with the project in a zone."""
    settings = load(hash_key="key", local_dir=folder, timezone=project, _env_file=None)
    source = FileSource(
        "inbox", fs=fsspec.filesystem("file"), pattern=f"{folder}/{{day}}.csv", shape=Shape()
    )
    store = MemoryStore()
    for day in days:
        ingest_day(store, source, day, settings=settings)
    return store


@pytest.mark.parametrize(
    ("zone", "changes", "hours"),
    [
        ("America/New_York", dt.date(2026, 3, 8), 23),
        ("America/New_York", dt.date(2026, 11, 1), 25),
        ("Pacific/Auckland", dt.date(2026, 9, 27), 23),
        ("Pacific/Auckland", dt.date(2026, 4, 5), 25),
        ("Europe/Berlin", dt.date(2026, 3, 29), 23),
    ],
)
def test_days_on_which_the_clocks_change_lose_nothing(
    zone: str, changes: dt.date, hours: int, tmp_path: Path
) -> None:
    """Each row is of the day whose file it is in, on the days before, of and after the change."""
    days = [changes + dt.timedelta(n) for n in (-1, 0, 1)]
    counts = write(tmp_path, zone, days)
    assert counts[changes] == hours
    store = ingested(tmp_path, days, zone)
    assert store.quarantine == []
    for day, n in counts.items():
        assert sum(m.day == m.arrived_on == day for m in store.messages.values()) == n


@pytest.mark.parametrize(
    ("zone", "n_future"),
    [("America/New_York", 5), ("Pacific/Auckland", 0), ("Pacific/Honolulu", 10)],
)
def test_local_days_with_a_utc_setting_are_told(zone: str, n_future: int, tmp_path: Path) -> None:
    """East of UTC all is stored; west of it the rows of the next day name the setting."""
    days = [dt.date(2026, 3, 3)]
    (n,) = write(tmp_path, zone, days).values()
    store = ingested(tmp_path, days, "UTC")
    assert (len(store.messages), len(store.quarantine)) == (n - n_future, n_future)
    assert all(r.reason == "future" for r in store.quarantine)
    assert all("not those of UTC, set TRIAGE_TIMEZONE" in r.detail for r in store.quarantine)
    assert ingested(tmp_path, days, zone).quarantine == []
