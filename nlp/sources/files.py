"""Rows of CSV, JSON Lines and Parquet files, plain or gzip, on any store that fsspec reaches.

What is wrong with one row is said on that row; what makes a whole file unreadable is an error
with the file's name and the position.
"""

import csv
import datetime as dt
import gzip
import io
import json
import sys
import zlib
from collections.abc import Iterator, Mapping
from typing import Any

from nlp.errors import SourceError, SourceMissingError
from nlp.records import RawRow

REQUIRED = ("external_id", "created_at", "text")


class FileSource:
    """The files of a day: `pattern` is a path of `fs` with `{day}` and wildcards.

    `columns` maps a column of the contract to the file's own name for it. Columns that the
    contract does not know are left unread.
    """

    def __init__(
        self, name: str, *, fs: Any, pattern: str, columns: Mapping[str, str] | None = None
    ) -> None:
        self.name = name
        self.fs = fs
        self.pattern = pattern
        self.columns = dict(columns or {})

    def pull(self, day: dt.date) -> Iterator[RawRow]:
        """See `nlp.ports.Source`."""
        pattern = self.pattern.replace("{day}", day.isoformat())
        paths = sorted(p for p in self.fs.glob(pattern) if not self.fs.isdir(p))
        if not paths:
            raise SourceMissingError(
                f"Source {self.name!r} has no file {pattern}. Deliver it, or correct TRIAGE_SOURCES"
            )
        for path in paths:
            with self.fs.open(path, "rb") as file:
                yield from read_rows(file, name=path.rsplit("/", 1)[-1], columns=self.columns)


def read_rows(file: Any, *, name: str, columns: Mapping[str, str]) -> Iterator[RawRow]:
    """Yield the rows of one open binary file; its name says the format.

    Raises SourceError where the file as a whole cannot be read.
    """
    stem = name.lower().removesuffix(".gz")
    stream = gzip.GzipFile(fileobj=file) if name.lower().endswith(".gz") else file
    own_name = {field: columns.get(field, field) for field in _FIELDS}
    readers = {"csv": _csv, "jsonl": _json_lines, "ndjson": _json_lines, "parquet": _parquet}
    reader = readers.get(stem.rsplit(".", 1)[-1])
    if reader is None:
        raise SourceError(f"{name}: not one of .csv, .jsonl, .parquet (each also .gz)")
    n = 0
    try:
        for n, (fields, problem) in enumerate(reader(stream, name, own_name), 1):
            yield RawRow(f"{name}, row {n}", fields, problem)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise SourceError(
            f"{name}: broken gzip after row {n}. Deliver the whole file again"
        ) from error


_FIELDS = (*REQUIRED, "channel", "customer_id", "language", "attributes")
_Rows = Iterator[tuple[dict[str, Any], str | None]]


def _csv(stream: Any, name: str, own_name: Mapping[str, str]) -> _Rows:
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    # A byte that is not UTF-8 becomes a surrogate: it spoils its own row and no other.
    text = io.TextIOWrapper(stream, "utf-8-sig", errors="surrogateescape", newline="")
    # A NUL is the one character that the csv module stumbles over; it never belongs to a text.
    reader = csv.reader((line.replace("\0", "") for line in text), strict=False)
    header = next(reader, None) or []
    _require(header, name, own_name)
    at = {field: header.index(own) for field, own in own_name.items() if own in header}
    for cells in reader:
        if not cells:
            continue
        fields = {field: cells[i] for field, i in at.items() if i < len(cells)}
        yield fields, _cell_problem(cells, len(header))


def _cell_problem(cells: list[str], n_columns: int) -> str | None:
    if any("\udc80" <= c <= "\udcff" for cell in cells for c in cell if not cell.isascii()):
        return "The row holds bytes that are not UTF-8"
    if len(cells) != n_columns:
        return f"The row has {len(cells)} cells, the header {n_columns}"
    return None


def _json_lines(stream: Any, name: str, own_name: Mapping[str, str]) -> _Rows:
    for n, raw in enumerate(stream):
        if n == 0 and raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
            _wrong_encoding(name)
        line = raw.removeprefix(b"\xef\xbb\xbf").strip()
        if not line:
            continue
        try:
            row = json.loads(line.decode("utf-8"))
        except UnicodeDecodeError:
            yield {}, "The row holds bytes that are not UTF-8"
        except (json.JSONDecodeError, RecursionError):
            yield {}, "The row is not JSON"
        else:
            if isinstance(row, dict):
                yield {f: row[own] for f, own in own_name.items() if own in row}, None
            else:
                yield {}, "The row is not a JSON object"


def _parquet(stream: Any, name: str, own_name: Mapping[str, str]) -> _Rows:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(io.BytesIO(stream.read()))
    except (pa.ArrowInvalid, OSError) as error:
        raise SourceError(f"{name}: not a Parquet file, or cut short ({error})") from error
    _require(file.schema_arrow.names, name, own_name)
    wanted = [own for own in own_name.values() if own in file.schema_arrow.names]
    for batch in file.iter_batches(2_000, columns=wanted):
        for row in batch.to_pylist():
            yield {f: row[own] for f, own in own_name.items() if own in row}, None


def _require(header: list[str], name: str, own_name: Mapping[str, str]) -> None:
    if header and any(c.startswith(("\udcff", "\udcfe")) for c in header[:1]):
        _wrong_encoding(name)
    missing = [own_name[f] for f in REQUIRED if own_name[f] not in header]
    if missing:
        raise SourceError(
            f"{name}: row 1 names no column {', '.join(missing)}. Add it, or map it in "
            "TRIAGE_SOURCES under `columns`"
        )


def _wrong_encoding(name: str) -> None:
    raise SourceError(f"{name}: row 1 is UTF-16, not UTF-8. Deliver the file in UTF-8")
