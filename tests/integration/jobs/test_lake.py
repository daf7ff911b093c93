"""A real store is exported to a lake by the command, and erased from there."""

import datetime as dt
from pathlib import Path

import pyarrow.dataset as ds
import pytest
from sqlalchemy import text

from nlp.jobs.decide import decide
from nlp.jobs.lake import Lake
from nlp.jobs.replay import run_days
from nlp.records import RawRow
from nlp.settings import Settings
from nlp.states import Channel
from nlp.topics.life import requests as ask
from sql.connect import PostgresStore
from tests.command_line import Triage, one_line, triage  # noqa: F401
from tests.fakes import MemoryEncoder, MemorySource

_DAYS = [dt.date(2026, 3, 2), dt.date(2026, 3, 3)]
_PLACES = ("in London", "on the train", "at a shop", "on monday", "in the park", "at work",
           "after lunch", "this week", "last night", "at home", "by post", "at noon")  # fmt: skip


def _rows(day: dt.date) -> list[RawRow]:
    return [
        RawRow(
            place,
            {
                "external_id": f"{subject}-{day}-{n}",
                "created_at": f"{day}T10:00:00Z",
                "text": f"There is a problem with my {subject} {place} {day.day}",
                "customer_id": f"customer-{n}",
            },
        )
        for subject in ("card", "refund")
        for n, place in enumerate(_PLACES)
    ]


@pytest.fixture
def run(
    triage: Triage,  # noqa: F811
    store: PostgresStore,
    settings: Settings,
    tmp_path: Path,
) -> Triage:
    """The command line on a store with two discovered days, and a lake."""
    source = MemorySource("inbox", {day: _rows(day) for day in _DAYS})
    encoder = MemoryEncoder(("card", "refund"))
    run_days(store, encoder, _DAYS, sources=[source], settings=settings)
    assert settings.database_url is not None
    triage.monkeypatch.setenv("TRIAGE_DATABASE_URL", settings.database_url.get_secret_value())
    triage.monkeypatch.setenv("TRIAGE_HASH_KEY", settings.customer_key().decode())
    triage.monkeypatch.setenv("TRIAGE_LAKE_URL", str(tmp_path / "lake"))
    return triage


def test_days_are_exported_as_the_views_count_them_and_erased(
    run: Triage, store: PostgresStore, tmp_path: Path
) -> None:
    """Counts by theme are those of the view; again gives the same bytes; an erasure reaches all."""
    first, last = map(str, _DAYS)
    assert run("export", first, "--through", last).out.count("messages=24") == 2
    lake = Lake.at(str(tmp_path / "lake"))
    table = lake.read("messages", _DAYS[0]).to_pandas()
    with store.engine.connect() as connection:
        query = text(
            "SELECT topic_id, count(*) FROM triage.message_topics WHERE arrived_on = :d GROUP BY 1"
        )
        counts = {row[0]: row[1] for row in connection.execute(query, {"d": _DAYS[0]})}
    assert len(counts) == 2
    assert table.groupby("topic_id").size().to_dict() == counts
    files = sorted((tmp_path / "lake").rglob("*.parquet"))
    before = [file.read_bytes() for file in files]
    assert len(files) == 6
    assert run("export", first, "--through", last).code == 0
    assert [file.read_bytes() for file in files] == before
    rehearsed = run("erase", "--customer", "customer-3", "--rehearse")
    assert "In the lake" not in rehearsed.out
    erased = run("erase", "--customer", "customer-3")
    assert "In the lake: 4 rows" in erased.out
    left = ds.dataset(tmp_path / "lake" / "messages", partitioning="hive").to_table()
    assert left.num_rows == 44
    assert not any("on monday" in value for value in left["text"].to_pylist())
    again = run("erase", "--customer", "customer-3")
    assert "In the lake: 0 rows" in again.out


def test_a_merge_is_followed_and_a_lake_that_fails_is_said(
    run: Triage, store: PostgresStore, tmp_path: Path
) -> None:
    """A merged theme has one id; a lake that cannot be used ends the command with a sentence."""
    with store.engine.connect() as connection:
        ids = list(
            connection.execute(text("SELECT topic_id FROM triage.topics ORDER BY 1")).scalars()
        )
    with store.deciding() as one:
        decide(one, ask.Merge(ids[1], ids[0]), actor="maria", channel=Channel.PAGE)
    assert run("export", str(_DAYS[1])).code == 0
    lake = Lake.at(str(tmp_path / "lake"))
    assert set(lake.read("messages", _DAYS[1])["topic_id"].to_pylist()) == {ids[0]}
    run.monkeypatch.setenv("TRIAGE_LAKE_URL", "nowhere://bucket")
    assert "no installed package can open nowhere://" in one_line(run("export", str(_DAYS[1])))
    (tmp_path / "file").write_text("")
    run.monkeypatch.setenv("TRIAGE_LAKE_URL", str(tmp_path / "file"))
    assert "cannot be used" in one_line(run("export", str(_DAYS[1])))
    run.monkeypatch.delenv("TRIAGE_LAKE_URL")
    assert "TRIAGE_LAKE_URL is not set" in one_line(run("export", str(_DAYS[1])))
