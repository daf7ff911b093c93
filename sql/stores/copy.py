"""Bulk in and out by COPY, over the driver's own cursor."""

import io
import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from typing import Any

import numpy as np
from sqlalchemy import Connection

from nlp.errors import EncoderError
from nlp.records import Floats

_SIGNATURE = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_END = b"\xff\xff"


def copy_rows(
    connection: Connection, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """COPY `rows` into `table`; values are str, int, float, bool, date, None, lists and mappings.

    `table` and `columns` are names from this code, never from outside.
    """
    buffer = io.StringIO()
    for row in rows:
        buffer.write("\t".join(map(_field, row)) + "\n")
    buffer.seek(0)
    with closing(connection.connection.cursor()) as cursor:
        cursor.copy_expert(f"COPY {table} ({', '.join(columns)}) FROM STDIN", buffer)


def copy_embeddings_in(
    connection: Connection, table: str, ids: Sequence[str], vectors: Floats
) -> None:
    """COPY (text_hash, embedding) pairs into `table` in binary, as half precision."""
    record = np.zeros(len(ids), dtype=_record(vectors.shape[1]))
    record["fields"], record["id_size"], record["size"] = 2, 16, 4 + 2 * vectors.shape[1]
    packed = b"".join(uuid.UUID(i).bytes for i in ids)
    record["id"] = np.frombuffer(packed, dtype=np.uint8).reshape(-1, 16)
    record["dim"] = vectors.shape[1]
    record["vector"] = vectors.astype(">f2")
    buffer = io.BytesIO(_SIGNATURE + record.tobytes() + _END)
    with closing(connection.connection.cursor()) as cursor:
        cursor.copy_expert(
            f"COPY {table} (text_hash, embedding) FROM STDIN WITH (FORMAT binary)", buffer
        )


def copy_embeddings_out(
    connection: Connection, query: str, values: Sequence[Any]
) -> tuple[list[str], Floats]:
    """Return ids and vectors (n, dimension) of a query that selects (uuid, halfvec).

    `values` are bound by the driver. An empty answer has the shape (0, 0). Raises EncoderError
    where the vectors differ in length.
    """
    buffer = io.BytesIO()
    with closing(connection.connection.cursor()) as cursor:
        bound = cursor.mogrify(query, values).decode()
        cursor.copy_expert(f"COPY ({bound}) TO STDOUT WITH (FORMAT binary)", buffer)
    data = buffer.getbuffer()[len(_SIGNATURE) : -len(_END)]
    if len(data) == 0:
        return [], np.zeros((0, 0), dtype=np.float32)
    dimension = int.from_bytes(data[26:28], "big")
    row = _record(dimension)
    record = np.frombuffer(data[: len(data) // row.itemsize * row.itemsize], dtype=row)
    if record.nbytes != len(data) or not (record["dim"] == dimension).all():
        raise EncoderError(
            "Embeddings of different dimensions are stored under one encoder name. Give the folder "
            "of the new weights a name of its own, or delete the old ones from triage.embeddings"
        )
    ids = [str(uuid.UUID(bytes=i.tobytes())) for i in record["id"]]
    return ids, record["vector"].astype(np.float32)


def _record(dimension: int) -> np.dtype[np.void]:
    """One row of PostgreSQL's binary COPY format holding a uuid and a halfvec."""
    return np.dtype(
        [
            ("fields", ">i2"),
            ("id_size", ">i4"),
            ("id", "u1", (16,)),
            ("size", ">i4"),
            ("dim", ">i2"),
            ("unused", ">i2"),
            ("vector", ">f2", (dimension,)),
        ]
    )


def _field(value: Any) -> str:
    if value is None:
        return r"\N"
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, Mapping):
        value = json.dumps(dict(value), ensure_ascii=False, sort_keys=True)
    elif isinstance(value, (list, tuple)):
        value = "{" + ",".join(map(_element, value)) + "}"
    return (
        str(value)
        .replace("\\", "\\\\")
        .replace("\t", "\\t")
        .replace("\n", "\\n")
        .replace("\r", "\\r")
    )


def _element(value: object) -> str:
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'
