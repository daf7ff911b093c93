"""The bytes of a file after decompression, which its first bytes name, up to a limit."""

import bz2
import gzip
import io
import zlib
from typing import Any

from nlp.errors import SourceError
from nlp.sources.limits import FREE, Limits

_MAGIC = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd", b"BZh": "bzip2"}
_SUFFIXES = {".gz": "gzip", ".zst": "zstd", ".zstd": "zstd", ".bz2": "bzip2"}
DAMAGED = (EOFError, gzip.BadGzipFile, zlib.error)
"""What a damaged gzip raises."""


class TooLargeError(Exception):
    """A limit is reached; the message is a sentence with the setting that raises it."""


class DamagedError(Exception):
    """A compressed file ends too early or is damaged."""


def plain_name(name: str) -> str:
    """Return the name of a file in lower case, without the suffix of its compression."""
    low = name.lower()
    return next((low.removesuffix(s) for s in _SUFFIXES if low.endswith(s)), low)


def unpacked(file: Any, *, name: str, limits: Limits) -> tuple[io.BufferedReader, str | None]:
    """Return the decompressed stream, which has `peek`, and the compression; None is none.

    A compression is known by its first bytes; the suffix counts where these say nothing, so that a
    damaged file is called damaged. Several members, one after another, are read as one.
    """
    head = file.read(4)
    file.seek(0)
    low = name.lower()
    kind = next((k for magic, k in _MAGIC.items() if head.startswith(magic)), None)
    kind = kind or next((k for s, k in _SUFFIXES.items() if low.endswith(s)), None)
    stream = file if kind is None else _decompressor(kind, file)
    counted = _Counted(stream, file, limits=limits, kind=kind)
    return io.BufferedReader(counted, 1 << 16), kind


def _decompressor(kind: str, file: Any) -> Any:
    if kind == "gzip":
        return gzip.GzipFile(fileobj=file)
    if kind == "bzip2":
        return bz2.BZ2File(file)
    import pyarrow as pa

    return pa.CompressedInputStream(pa.PythonFile(file, mode="r"), "zstd")


class _Counted(io.RawIOBase):
    """Counts what it passes on, and ends where a limit is reached."""

    def __init__(self, stream: Any, file: Any, *, limits: Limits, kind: str | None) -> None:
        self.stream, self.file, self.limits, self.kind = stream, file, limits, kind
        self.n = 0

    def readable(self) -> bool:
        """See `io.RawIOBase`."""
        return True

    def readinto(self, buffer: Any) -> int:
        """See `io.RawIOBase`. Raises TooLargeError, DamagedError."""
        data = self._read(len(buffer))
        self.n += len(data)
        if self.n > self.limits.file:
            raise TooLargeError(
                f"it has more than {self.limits.file:,} bytes after decompression. Deliver it in "
                "parts, or raise TRIAGE_MAX_FILE_BYTES"
            )
        if self.kind and self.n > max(FREE, self.limits.inflation * self.file.tell()):
            raise TooLargeError(
                f"it becomes more than {self.limits.inflation} times its size, like a "
                "decompression bomb. Deliver it uncompressed, or raise TRIAGE_MAX_INFLATION"
            )
        buffer[: len(data)] = data
        return len(data)

    def _read(self, n: int) -> bytes:
        try:
            return bytes(self.stream.read(n))
        except DAMAGED as error:
            raise DamagedError(f"the {self.kind} is cut short or damaged") from error
        except OSError as error:  # also of the store: only a decompressor's own has no number
            if self.kind in (None, "gzip") or error.errno is not None:
                raise
            raise DamagedError(f"the {self.kind} is cut short or damaged") from error


_OTHERS = {
    b"PK\x03\x04": "a ZIP archive, as Excel's workbooks are",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"%PDF": "a PDF",
    b"ORC": "an ORC file",
    b"Obj\x01": "an Avro file",
    b"SQLite": "a SQLite database, which is a source of kind `database`",
    b"\xfd7zXZ": "an xz archive",
}


def refuse_other(head: bytes, name: str) -> None:
    """Raise SourceError where the first bytes are those of a format that is not read."""
    for magic, what in _OTHERS.items():
        if head.startswith(magic):
            raise SourceError(
                f"{name}: it is {what}. Deliver CSV, JSON or Parquet, plain or as .gz, .zst, .bz2"
            )
