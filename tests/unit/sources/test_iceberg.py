"""`nlp.sources.iceberg`: the rows of a day of a table that the test writes."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from nlp.errors import SourceError
from nlp.jobs.ingest import ingest_day
from nlp.settings import IcebergSource as Setting
from nlp.settings import Settings, load
from nlp.sources.iceberg import IcebergSource, iceberg_source
from tests.fakes import MemoryStore

DAY = dt.date(2026, 3, 2)
_TIMES = ("2026-03-01T23:59:59.999999", "2026-03-02T00:00:00", "2026-03-02T23:30:00",
          "2026-03-03T00:00:00")  # fmt: skip


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A catalog in memory whose tables lie in a folder."""
    from pyiceberg.catalog.memory import InMemoryCatalog

    opened = InMemoryCatalog("desk", warehouse=f"file://{tmp_path_factory.mktemp('lake')}")
    opened.create_namespace("desk")
    yield opened
    opened.engine.dispose()


def table(catalog: Any, name: str, times: pa.Array) -> Any:
    """A table with a row for each of the times."""
    n = range(len(times))
    rows = pa.table({
        "ticket": pa.array([10**12 + i for i in n]), "opened": times,
        "body": [f"My card {i} is lost" for i in n], "unused": [b"\xff" for _ in n],
        "plan": ["Pro" if i % 2 else None for i in n],
    })  # fmt: skip
    result = catalog.create_table(f"desk.{name}", schema=rows.schema)
    result.append(rows)
    return result


def aware(zone: str | None = "UTC") -> pa.Array:
    """The times with an offset, or without."""
    times = [dt.datetime.fromisoformat(t) for t in _TIMES]
    return pa.array(
        [t.replace(tzinfo=dt.UTC) for t in times] if zone else times, pa.timestamp("us", zone)
    )


_COLUMNS = {"external_id": "ticket", "created_at": "opened", "text": "body"}


def source(address: str, settings: Settings, **more: Any) -> IcebergSource:
    """The source as a setting makes it."""
    own = {"columns": _COLUMNS, "attributes": ("plan",)} | more
    return iceberg_source("lake", Setting(kind="iceberg", table=address, **own), settings)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of a store in memory."""
    return load(hash_key="key", local_dir=tmp_path, _env_file=None)


def held(made: IcebergSource, settings: Settings, day: dt.date = DAY) -> dict[str, str]:
    """The texts that a day gives, by id."""
    store = MemoryStore()
    report = ingest_day(store, made, day, settings=settings)
    assert report.counts["n_stored"] == report.counts["n_pulled"]
    return {m.external_id[-1]: m.text for m in store.messages.values()}


def test_a_day_is_read_by_metadata_or_folder(catalog: Any, settings: Settings) -> None:
    """The first moment of a day is in it, the last of the eve and the first of the next are not."""
    made = table(catalog, "tickets", aware())
    folder = made.location()
    for address in (made.metadata_location, folder, folder.removeprefix("file://")):
        result = held(source(address, settings), settings)
        assert result == {"1": "My card 1 is lost", "2": "My card 2 is lost"}
    rows = list(source(folder, settings).pull(DAY))
    assert [r.position for r in rows] == ["tickets, row 1", "tickets, row 2"]
    assert rows[0].fields["attributes"] == {"plan": "Pro"}
    assert "unused" not in rows[0].fields


def test_the_newest_snapshot_counts(catalog: Any, settings: Settings) -> None:
    """A row that is deleted in the table goes where the source delivers whole days."""
    made = table(catalog, "edited", aware())
    store, whole = MemoryStore(), source(made.location(), settings, whole_days=True)
    ingest_day(store, whole, DAY, settings=settings)
    made.delete(f"ticket = {10**12 + 1}")
    willing = settings.model_copy(update={"max_gone_share": 0.5})
    counts = ingest_day(store, whole, DAY, settings=willing).counts
    assert (counts["n_gone"], counts["n_known"]) == (1, 1)


@pytest.mark.parametrize(
    ("zone", "project", "own"),
    [("UTC", "America/New_York", None), (None, "America/New_York", None),
     (None, "UTC", "America/New_York")],
)  # fmt: skip
def test_days_are_those_of_the_project(
    catalog: Any, tmp_path: Path, zone: str | None, project: str, own: str | None
) -> None:
    """Bounds are midnights of the project; naive times are of the source's, else of it."""
    settings = load(hash_key="key", local_dir=tmp_path, timezone=project, _env_file=None)
    made = table(catalog, f"zoned_{zone}_{project}_{own}".replace("/", "_"), aware(zone))
    more = {"timezone": own} if own else {}
    store = MemoryStore()
    ingest_day(store, source(made.location(), settings, **more), DAY, settings=settings)
    local = ZoneInfo(own or ("UTC" if zone else project))
    times = [dt.datetime.fromisoformat(t).replace(tzinfo=local) for t in _TIMES]
    ours = {t for t in times if t.astimezone(ZoneInfo(project)).date() == DAY}
    assert ours
    assert {m.created_at for m in store.messages.values()} == ours


def test_what_cannot_be_read_says_why(catalog: Any, settings: Settings, tmp_path: Path) -> None:
    """No table, no catalog, no such column, a time that is text: the line names the setting."""
    texts = table(catalog, "texts", pa.array(_TIMES))
    cases = {
        f"{tmp_path}/nothing": "no Iceberg table.*metadata file or folder",
        f"{tmp_path}/none.metadata.json": "no Iceberg table",
        "nowhere.desk.tickets": "no Iceberg table nowhere.*PYICEBERG_CATALOG__",
        texts.location(): "column opened.*is string.*Map `created_at`",
    }
    for address, words in cases.items():
        with pytest.raises(SourceError, match=f"'lake'.*{words}"):
            list(source(address, settings).pull(DAY))
    lacking = source(texts.location(), settings, columns=_COLUMNS | {"text": "words"})
    with pytest.raises(SourceError, match="words"):
        list(lacking.pull(DAY))
