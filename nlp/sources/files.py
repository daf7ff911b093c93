"""Rows of CSV, JSON Lines and Parquet files, plain or gzip, on any store that fsspec supports.

A problem with one row is recorded on that row; a problem with the whole file is an error with the
file's name and the position.
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

from nlp.errors import SourceError, SourceMissingError, TransientError
from nlp.records import RawRow

REQUIRED = ("external_id", "created_at", "text")


class FileSource:
    """The files of a day: `pattern` is a path in `fs` with `{day}` and wildcards.

    `columns` maps a column of the contract to its name in the file. Other columns are not read.
    Files whose names begin with `_` or `.` are markers of other tools (`_SUCCESS`) and are skipped.
    """

    def __init__(
        self, name: str, *, fs: Any, pattern: str, columns: Mapping[str, str] | None = None
    ) -> None:
        self.name = name
        self.fs = fs
        self.pattern = pattern
        self.columns = dict(columns or {})

    def pull(self, day: dt.date) -> Iterator[RawRow]:
        """See `nlp.ports.Source`. A store that does not answer is a TransientError."""
        pattern = self.pattern.replace("{day}", day.isoformat())
        paths = self._paths(pattern)
        if not paths:
            raise SourceMissingError(
                f"Source {self.name!r} has no file {pattern}. Deliver it, or correct TRIAGE_SOURCES"
            )
        for path in paths:
            name = _base(path)
            try:
                with self.fs.open(path, "rb") as file:
                    yield from read_rows(file, name=name, columns=self.columns)
            except OSError as error:
                raise _store_error(error, f"Source {self.name!r}: {name}") from error

    def _paths(self, pattern: str) -> list[str]:
        try:
            self.fs.invalidate_cache()  # a retry in the same process must see new files
            listing = self.fs.glob(pattern, detail=True)
        except FileNotFoundError:
            return []
        except OSError as error:
            raise _store_error(error, f"Source {self.name!r}: {pattern}") from error
        return sorted(
            path
            for path, info in listing.items()
            if info["type"] != "directory" and not _base(path).startswith(("_", "."))
        )


def _base(path: str) -> str:
    return path.rsplit("/", 1)[-1]


def _store_error(error: OSError, what: str) -> SourceError | TransientError:
    if isinstance(error, PermissionError):
        return SourceError(f"{what} may not be read. Give the connection the right to")
    return TransientError(f"{what} cannot be reached ({type(error).__name__})")


def read_rows(file: Any, *, name: str, columns: Mapping[str, str]) -> Iterator[RawRow]:
    """Yield the rows of one open binary file; its name gives the format.

    Positions are `name, row 17`, counted from the first row after a header. Raises SourceError
    where the file as a whole cannot be read.
    """
    own_name = {field: columns.get(field, field) for field in FIELDS}
    reader = _READERS.get(name.lower().removesuffix(".gz").rsplit(".", 1)[-1])
    if reader is None:
        raise SourceError(f"{name}: not one of .csv, .jsonl, .parquet (each also .gz)")
    stream = gzip.GzipFile(fileobj=file) if name.lower().endswith(".gz") else file
    n = 0
    try:
        for n, (fields, problem) in enumerate(reader(stream, name, own_name), 1):
            yield RawRow(f"{name}, row {n}", fields, problem)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise SourceError(
            f"{name}: the gzip is cut short or damaged after row {n}, "
            f"byte {file.tell():,} of the file. Deliver the whole file again"
        ) from error
    except _UnreadableError as error:
        raise SourceError(f"{name}: {error}, after row {n}. Deliver the whole file again") from (
            error.__cause__ or error
        )


FIELDS = (
    *REQUIRED,
    "channel",
    "customer_id",
    "language",
    "attributes",
    "subject",
    "conversation_id",
    "author",
)
_Rows = Iterator[tuple[dict[str, Any], str | None]]
_NOT_UTF8 = "The row holds bytes that are not UTF-8"


class _UnreadableError(Exception):
    """A reader cannot continue; `read_rows` adds the position."""


def _csv(stream: Any, name: str, own_name: Mapping[str, str]) -> _Rows:
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    # A byte that is not UTF-8 becomes a surrogate, so it affects only its own row.
    lines = io.TextIOWrapper(
        _utf8_only(stream, name), "utf-8-sig", errors="surrogateescape", newline=""
    )
    try:
        yield from _csv_rows(lines, name, own_name)
    finally:
        lines.detach()  # the caller closes the file


def _csv_rows(lines: io.TextIOWrapper, name: str, own_name: Mapping[str, str]) -> _Rows:
    # Strict, because otherwise an unclosed quote silently swallows the rest of the file.
    reader = csv.reader(lines, strict=True)
    try:
        header = next(reader, None) or []
    except csv.Error as error:
        raise _UnreadableError("the header has a quote that is not closed") from error
    _require(header, name, own_name)
    at = {field: header.index(own) for field, own in own_name.items() if own in header}
    while True:
        begins = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            if "unexpected end" in str(error):
                raise _UnreadableError(f"a quote in line {begins} is never closed") from error
            yield {}, _quote_problem(begins, reader.line_num)
            continue
        if cells is None:
            return
        if cells:
            fields = {field: cells[i] for field, i in at.items() if i < len(cells)}
            yield fields, _cell_problem(cells, len(header))


def _quote_problem(first: int, last: int) -> str:
    where = f"line {first}" if first == last else f"lines {first} to {last}, read as one row,"
    return f"A quote in {where} of the file is not closed or not doubled"


def _cell_problem(cells: list[str], n_columns: int) -> str | None:
    if not all(map(_is_utf8, cells)):
        return _NOT_UTF8
    if len(cells) != n_columns:
        return f"The row has {len(cells)} cells, the header {n_columns}"
    return None


def _is_utf8(cell: str) -> bool:
    return cell.isascii() or not any("\udc80" <= c <= "\udcff" for c in cell)


def _json_lines(stream: Any, name: str, own_name: Mapping[str, str]) -> _Rows:
    for n, raw in enumerate(_utf8_only(stream, name)):
        line = (raw.removeprefix(b"\xef\xbb\xbf") if n == 0 else raw).strip()
        if not line:
            continue
        try:
            row = json.loads(line.decode("utf-8"))
        except UnicodeDecodeError:
            yield {}, _NOT_UTF8
        except (ValueError, RecursionError):  # not JSON, a number too long, nested too deep
            yield {}, "The row is not JSON"
        else:
            if isinstance(row, dict):
                yield {f: row[own] for f, own in own_name.items() if own in row}, None
            else:
                yield {}, "The row is not a JSON object"


def _parquet(stream: Any, name: str, own_name: Mapping[str, str]) -> _Rows:
    import pyarrow as pa
    import pyarrow.parquet as pq

    # Parquet is read from its end, which a gzip stream does not allow.
    if isinstance(stream, gzip.GzipFile):
        stream = io.BytesIO(stream.read())
    try:
        file = pq.ParquetFile(stream)
    except (pa.ArrowException, OSError) as error:
        raise _UnreadableError("it is not a Parquet file, or cut short") from error
    _require(file.schema_arrow.names, name, own_name)
    wanted = {f: own for f, own in own_name.items() if own in file.schema_arrow.names}
    try:
        for batch in file.iter_batches(1_000, columns=list(dict.fromkeys(wanted.values()))):
            yield from _parquet_rows(batch, wanted)
    except (pa.ArrowException, OSError) as error:
        raise _UnreadableError("the Parquet file is damaged") from error


def _parquet_rows(batch: Any, wanted: Mapping[str, str]) -> _Rows:
    columns = {field: _values(batch.column(own)) for field, own in wanted.items()}
    for i in range(batch.num_rows):
        fields = {field: values[i] for field, values in columns.items()}
        spoilt = [wanted[f] for f, value in fields.items() if isinstance(value, _Spoilt)]
        if spoilt:
            yield {}, f"Column {spoilt[0]} holds a value that is no valid text or time"
        else:
            yield fields, None


class _Spoilt:
    """A value that Python cannot represent: text that is not UTF-8, a time after the year 9999."""


def _values(column: Any) -> list[Any]:
    import pyarrow as pa

    if pa.types.is_timestamp(column.type) and column.type.unit == "ns":
        # Python's times have microseconds, not nanoseconds.
        column = column.cast(pa.timestamp("us", column.type.tz), safe=False)
    try:
        values: list[Any] = column.to_pylist()
    except (ValueError, OverflowError):
        return [_value(scalar) for scalar in column]
    return values


def _value(scalar: Any) -> Any:
    try:
        return scalar.as_py()
    except (ValueError, OverflowError):
        return _Spoilt()


_READERS = {"csv": _csv, "jsonl": _json_lines, "ndjson": _json_lines, "parquet": _parquet}


def _utf8_only(stream: Any, name: str) -> Any:
    """Check the first bytes and return the stream: UTF-16 begins with a mark or a NUL.

    Raises SourceError where it is UTF-16.
    """
    buffered = stream if hasattr(stream, "peek") else io.BufferedReader(stream)
    head = buffered.peek(2)[:2]
    if head in (b"\xff\xfe", b"\xfe\xff") or b"\0" in head:
        raise SourceError(f"{name}: row 1 is UTF-16, not UTF-8. Deliver the file in UTF-8")
    return buffered


def _require(header: list[str], name: str, own_name: Mapping[str, str]) -> None:
    missing = [own_name[f] for f in REQUIRED if own_name[f] not in header]
    if missing:  # the header is not quoted: if it is missing, row 1 is a customer's message
        raise SourceError(
            f"{name}: row 1 names no column {', '.join(missing)}. Add it, or map it: `columns` in "
            "TRIAGE_SOURCES, or the column options of `triage replay`"
        )
