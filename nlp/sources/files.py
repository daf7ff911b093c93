"""Rows of CSV, JSON and Parquet files, plain or compressed, on any store that fsspec supports.

A problem with one row is recorded on that row; a problem with the whole file is an error with the
file's name and the position.
"""

import datetime as dt
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import closing
from typing import Any

from nlp.errors import SourceError, SourceMissingError
from nlp.records import RawRow
from nlp.sources.csv_rows import Rows, Say, UnreadableError, csv_rows
from nlp.sources.dated import dated, say
from nlp.sources.json_rows import json_rows
from nlp.sources.layout import base, files_of, pattern_of, store_error
from nlp.sources.parquet_rows import parquet_rows
from nlp.sources.shape import Shape, shape_of
from nlp.sources.times import Evidence, Form, FormError, infer
from nlp.sources.unpack import DamagedError, TooLargeError, plain_name, refuse_other, unpacked


class FileSource:
    """The files of a day: `pattern` is a path in `fs` with `{day}` and wildcards.

    `columns` maps a column of the contract to its name in the file; `shape` says more of how the
    rows are written. Other columns are not read.
    """

    def __init__(
        self,
        name: str,
        *,
        fs: Any,
        pattern: str,
        columns: Mapping[str, str] | None = None,
        shape: Shape | None = None,
        whole_days: bool = False,
    ) -> None:
        self.name = name
        self.whole_days = whole_days
        self.fs = fs
        self.pattern = pattern
        self.shape = shape or shape_of(columns)

    def pull(self, day: dt.date) -> Iterator[RawRow]:
        """See `nlp.ports.Source`. A store that does not answer is a TransientError."""
        pattern = pattern_of(self.pattern, day)
        paths = files_of(self.fs, pattern, source=self.name)
        if not paths:
            raise SourceMissingError(
                f"Source {self.name!r} has no file {pattern}. Deliver it, or correct TRIAGE_SOURCES"
            )
        form = self._form(paths)
        rows = self._rows(paths, say=say)
        yield from dated(rows, shape=self.shape, form=form, name=f"Source {self.name!r}")

    def _form(self, paths: list[str]) -> Form:
        """Return the form of the times, told by all files of the day together."""
        with closing(self._rows(paths, say=_be_silent)) as rows:
            form = form_of(rows, self.shape)
        if isinstance(form, Form):
            return form
        try:
            return form.form()
        except FormError as error:
            raise SourceError(f"Source {self.name!r}: {error}") from error

    def _rows(self, paths: Iterable[str], *, say: Say) -> Generator[RawRow, None, None]:
        for path in paths:
            name = base(path)
            try:
                with self.fs.open(path, "rb") as file:
                    row = None
                    for row in read_rows(file, name=name, shape=self.shape, say=say):
                        yield row
                    if row is None:
                        say(f"Source {self.name!r}: {name} is empty: it has no row")
            except OSError as error:
                raise store_error(error, f"Source {self.name!r}: {name}") from error


def form_of(rows: Iterable[RawRow], shape: Shape) -> Form | Evidence:
    """Return the form that the shape names, else the evidence of the rows for one."""
    evidence = infer(row.fields.get("created_at") for row in rows)
    if shape.time_format:
        return Form(shape.time_format, is_naive=True)
    return evidence


def _be_silent(sentence: str) -> None:
    del sentence


def read_rows(
    file: Any,
    *,
    name: str,
    columns: Mapping[str, str] | None = None,
    shape: Shape | None = None,
    say: Say = say,
) -> Iterator[RawRow]:
    """Yield the rows of one open binary file, as they stand in it.

    Positions are `name, row 17`, counted from the first row after a header. `say` takes how the
    file was read, where that is not plain. Raises SourceError where the file as a whole cannot be
    read.
    """
    shape = shape or shape_of(columns)
    n = 0
    try:
        for n, (fields, problem) in enumerate(_reader(file, name, shape, say), 1):
            yield RawRow(f"{name}, row {n}", fields, problem)
    except DamagedError as error:
        raise SourceError(
            f"{name}: {error} after row {n}, byte {file.tell():,} of the file. "
            "Deliver the whole file again"
        ) from error
    except TooLargeError as error:
        raise SourceError(f"{name}: after row {n}, {error}") from error
    except UnreadableError as error:
        raise SourceError(f"{name}: {error}, after row {n}. Deliver the whole file again") from (
            error.__cause__ or error
        )


_SUFFIXES = {
    "csv": "csv", "tsv": "csv", "tab": "csv", "psv": "csv",
    "json": "json", "jsonl": "json", "ndjson": "json", "jsonlines": "json",
    "parquet": "parquet", "pq": "parquet",
}  # fmt: skip
_OTHERS = (
    "xlsx", "xlsm", "xls", "ods", "numbers", "pdf", "zip", "tar", "tgz", "7z", "rar", "xml", "html",
    "avro", "orc", "feather", "arrow", "doc", "docx", "eml", "mbox", "sql", "db", "sqlite", "xz",
)  # fmt: skip


def _reader(file: Any, name: str, shape: Shape, say: Say) -> Rows:
    suffix = plain_name(name).rsplit(".", 1)[-1]
    if suffix in _OTHERS:
        raise SourceError(
            f"{name}: not one of .csv, .jsonl, .parquet (each also .gz, .zst, .bz2). Deliver it as "
            "one of them"
        )
    stream, packed = unpacked(file, name=name, limits=shape.limits)
    head = stream.peek(64)[:64]
    refuse_other(head, name)
    kind = "parquet" if head.startswith(b"PAR1") else _SUFFIXES.get(suffix) or _kind(head)
    columns, limits = shape.reading, shape.limits
    if kind == "parquet":
        source = stream if packed else file
        return parquet_rows(source, name, columns, limits, seeks=not packed)
    if kind == "json":
        return json_rows(
            stream, name, columns, limits, say=say, encoding=shape.encoding,
            rows_at=shape.rows_at, turns=shape.turns,
        )  # fmt: skip
    return csv_rows(stream, name, columns, limits, say=say, encoding=shape.encoding)


def _kind(head: bytes) -> str:
    """Return the format of a file whose name does not tell it: JSON begins with a bracket."""
    text = head.removeprefix(b"\xef\xbb\xbf").removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff")
    return "json" if text.replace(b"\0", b"").lstrip()[:1] in (b"{", b"[") else "csv"
