"""`nlp.sources.files`."""

import csv
import datetime as dt
import gzip
import io
import json
from pathlib import Path
from typing import Any

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from nlp.errors import SourceError, SourceMissingError, TransientError
from nlp.records import RawRow
from nlp.sources.files import FileSource, read_rows

DAY = dt.date(2026, 3, 2)
HEAD = b"external_id,created_at,text\n"
TIME = "2026-03-02T09:00:00Z"
MESSAGES = [
    {"external_id": f"m{i}", "created_at": TIME, "text": text}
    for i, text in enumerate(
        ["Hello", 'She said "no"\nand left, twice', "\u0645\u0631\u062d\u0628\u0627 \U0001f642", ""]
    )
]


def as_csv(messages: list[dict[str, Any]]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(messages[0]))
    writer.writeheader()
    writer.writerows(messages)
    return out.getvalue().encode()


def as_jsonl(messages: list[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(m, ensure_ascii=False) + "\n" for m in messages).encode()


def as_parquet(messages: list[dict[str, Any]] | pa.Table) -> bytes:
    table = messages if isinstance(messages, pa.Table) else pa.Table.from_pylist(messages)
    out = io.BytesIO()
    pq.write_table(table, out)
    return out.getvalue()


FORMATS = [("csv", as_csv), ("jsonl", as_jsonl), ("parquet", as_parquet)]


def rows_of(data: bytes, name: str = "day.csv", **columns: str) -> list[RawRow]:
    """Read one file with the content `data`."""
    return list(read_rows(io.BytesIO(data), name=name, columns=columns))


def texts_of(rows: list[RawRow]) -> list[str | None]:
    """The texts of the good rows, and None for each bad one."""
    return [None if row.problem else row.fields["text"] for row in rows]


@pytest.mark.parametrize(("suffix", "write"), FORMATS)
@pytest.mark.parametrize("is_zipped", [False, True])
def test_every_format_gives_the_same_rows(
    tmp_path: Path, suffix: str, write: Any, is_zipped: bool
) -> None:
    """CSV, JSON Lines and Parquet, plain and gzip, give the same fields in the same order."""
    data = write(MESSAGES)
    file = tmp_path / f"2026-03-02.{suffix}{'.gz' if is_zipped else ''}"
    file.write_bytes(gzip.compress(data) if is_zipped else data)
    fs, pattern = fsspec.url_to_fs(f"{tmp_path}/{{day}}.*")
    rows = list(FileSource("inbox", fs=fs, pattern=pattern).pull(DAY))
    assert [row.fields for row in rows] == MESSAGES
    assert [row.position for row in rows] == [f"{file.name}, row {n}" for n in (1, 2, 3, 4)]


def test_files_of_a_day_come_in_sorted_order_from_any_store() -> None:
    """Wildcards find the day's files in any folder; files of other tools are skipped."""
    fs = fsspec.filesystem("memory")
    for name, text in [("b.csv", "2"), ("a.csv", "1"), ("_SUCCESS", "x"), (".tmp.csv", "x")]:
        fs.pipe(f"/inbox/2026-03-02/{name}", HEAD + f"{text},{TIME},{text}\n".encode())
    fs.pipe("/inbox/2026-03-03/c.csv", HEAD + f"3,{TIME},3\n".encode())
    fs.makedirs("/inbox/2026-03-02/folder.csv")
    source = FileSource("inbox", fs=fs, pattern="/inbox/{day}/*")
    assert texts_of(list(source.pull(DAY))) == ["1", "2"]
    assert source.pull(DAY).__next__().position == "a.csv, row 1"


def test_a_day_without_a_file_may_still_come(tmp_path: Path) -> None:
    """A missing file is an error that names the pattern and may be retried."""
    fs = fsspec.filesystem("file")
    source = FileSource("inbox", fs=fs, pattern=f"{tmp_path}/{{day}}*.csv")
    with pytest.raises(SourceMissingError, match=r"'inbox' has no file .*2026-03-02\*\.csv"):
        list(source.pull(DAY))
    (tmp_path / "2026-03-02.csv").write_bytes(as_csv(MESSAGES))
    assert len(list(source.pull(DAY))) == 4


def test_columns_may_have_other_names_and_more_may_be_there() -> None:
    """A mapping names the file's columns, in any order; unknown columns are not read."""
    data = b"body,noise,ticket,created_at,channel\nHi,x,7," + TIME.encode() + b",web\n"
    (row,) = rows_of(data, external_id="ticket", text="body")
    assert row.fields == {"external_id": "7", "created_at": TIME, "text": "Hi", "channel": "web"}


def test_a_byte_order_mark_is_no_part_of_the_first_column() -> None:
    """UTF-8 with a byte order mark, as spreadsheets write it, is read like other UTF-8."""
    assert texts_of(rows_of(b"\xef\xbb\xbf" + as_csv(MESSAGES))) == [m["text"] for m in MESSAGES]
    assert len(rows_of(b"\xef\xbb\xbf" + as_jsonl(MESSAGES), "day.jsonl")) == 4


def test_bytes_that_are_not_utf8_spoil_their_row_alone() -> None:
    """Rows around one in another encoding are read, also next to embedded newlines."""
    data = (
        HEAD + b'1,t,"one\ntwo"\n2,t,"caf\xe9\nand ""more"""\n3,t,\xc3\xa9t\xc3\xa9\n4,\xff\xfe,x\n'
    )
    rows = rows_of(data)
    assert texts_of(rows) == ["one\ntwo", None, "\u00e9t\u00e9", None]
    assert rows[1].problem == "The row holds bytes that are not UTF-8"
    lines = b'{"external_id": 1, "created_at": "t", "text": "caf\xe9"}\n' + as_jsonl(MESSAGES[:1])
    assert texts_of(rows_of(lines, "day.jsonl")) == [None, "Hello"]


def test_rows_with_other_numbers_of_cells_are_said_to_be() -> None:
    """A row with too many or too few cells is rejected; blank lines are not rows."""
    rows = rows_of(HEAD + b"1,t\n2,t,a,b\n\n3,t,good\n")
    assert texts_of(rows) == [None, None, "good"]
    assert rows[0].problem == "The row has 2 cells, the header 3"
    assert rows[2].position == "day.csv, row 3"


def test_a_quote_out_of_place_spoils_what_it_swallows_and_says_so() -> None:
    """The rejected row gives the lines that were read as one; later rows are read."""
    rows = rows_of(HEAD + b'1,t,"never closed\n2,t,"quoted"\n3,t,good\n')
    assert texts_of(rows) == [None, "good"]
    assert rows[0].problem is not None
    assert "lines 2 to 3" in rows[0].problem


def test_a_quote_that_swallows_the_rest_fails_the_file() -> None:
    """An unclosed quote at the end would lose rows silently, so the file is refused."""
    with pytest.raises(
        SourceError, match=r"day\.csv: a quote in line 3 is never closed, after row"
    ):
        rows_of(HEAD + b'1,t,good\n2,t,"never closed\n3,t,lost\n')


def test_texts_of_a_megabyte_and_odd_characters_arrive_whole() -> None:
    """Fields over the csv module's limit and NUL bytes do not stop a file."""
    rows = rows_of(HEAD + b"1,t," + b"x" * 1_000_000 + b"\n2,t,a\0b\x07\n")
    assert [len(row.fields["text"]) for row in rows] == [1_000_000, 4]


@pytest.mark.parametrize(
    "line",
    [b"{broken", b"[1, 2]", b'"text"', b"7", b"[" * 100_000, b'{"a": ' + b"9" * 5_000 + b"}"],
)
def test_a_line_that_is_no_object_spoils_itself_alone(line: bytes) -> None:
    """Invalid JSON, other JSON types, deep nesting and huge numbers are problems of the row."""
    rows = rows_of(line + b"\n\n" + as_jsonl(MESSAGES[:1]), "day.jsonl")
    assert texts_of(rows) == [None, "Hello"]
    assert rows[0].problem in {"The row is not JSON", "The row is not a JSON object"}


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize(("suffix", "write"), FORMATS[:2])
def test_a_file_in_another_unicode_is_read(encoding: str, suffix: str, write: Any) -> None:
    """UTF-16 and UTF-32 are known by their mark or their NULs, and give the same rows."""
    data = write(MESSAGES).decode().encode(encoding)
    assert [row.fields for row in rows_of(data, f"day.{suffix}")] == MESSAGES


@pytest.mark.parametrize("data", [b"external_id,text\n1,x\n", b"jane@mail.example,t,Hello\n"])
def test_a_missing_column_fails_the_file_and_quotes_none_of_it(data: bytes) -> None:
    """The error names the missing columns and does not quote the first row, maybe a message."""
    with pytest.raises(SourceError, match=r"day\.csv: row 1 names no column .*created_at") as error:
        rows_of(data)
    assert "jane" not in str(error.value)


def test_a_listing_is_never_an_old_one(tmp_path: Path) -> None:
    """Listings are not cached between tries, so a retry sees new files."""

    class Remembering(type(fsspec.filesystem("file"))):  # type: ignore[misc]
        """A store that lists each folder once."""

        cachable = False

        def __init__(self) -> None:
            super().__init__()
            self.listings: dict[str, Any] = {}

        def glob(self, path: str, **options: Any) -> Any:
            return self.listings.setdefault(path, super().glob(path, **options))

        def invalidate_cache(self, path: str | None = None) -> None:
            self.listings.clear()

    source = FileSource("inbox", fs=Remembering(), pattern=f"{tmp_path}/{{day}}.csv")
    with pytest.raises(SourceMissingError):
        list(source.pull(DAY))
    (tmp_path / "2026-03-02.csv").write_bytes(as_csv(MESSAGES))
    assert len(list(source.pull(DAY))) == 4


@pytest.mark.parametrize(("suffix", "write"), FORMATS)
def test_a_truncated_gzip_fails_with_its_position(suffix: str, write: Any) -> None:
    """The error names the file and the position, however early it ends."""
    messages = [
        {"external_id": str(i), "created_at": TIME, "text": f"{i * 7919 % 10_007}"}
        for i in range(20_000)
    ]
    data = gzip.compress(write(messages))
    for n_bytes in (5, len(data) // 2, len(data) - 4):
        with pytest.raises(SourceError, match=rf"day\.{suffix}\.gz: .*after row \d+, byte [\d,]+"):
            rows_of(data[:n_bytes], f"day.{suffix}.gz")


def test_what_is_no_gzip_or_is_damaged_fails_by_name() -> None:
    """A wrong extension and a flipped byte are reported like a truncated file."""
    damaged = bytearray(gzip.compress(as_csv(MESSAGES)))
    damaged[len(damaged) // 2] ^= 0xFF
    for data in (as_csv(MESSAGES), bytes(damaged)):
        with pytest.raises(SourceError, match=r"day\.csv\.gz: the gzip is cut short or damaged"):
            rows_of(data, "day.csv.gz")


def test_parquet_of_other_types_is_read_as_it_is() -> None:
    """Integers, times with or without zone, categories, nulls and structs keep their type."""
    table = pa.table(
        {
            "external_id": pa.array([1, None], pa.int64()),
            "created_at": pa.array([0, 1], pa.timestamp("ns", "Europe/Paris")),
            "text": pa.array(["a", None]).dictionary_encode(),
            "attributes": pa.array([{"a": 1}, None]),
            "noise": pa.array([1.5, 2.5]),
        }
    )
    one, two = rows_of(as_parquet(table), "day.parquet")
    assert one.fields["external_id"] == 1
    assert one.fields["created_at"] == dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    assert one.fields["attributes"] == {"a": 1}
    assert set(one.fields) == {"external_id", "created_at", "text", "attributes"}
    assert (two.fields["external_id"], two.fields["text"]) == (None, None)
    naive = table.set_column(1, "created_at", pa.array([0, 1], pa.timestamp("us")))
    assert rows_of(as_parquet(naive), "day.parquet")[0].fields["created_at"].tzinfo is None


def test_a_parquet_value_that_python_has_not_spoils_its_row_alone() -> None:
    """Bad UTF-8 in a text column and a time after the year 9999 are problems of the row."""
    texts = pa.StringArray.from_buffers(
        3, pa.py_buffer(b"\0\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0"), pa.py_buffer(b"a\xffc")
    )
    times = pa.array([0, 0, 2**62], pa.timestamp("us", "UTC"))
    table = pa.table({"external_id": ["1", "2", "3"], "created_at": times, "text": texts})
    rows = rows_of(as_parquet(table), "day.parquet")
    assert texts_of(rows) == ["a", None, None]
    assert [row.problem and row.problem.split()[1] for row in rows] == [None, "text", "created_at"]


def test_parquet_that_is_none_is_damaged_or_lacks_a_column_fails_by_name() -> None:
    """The error names the file and the remedy, at the start and in the middle."""
    with pytest.raises(SourceError, match=r"day\.parquet: it is not a Parquet file"):
        rows_of(b"id,text\n", "day.parquet")
    with pytest.raises(SourceError, match="names no column external_id"):
        rows_of(as_parquet([{"created_at": TIME, "text": "x"}]), "day.parquet")
    many = [{"external_id": str(i), "created_at": TIME, "text": str(i)} for i in range(5_000)]
    damaged = bytearray(as_parquet(many))
    damaged[40:4_000] = bytes(3_960)
    with pytest.raises(SourceError, match=r"day\.parquet: the Parquet file is damaged, after row"):
        rows_of(bytes(damaged), "day.parquet")


def test_an_unknown_format_names_those_that_are_known() -> None:
    """A spreadsheet is refused, and the error names the file and the readable formats."""
    with pytest.raises(SourceError, match=r"day\.xlsx: not one of \.csv, \.jsonl, \.parquet"):
        rows_of(b"", "day.xlsx")


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (PermissionError(13, "no"), SourceError),
        (ConnectionResetError(104, "reset"), TransientError),
        (TimeoutError(), TransientError),
    ],
)
def test_a_store_that_fails_is_told_apart(error: OSError, expected: type[Exception]) -> None:
    """Missing permissions are not retried, a lost connection is; both errors name the source."""

    class Failing(fsspec.AbstractFileSystem):
        """A store that lists files but does not open them."""

        def glob(self, path: str, **_: Any) -> dict[str, Any]:
            return {path: {"type": "file"}}

        def open(self, path: str, mode: str = "rb", **_: Any) -> Any:
            raise error

    with pytest.raises(expected, match=r"'inbox'.*2026-03-02\.csv") as raised:
        list(FileSource("inbox", fs=Failing(), pattern="b/{day}.csv").pull(DAY))
    assert type(raised.value) is expected


def test_rows_are_streamed() -> None:
    """The first row is yielded before the rest of the file is read."""

    class Counting(io.BytesIO):
        """Bytes that record how far they were read."""

    file = Counting(HEAD + b"1,t,some text\n" * 500_000)
    rows = read_rows(file, name="day.csv", columns={})
    next(rows)
    assert file.tell() < 100_000
