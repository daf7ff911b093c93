"""Export finished days to a lake of Parquet files, and erase from them.

A table is a folder, a day is a folder `day=2026-03-29` in it with one file, as Hive, Spark, Trino
and DuckDB read them. The file is written under a hidden name first and then put in its place, so
that a reader sees the old day or the new one; writing a day again replaces it whole.
"""

import datetime as dt
import uuid
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from nlp.errors import LakeError, SettingError
from nlp.records import Target

TABLES: dict[str, dict[str, str]] = {
    "messages": {
        "message_id": "string", "source": "string", "external_id": "string",
        "created_at": "timestamp[us, UTC]", "customer_hash": "string", "channel": "string",
        "language": "string", "passage": "int32", "text": "string", "topic_id": "int64",
        "strength": "float", "intent": "string", "intent_probability": "float",
        "intent_abstained": "bool", "model_version": "string",
    },
    "topics": {
        "topic_id": "int64", "label": "string", "keywords": "list<string>", "status": "string",
        "born_on": "date32", "last_on": "date32", "area_id": "int64", "n_window": "int32",
    },
    "topic_days": {
        "topic_id": "int64", "n_messages": "int32", "n_customers": "int32", "expected": "float",
        "upper": "float", "p_value": "double", "status": "string",
    },
}  # fmt: skip
"""Each table, and the types of its columns; `day` is the folder. `messages` has a row for each
message and theme: one without a theme has one row. `topics` are as known at the end of the day."""
_FILE = "part-0.parquet"

Rows = Callable[[str, dt.date], Iterable[Sequence[Any]]]
"""The rows of a table on a day, in the order of its columns."""


@dataclass(frozen=True, slots=True)
class Lake:
    """A folder on any store that fsspec supports."""

    fs: Any
    """The fsspec file system."""
    root: str

    @classmethod
    def at(cls, url: str) -> "Lake":
        """Open the lake of a URL. Raises SettingError where no installed package can."""
        from fsspec.core import url_to_fs

        try:
            return cls(*url_to_fs(url))
        except (ImportError, ValueError) as error:
            raise unknown_scheme(url) from error

    def days(self, table: str) -> list[dt.date]:
        """Return the days that are exported. Raises LakeError where the store cannot be read."""
        self._reach()
        paths = self._tried(lambda: self.fs.glob(f"{self.root}/{table}/day=*/{_FILE}"))
        return sorted(dt.date.fromisoformat(p.split("/")[-2][4:]) for p in paths)

    def read(self, table: str, day: dt.date) -> Any:
        """Return the `pyarrow.Table` of a day."""
        import pyarrow.parquet as pq

        def read() -> Any:
            with self.fs.open(self._path(table, day), "rb") as file:
                return pq.ParquetFile(file).read()

        return self._tried(read)

    def write(self, table: str, day: dt.date, rows: Any) -> None:
        """Replace a day of a table by a `pyarrow.Table`. Raises LakeError."""
        import pyarrow.parquet as pq

        self._reach()
        path = self._path(table, day)
        folder = path.rpartition("/")[0]
        hidden = f"{folder}/.{uuid.uuid4().hex}"

        def write() -> None:
            self.fs.makedirs(folder, exist_ok=True)
            with self.fs.open(hidden, "wb") as file:
                pq.write_table(rows, file, compression="zstd")
            self.fs.mv(hidden, path)
            for left in self.fs.ls(folder, detail=False):
                if left.rpartition("/")[2] != _FILE:  # of a run that was killed
                    self.fs.rm(left)

        self._tried(write)

    def _reach(self) -> None:
        """A listing that the file system remembers would hide what others wrote."""
        self.fs.invalidate_cache()

    def _path(self, table: str, day: dt.date) -> str:
        return f"{self.root}/{table}/day={day}/{_FILE}"

    def _tried(self, action: Callable[[], Any]) -> Any:
        try:
            return action()
        except (OSError, ImportError, ValueError) as error:
            raise LakeError(
                f"TRIAGE_LAKE_URL: {self.fs.unstrip_protocol(self.root)} cannot be used: "
                f"{error.strerror if isinstance(error, OSError) and error.strerror else error}. "
                "Give the job the right to list, read, write and delete there, or unset it"
            ) from error


def unknown_scheme(url: str) -> SettingError:
    """Return the error for a URL that no installed package can open; the URL may hold a secret."""
    return SettingError(
        f"TRIAGE_LAKE_URL: no installed package can open {url.partition('://')[0]}://. Install its "
        "fsspec implementation, such as s3fs, gcsfs or adlfs, or its Airflow provider"
    )


def export_day(lake: Lake, day: dt.date, rows: Rows) -> dict[str, int]:
    """Replace a day of every table; return the rows of each. Raises LakeError."""
    counts = {}
    for table in TABLES:
        arrow = _arrow(table, rows(table, day))
        lake.write(table, day, arrow)
        counts[table] = arrow.num_rows
    return counts


def erase_from(lake: Lake, target: Target, message_ids: Collection[str], rows: Rows) -> int:
    """Delete a customer or messages from all days of the lake; return how many rows.

    Labels and keywords are written again, as an erasure may have blanked them. Raises LakeError.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    n = 0
    for day in lake.days("messages"):
        table = lake.read("messages", day)
        ids = pa.array(list(message_ids), pa.string())
        gone = pc.is_in(table["message_id"], value_set=ids)
        if target.customer_hash is not None:
            own = pc.fill_null(pc.equal(table["customer_hash"], target.customer_hash), False)
            gone = pc.or_(gone, own)
        if hits := pc.sum(gone).as_py():
            lake.write("messages", day, table.filter(pc.invert(gone)))
            n += hits
    for day in lake.days("topics"):
        if table_rows := list(rows("topics", day)):
            lake.write("topics", day, _arrow("topics", table_rows))
    return n


def _arrow(table: str, rows: Iterable[Sequence[Any]]) -> Any:
    """Rows as a `pyarrow.Table` of the types of the table."""
    import pyarrow as pa

    schema = pa.schema([(name, _type(kind)) for name, kind in TABLES[table].items()])
    columns = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in schema]
    arrays = [pa.array(c, field.type) for c, field in zip(columns, schema, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)


def _type(kind: str) -> Any:
    import pyarrow as pa

    special = {
        "timestamp[us, UTC]": pa.timestamp("us", tz="UTC"),
        "list<string>": pa.list_(pa.string()),
    }
    return special.get(kind) or pa.type_for_alias(kind)
