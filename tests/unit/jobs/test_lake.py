"""The lake: whole days as Parquet files on any store, what cannot be written, what is erased."""

import datetime as dt
import os
import uuid
from pathlib import Path
from typing import Any

import pyarrow.dataset as ds
import pytest

from nlp.errors import LakeError, SettingError
from nlp.jobs.lake import TABLES, Lake, erase_from, export_day
from nlp.records import Target
from nlp.states import Subject

_DAY = dt.date(2026, 3, 2)
_NEXT = _DAY + dt.timedelta(1)
_AT = dt.datetime(2026, 3, 2, 10, tzinfo=dt.UTC)


def _message(name: str, *, customer: str | None = "c1", topic: int | None = 7) -> tuple[Any, ...]:
    return (name, "inbox", f"x-{name}", _AT, customer, None, "en", 1, "My card", topic, 0.75,
            "card_lost", 0.5, False, None)  # fmt: skip


class _Rows:
    """The rows of a store, as a test changes them."""

    def __init__(self) -> None:
        self.of: dict[str, list[tuple[Any, ...]]] = {
            "messages": [_message("a"), _message("b", customer="c2"), _message("n", customer=None)],
            "topics": [(7, "Cards", ["card", "pin"], "active", _DAY, None, None, 3)],
            "topic_days": [(7, 3, 2, None, None, None, "new")],
        }

    def __call__(self, table: str, day: dt.date) -> list[tuple[Any, ...]]:
        return self.of[table]


@pytest.fixture(params=["local", "memory"])
def lake(request: pytest.FixtureRequest, tmp_path: Path) -> Lake:
    """An empty lake in a folder that does not exist yet, and one on a store in memory."""
    at = tmp_path / "a" / "lake" if request.param == "local" else f"memory://{uuid.uuid4().hex}"
    return Lake.at(str(at))


def _ids(lake: Lake, day: dt.date = _DAY) -> list[str]:
    return lake.read("messages", day)["message_id"].to_pylist()


def test_a_day_is_one_file_a_table_with_the_named_columns(lake: Lake) -> None:
    """What was given comes back, with nulls and lists; the types do not depend on the values."""
    assert export_day(lake, _DAY, _Rows()) == {"messages": 3, "topics": 1, "topic_days": 1}
    for table, columns in TABLES.items():
        assert lake.read(table, _DAY).column_names == list(columns)
        assert lake.days(table) == [_DAY]
    (topic,) = lake.read("topics", _DAY).to_pylist()
    assert (topic["keywords"], topic["born_on"], topic["area_id"]) == (["card", "pin"], _DAY, None)
    first = lake.read("messages", _DAY).to_pylist()[0]
    assert (first["created_at"], first["strength"], first["channel"]) == (_AT, 0.75, None)
    empty = _Rows()
    empty.of = {table: [] for table in TABLES}
    export_day(lake, _NEXT, empty)
    assert lake.read("topics", _NEXT).schema == lake.read("topics", _DAY).schema


def test_a_day_that_is_written_again_replaces_the_old_one_whole(lake: Lake) -> None:
    """Nothing of the first time is left, and no file but the one that readers expect."""
    rows = _Rows()
    export_day(lake, _DAY, rows)
    folder = f"{lake.root}/messages/day={_DAY}"
    with lake.fs.open(f"{folder}/.left-by-a-kill", "wb") as file:
        file.write(b"half a file")
    rows.of["messages"] = [_message("z")]
    export_day(lake, _DAY, rows)
    assert _ids(lake) == ["z"]
    assert [p.rpartition("/")[2] for p in lake.fs.ls(folder, detail=False)] == ["part-0.parquet"]


def test_a_kill_while_a_day_is_written_leaves_the_old_day(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Readers see the old file until the new one is complete, and never a hidden one."""
    rows = _Rows()
    export_day(lake, _DAY, rows)
    rows.of["messages"] = [_message("z")]
    with monkeypatch.context() as patch:
        patch.setattr(type(lake.fs), "mv", _killed)
        with pytest.raises(KeyboardInterrupt):
            export_day(lake, _DAY, rows)
    assert _ids(lake) == ["a", "b", "n"]
    seen = ds.dataset(f"{lake.root}/messages", filesystem=lake.fs, partitioning="hive")
    assert seen.count_rows() == 3
    export_day(lake, _DAY, rows)
    assert _ids(lake) == ["z"]


def _killed(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_readers_of_hive_partitions_see_the_day_as_a_column(lake: Lake) -> None:
    """A scan over all days knows the day of each row, and can skip the other days."""
    export_day(lake, _DAY, _Rows())
    export_day(lake, _NEXT, _Rows())
    kind = ds.partitioning(flavor="hive")
    table = ds.dataset(f"{lake.root}/topic_days", filesystem=lake.fs, partitioning=kind).to_table()
    assert sorted(table["day"].to_pylist()) == [str(_DAY), str(_NEXT)]
    assert [c for c in table.column_names if c != "day"] == list(TABLES["topic_days"])


def test_a_customer_leaves_every_day_and_others_stay(lake: Lake) -> None:
    """Rows go by the hash of the customer, also of days that the database has no more."""
    for day in (_DAY, _NEXT):
        export_day(lake, day, _Rows())
    target = Target(Subject.CUSTOMER, customer_hash="c1")
    blanked = _Rows()
    blanked.of["topics"] = [(7, "Topic 7", [], "active", _DAY, None, None, 2)]
    assert erase_from(lake, target, set(), blanked) == 2
    assert [_ids(lake, day) for day in (_DAY, _NEXT)] == [["b", "n"]] * 2
    assert lake.read("topics", _NEXT)["label"].to_pylist() == ["Topic 7"]
    assert erase_from(lake, target, set(), blanked) == 0


def test_a_message_leaves_by_its_id_with_all_its_themes(lake: Lake) -> None:
    """Each row of the message goes; topics that the database has no more stay as they are."""
    rows = _Rows()
    rows.of["messages"] += [_message("n", customer=None, topic=8)]
    export_day(lake, _DAY, rows)
    rows.of["topics"] = []
    assert erase_from(lake, Target(Subject.MESSAGE), {"n"}, rows) == 2
    assert _ids(lake) == ["a", "b"]
    assert lake.read("topics", _DAY)["label"].to_pylist() == ["Cards"]


def test_a_lake_without_write_access_says_where_and_what_to_do(tmp_path: Path) -> None:
    """A file where the folder should be stands for any refusal: even root cannot write there."""
    (tmp_path / "lake").write_text("")
    with pytest.raises(LakeError, match=r"TRIAGE_LAKE_URL: .*lake cannot be used: .*the right to"):
        export_day(Lake.at(str(tmp_path / "lake")), _DAY, _Rows())


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_is_named(tmp_path: Path) -> None:
    """The rights of the folder are the reason that is given."""
    tmp_path.chmod(0o500)
    with pytest.raises(LakeError, match="Permission denied"):
        export_day(Lake.at(str(tmp_path / "lake")), _DAY, _Rows())


def test_a_damaged_file_is_no_python_error(lake: Lake) -> None:
    """What somebody else put there is refused as the lake's, with the remedy."""
    export_day(lake, _DAY, _Rows())
    with lake.fs.open(f"{lake.root}/messages/day={_DAY}/part-0.parquet", "wb") as file:
        file.write(b"no parquet")
    with pytest.raises(LakeError, match="cannot be used"):
        lake.read("messages", _DAY)


@pytest.mark.parametrize("url", ["nowhere://bucket/x", "s4://secret-key@bucket/x"])
def test_a_scheme_that_nothing_can_open_is_named_without_the_rest(url: str) -> None:
    """The URL may hold a secret; the scheme and what to install are enough."""
    with pytest.raises(SettingError, match=r"open (nowhere|s4)://\. Install") as raised:
        Lake.at(url)
    assert "bucket" not in str(raised.value)
