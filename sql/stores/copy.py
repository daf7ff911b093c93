"""Bulk reads and writes by COPY, with the cursors of psycopg 3.

psycopg writes and reads the rows. A halfvec is sent as bytes, in the binary form that
`halfvec_send` documents: two 16-bit numbers (dimension and 0), then big-endian half floats. numpy
converts all rows at once; pgvector's own adapters make one object per row, which takes 1.5 times
as long to write and twice as long to read.
"""

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from psycopg import ClientCursor, Copy
from psycopg.types.json import Jsonb
from sqlalchemy import Connection

from nlp.errors import EncoderError
from nlp.records import Floats

_HEAD = 4
"""Bytes before the numbers of a halfvec."""


def copy_rows(
    connection: Connection, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """COPY `rows` into `table`; values: str, int, float, bool, date, None, lists and mappings.

    `table` and `columns` are names from this code, never from outside.
    """
    with _copy(connection, f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row([_adapted(value) for value in row])


def copy_embeddings_in(
    connection: Connection, table: str, ids: Sequence[str], vectors: Floats
) -> None:
    """COPY (text_hash, embedding) pairs into `table` in binary, as half precision."""
    packed = np.zeros((len(ids), _HEAD + 2 * vectors.shape[1]), dtype=np.uint8)
    packed[:, :2].view(">u2")[:] = vectors.shape[1]
    packed[:, _HEAD:].view(">f2")[:] = vectors
    command = f"COPY {table} (text_hash, embedding) FROM STDIN WITH (FORMAT binary)"
    with _copy(connection, command) as copy:
        for text_hash, row in zip(ids, packed, strict=True):
            copy.write_row((uuid.UUID(text_hash), row.tobytes()))


def copy_embeddings_out(
    connection: Connection, query: str, values: Sequence[Any]
) -> tuple[list[str], Floats]:
    """Return ids and vectors (n, dimension) of a query that selects (uuid, halfvec).

    `values` are bound by the driver. An empty result has the shape (0, 0). Raises EncoderError
    where the vectors differ in length.
    """
    with _copy(connection, f"COPY ({query}) TO STDOUT WITH (FORMAT binary)", values) as copy:
        copy.set_types(["uuid", "bytea"])
        rows = list(copy.rows())
    if not rows:
        return [], np.zeros((0, 0), dtype=np.float32)
    if len({len(row[1]) for row in rows}) > 1:
        raise EncoderError(
            "Embeddings of different dimensions are stored under one encoder name. Give the folder "
            "of the new weights a name of its own, or delete the old ones from triage.embeddings"
        )
    halves = np.frombuffer(b"".join(row[1] for row in rows), dtype=">f2").reshape(len(rows), -1)
    return [str(row[0]) for row in rows], halves[:, _HEAD // 2 :].astype(np.float32)


@contextmanager
def _copy(connection: Connection, command: str, values: Sequence[Any] = ()) -> Iterator[Copy]:
    """Open a COPY whose values the client binds, because the server cannot bind them."""
    driver: Any = connection.connection.driver_connection
    with ClientCursor(driver) as cursor, cursor.copy(command, values) as copy:
        yield copy


def _adapted(value: Any) -> Any:
    """Adapt to psycopg, which reads a tuple as a composite and needs `Jsonb` around a mapping."""
    if isinstance(value, Mapping):
        return Jsonb(dict(value))
    return list(value) if isinstance(value, tuple) else value
