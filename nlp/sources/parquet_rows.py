"""Rows of a Parquet file, a batch at a time."""

import io
from collections.abc import Mapping
from typing import Any

from nlp.sources.columns import Columns, Ways, joined
from nlp.sources.csv_rows import Rows, UnreadableError, field_problem
from nlp.sources.limits import Limits
from nlp.sources.unpack import TooLargeError

_BATCH = 500


def parquet_rows(stream: Any, name: str, columns: Columns, limits: Limits, *, seeks: bool) -> Rows:
    """Yield the rows. `seeks` says whether the stream is the file itself, not a decompression.

    Raises UnreadableError, SourceError, TooLargeError.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    # Parquet is read from its end, which a compressed stream does not allow.
    source = stream if seeks else io.BytesIO(_bounded(stream, limits))
    try:
        file = pq.ParquetFile(source)
    except (pa.ArrowException, OSError, ValueError) as error:  # ValueError: a name is no UTF-8
        raise UnreadableError("it is not a Parquet file, or cut short") from error
    header = list(file.schema_arrow.names)
    at = columns.bind(header, name)
    wanted = sorted({i for ways in at.values() for way in ways for i in way})
    names = [header[i] for i in wanted]
    _check_groups(file.metadata, {n.split(".")[0] for n in names}, limits)
    texts = [n for n in names if _is_text(file.schema_arrow.field(n).type)]
    try:
        # A text that comes a million times stays one as long as it is in a dictionary.
        file = pq.ParquetFile(source, read_dictionary=texts)
        seen = 0
        for batch in file.iter_batches(_BATCH, columns=names):
            rows = Batch(batch, header, wanted, limits)
            seen += rows.size
            if seen > limits.file:
                raise TooLargeError(
                    f"its rows have more than {limits.file:,} bytes. Deliver it in parts, or raise "
                    "TRIAGE_MAX_FILE_BYTES"
                )
            yield from rows.rows(at)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise UnreadableError("the Parquet file is damaged") from error


def _bounded(stream: Any, limits: Limits) -> bytes:
    data = bytes(stream.read(limits.row_group + 1))
    if len(data) > limits.row_group:
        raise TooLargeError(
            f"a compressed Parquet file may have {limits.row_group:,} bytes. Deliver it as it is, "
            "or raise TRIAGE_MAX_ROW_GROUP_BYTES"
        )
    return data


def _check_groups(metadata: Any, names: set[str], limits: Limits) -> None:
    for n in range(metadata.num_row_groups):
        group = metadata.row_group(n)
        chunks = [group.column(i) for i in range(group.num_columns)]
        size = sum(
            c.total_uncompressed_size for c in chunks if c.path_in_schema.split(".")[0] in names
        )
        if size > limits.row_group:
            raise TooLargeError(
                f"row group {n + 1} has {size:,} bytes after decompression, at most "
                f"{limits.row_group:,}. Write it with smaller row groups, or raise "
                "TRIAGE_MAX_ROW_GROUP_BYTES"
            )


def _is_text(kind: Any) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


class Batch:
    """The columns of a batch as Python's values; equal texts are one object."""

    def __init__(self, batch: Any, header: list[str], wanted: list[int], limits: Limits) -> None:
        self.header, self.limits, self.n = header, limits, batch.num_rows
        self.columns = {i: _values(batch.column(header[i])) for i in wanted}
        self.size = self.n * 8 + sum(
            len(v) for values in self.columns.values() for v in values if isinstance(v, str)
        )

    def rows(self, at: Mapping[str, Ways]) -> Rows:
        """Yield the fields of each row."""
        for n in range(self.n):
            yield self._row(n, at)

    def _row(self, n: int, at: Mapping[str, Ways]) -> tuple[dict[str, Any], str | None]:
        fields = {}
        for field, ways in at.items():
            values = [self._value(n, way) for way in ways]
            fields[field] = next((v for v in values if v is not None), None)
        spoilt = [f for f, value in fields.items() if isinstance(value, Spoilt)]
        if spoilt:
            name = self.header[at[spoilt[0]][0][0]]
            return {}, f"Column {name} holds a value that is no valid text or time"
        if any(isinstance(v, str) and len(v) > self.limits.field for v in fields.values()):
            return {}, field_problem(self.limits)
        return fields, None

    def _value(self, n: int, way: tuple[int, ...]) -> Any:
        values = [self.columns[i][n] for i in way]
        return values[0] if len(values) == 1 else joined(values)


class Spoilt:
    """A value that Python cannot represent: text that is not UTF-8, a time after the year 9999."""


def _values(column: Any) -> list[Any]:
    import pyarrow as pa

    if pa.types.is_dictionary(column.type):
        words = _values(column.dictionary)
        return [None if i is None else words[i] for i in column.indices.to_pylist()]
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
        return Spoilt()
