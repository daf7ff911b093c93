"""Rows of an Iceberg table: those of a day, as its newest snapshot has them."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from nlp.errors import SourceError, TransientError
from nlp.records import RawRow
from nlp.settings import IcebergSource as IcebergSetting
from nlp.settings import Settings
from nlp.sources.dated import streamed
from nlp.sources.limits import Limits
from nlp.sources.parquet_rows import Batch
from nlp.sources.shape import Shape

_METADATA = ".metadata.json"


class IcebergSource:
    """The rows of a day by the column of their time, which must be a timestamp or a date.

    `table` is the address of a metadata file, of the table's folder, or `catalog.namespace.table`
    of a catalog that pyiceberg's own settings name. A time without a zone is of the shape's.
    """

    def __init__(
        self, name: str, *, table: str, zone: dt.tzinfo, shape: Shape, whole_days: bool = False
    ) -> None:
        self.name = name
        self.table = table
        self.zone = zone
        self.shape = shape
        self.whole_days = whole_days

    def pull(self, day: dt.date) -> Iterator[RawRow]:
        """See `nlp.ports.Source`. A store that does not answer is a TransientError."""
        name = f"Source {self.name!r}"
        yield from streamed(self._rows(day), shape=self.shape, name=name, what=self.table)

    def _rows(self, day: dt.date) -> Iterator[RawRow]:
        import pyarrow as pa

        n = 0
        try:
            table = self._open()
            header = [field.name for field in table.schema().fields]
            at = self.shape.reading.bind(header, self.table)
            time = header[at["created_at"][0][0]]
            wanted = sorted({i for ways in at.values() for way in ways for i in way})
            scan = table.scan(
                row_filter=self._of_day(table.schema().find_field(time), day),
                selected_fields=tuple(header[i] for i in wanted),
            )
            for batch in scan.to_arrow_batch_reader():
                for fields, problem in _fields(batch, header, wanted, at, self.shape.limits):
                    n += 1
                    yield RawRow(f"{self.table.rsplit('/', 1)[-1]}, row {n}", fields, problem)
        except (OSError, pa.ArrowException) as error:
            raise TransientError(
                f"Source {self.name!r}: {self.table} cannot be read after row {n} "
                f"({type(error).__name__})"
            ) from error

    def _open(self) -> Any:
        from pyiceberg.catalog import load_catalog
        from pyiceberg.exceptions import NoSuchIcebergTableError, NoSuchTableError
        from pyiceberg.table import StaticTable

        try:
            if "/" in self.table:
                return StaticTable.from_metadata(self._metadata())
            catalog, _, name = self.table.partition(".")
            return load_catalog(catalog).load_table(name)
        except (FileNotFoundError, NoSuchTableError, NoSuchIcebergTableError, ValueError) as error:
            raise SourceError(
                f"Source {self.name!r}: there is no Iceberg table {self.table}. Correct `table` in "
                "TRIAGE_SOURCES: the address of its metadata file or folder, or "
                "catalog.namespace.table with the catalog in PYICEBERG_CATALOG__…"
            ) from error

    def _metadata(self) -> str:
        """Return the address of the newest metadata: their names begin with their number."""
        from fsspec.core import url_to_fs

        if self.table.endswith(".json"):
            return self.table
        fs, path = url_to_fs(self.table)
        found = fs.glob(f"{path.rstrip('/')}/metadata/*{_METADATA}")
        if not found:
            raise FileNotFoundError(self.table)
        newest = max(found, key=lambda p: (_number(p), p))
        return str(fs.unstrip_protocol(newest))

    def _of_day(self, field: Any, day: dt.date) -> Any:
        from pyiceberg.expressions import And, EqualTo, GreaterThanOrEqual, LessThan
        from pyiceberg.types import DateType, TimestampType, TimestamptzType

        if isinstance(field.field_type, DateType):
            return EqualTo(field.name, day.isoformat())
        zone = self.shape.zone or self.zone
        bounds = [dt.datetime.combine(day + dt.timedelta(n), dt.time(), self.zone) for n in (0, 1)]
        if isinstance(field.field_type, TimestampType):
            bounds = [bound.astimezone(zone).replace(tzinfo=None) for bound in bounds]
        elif not isinstance(field.field_type, TimestamptzType):
            raise SourceError(
                f"Source {self.name!r}: column {field.name} of {self.table} is {field.field_type}, "
                "so a day cannot be asked for. Map `created_at` to a timestamp under `columns`"
            )
        first, last = (bound.isoformat() for bound in bounds)
        return And(GreaterThanOrEqual(field.name, first), LessThan(field.name, last))


def iceberg_source(name: str, setting: IcebergSetting, settings: Settings) -> IcebergSource:
    """Return the source of a setting."""
    return IcebergSource(
        name,
        table=setting.table,
        zone=settings.zone,
        shape=Shape.of(setting, settings),
        whole_days=setting.whole_days,
    )


def _fields(
    batch: Any, header: list[str], wanted: list[int], at: Any, limits: Limits
) -> Iterator[tuple[dict[str, Any], str | None]]:
    """Yield the fields of a batch, a few rows at a time."""
    for start in range(0, batch.num_rows, 500):
        yield from Batch(batch.slice(start, 500), header, wanted, limits).rows(at)


def _number(path: str) -> int:
    digits = path.rsplit("/", 1)[-1].lstrip("v").split("-")[0].split(".")[0]
    return int(digits) if digits.isdigit() else -1
