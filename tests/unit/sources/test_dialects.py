"""Any table, written in any dialect, encoding and compression, reads back the same."""

import bz2
import csv
import gzip
import io
import json
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.errors import SourceError
from nlp.records import RawRow
from nlp.sources.files import read_rows
from nlp.sources.shape import Shape

TIME = "2026-03-02T09:00:00Z"
_HEADER = ("external_id", "created_at", "text")
_WORDS = ("Where is my refund?", "I paid twice; once is enough", "one, two", 'a "quoted" word',
          "two\nlines", "tab\there", "bar | bar", "ends with \\", "'apostrophe'")  # fmt: skip
_LETTERS = {
    "cp1252": "Mein Paket ist besch\u00e4digt \u2013 20 \u20ac, caf\u00e9, \u201csmart\u201d",
    "cp1250": "za\u017c\u00f3\u0142\u0107 g\u0119\u015bl\u0105 ja\u017a\u0144, pros\u00edm",
    "mac_roman": "o\u00f9 est mon caf\u00e9, la cr\u00e8me br\u00fbl\u00e9e",
    "cp1251": "\u0413\u0434\u0435 \u043c\u043e\u0439 \u0437\u0430\u043a\u0430\u0437? "
    "\u0414\u0435\u043d\u044c\u0433\u0438 \u0441\u043f\u0438\u0441\u0430\u043d\u044b, "
    "\u0430 \u043f\u043e\u0441\u044b\u043b\u043a\u0438 \u043d\u0435\u0442",
    "utf-8": "\u6ce8\u6587\u306f\u3069\u3053 \U0001f642 caf\u00e9",
    "utf-16": "\u6ce8\u6587\u306f\u3069\u3053 \U0001f642 caf\u00e9",
    "utf-8-sig": "caf\u00e9",
}
_texts = st.lists(st.sampled_from(_WORDS), min_size=1, max_size=6)


def rows_of(data: bytes, name: str = "day.csv", **shape: Any) -> list[RawRow]:
    return list(read_rows(io.BytesIO(data), name=name, shape=Shape(**shape), say=_heard.append))


_heard: list[str] = []


def as_csv(texts: list[str], delimiter: str, *, header: tuple[str, ...] = _HEADER) -> str:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerow(header)
    writer.writerows([f"m{n}", TIME, text] for n, text in enumerate(texts))
    return out.getvalue()


def texts_of(rows: list[RawRow]) -> list[Any]:
    return [row.problem or row.fields["text"] for row in rows]


def _zstd(data: bytes) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as out:
        out.write(data)
    return bytes(sink.getvalue().to_pybytes())


_PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "": bytes, ".gz": gzip.compress, ".bz2": bz2.compress, ".zst": _zstd,
}  # fmt: skip


@given(
    texts=_texts,
    delimiter=st.sampled_from(",;\t|"),
    encoding=st.sampled_from(sorted(_LETTERS)),
    sep_line=st.booleans(),
    blank=st.sampled_from(["", " ", "\u00a0"]),
    case=st.sampled_from([str, str.upper, str.title]),
    packed=st.sampled_from(sorted(_PACKERS)),
)
def test_any_table_in_any_dialect_reads_back_the_same(
    texts: list[str], delimiter: str, encoding: str, sep_line: bool, blank: str,
    case: Callable[[str], str], packed: str,
) -> None:  # fmt: skip
    """Delimiter, `sep=` line, encoding, case and blanks of the header, and compression vary."""
    texts = [*texts, _LETTERS[encoding]]
    blank = blank if encoding.startswith("utf") else blank.strip("\u00a0")
    header = tuple(case(name).replace("_", " ") + blank for name in _HEADER)
    text = f"sep={delimiter}\r\n" * sep_line + as_csv(texts, delimiter, header=header)
    data = _PACKERS[packed](text.encode(encoding))
    assert texts_of(rows_of(data, f"day.csv{packed}")) == texts


@given(texts=_texts, form=st.sampled_from(["lines", "array", "pretty", "page", "deep", "joined"]),
       encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
       name=st.sampled_from(["day.json", "day.jsonl", "export", "part-0-3f0c"]))  # fmt: skip
def test_any_table_in_any_json_reads_back_the_same(
    texts: list[str], form: str, encoding: str, name: str
) -> None:
    """Lines, an array, a page with a list in it, indented or not, whatever the file's name."""
    rows = [{"external_id": n, "created_at": TIME, "text": t, "tags": [{"a": 1}]}
            for n, t in enumerate(texts)]  # fmt: skip
    text = {
        "lines": "\n".join(map(json.dumps, rows)) + "\n",
        "array": json.dumps(rows),
        "pretty": json.dumps(rows, indent=2),
        "page": json.dumps({"next": None, "count": len(rows), "tickets": rows}, indent=1),
        "deep": json.dumps({"data": {"n": 1, "tickets": rows}}),
        "joined": "".join(map(json.dumps, rows)),
    }[form]
    assert texts_of(rows_of(text.encode(encoding), name)) == texts


@pytest.mark.parametrize("packed", [".gz", ".bz2", ".zst", ""])
def test_several_members_are_one_file(packed: str) -> None:
    """Files that were appended to each other are read to the end, under any name."""
    lines = [json.dumps({"external_id": n, "created_at": TIME, "text": str(n)}) for n in range(4)]
    data = b"".join(_PACKERS[packed](f"{line}\n".encode()) for line in lines)
    for name in (f"day.jsonl{packed}", "day.jsonl"):
        assert texts_of(rows_of(data, name)) == ["0", "1", "2", "3"]


@pytest.mark.parametrize("packed", [".bz2", ".zst"])
def test_a_compression_that_is_cut_is_named(packed: str) -> None:
    """A file that ends too early is refused with its position, as a gzip is."""
    data = _PACKERS[packed](as_csv([str(n * 7919) for n in range(9_000)], ",").encode())
    with pytest.raises(SourceError, match=rf"day\.csv\{packed}: the .* is cut short or damaged"):
        rows_of(data[: len(data) // 2], f"day.csv{packed}")


def test_the_guess_is_said() -> None:
    """What is not plain is told once, with the file's name; a plain file says nothing."""
    _heard.clear()
    rows_of(as_csv(["x"], ",").encode())
    assert _heard == []
    rows_of(as_csv(["caf\u00e9"], ";").encode("cp1252"))
    output = {"day.csv: read as cp1252", "day.csv: read as delimited by semicolons"}
    assert (set(_heard), len(_heard)) == (output, 2)


def test_an_encoding_shows_late_or_is_named() -> None:
    """Letters that come after a long stretch of ASCII are read, and a setting outranks a guess."""
    texts = ["x" * 50] * 3_000 + ["caf\u00e9 na\u00efve"]
    assert texts_of(rows_of(as_csv(texts, ",").encode("cp1252"))) == texts
    greek = "\u03ba\u03b1\u03bb\u03b7\u03bc\u03ad\u03c1\u03b1"
    data = as_csv([greek], ",").encode("cp1253")
    assert texts_of(rows_of(data, encoding="cp1253")) == [greek]


def test_quotes_escaped_by_backslashes_are_read() -> None:
    """A dump of a database that doubles no quote is known by its rows."""
    data = 'external_id,created_at,text\n1,t,"a \\"word\\", and"\n2,t,"plain"\n3,t,"b \\"c\\""\n'
    assert texts_of(rows_of(data.encode())) == ['a "word", and', "plain", 'b "c"']


def test_a_title_above_the_table_is_no_header() -> None:
    """The header is the row that names every column, also below the title of a report."""
    data = "Tickets of May;;\n\nexported by;Jane;today\nexternal_id;created_at;text\n1;t;hi\n"
    assert texts_of(rows_of(data.encode())) == ["hi"]


def test_quotes_in_a_table_with_tabs_may_be_part_of_the_text() -> None:
    """Where enclosing quotes would break rows, they are characters as any other."""
    data = 'external_id\tcreated_at\ttext\n1\tt\t"No" is what I got\n2\tt\t5" screen\n3\tt\tok\n'
    assert texts_of(rows_of(data.encode())) == ['"No" is what I got', '5" screen', "ok"]


def test_rows_by_their_ids_are_rows() -> None:
    """An object whose values are all rows, as some tools dump a table, is read as a list."""
    rows = {f"k{n}": {"external_id": n, "created_at": "t", "text": str(n)} for n in range(3)}
    for indent in (None, 2):
        assert texts_of(rows_of(json.dumps(rows, indent=indent).encode(), "a.json")) == [
            "0", "1", "2",
        ]  # fmt: skip


def test_empty_columns_cells_and_lines_cost_nothing() -> None:
    """What a spreadsheet leaves around a table is no part of it."""
    data = "\n,,,\nexternal_id,created_at,text,,\n1,t,hi,,\n2,t,ho,,,,\n"
    assert texts_of(rows_of(data.encode())) == ["hi", "ho"]


def test_two_columns_that_may_be_one_field_are_refused() -> None:
    """Nobody can tell `Text` from `TEXT`; the exact name goes first."""
    with pytest.raises(SourceError, match="2 columns may be 'text'"):
        rows_of(b"external_id,created_at,Text,TEXT\n1,t,a,b\n")
    assert texts_of(rows_of(b"external_id,created_at,Text,text\n1,t,a,b\n")) == ["b"]


@pytest.mark.parametrize(
    ("head", "what"),
    [(b"PK\x03\x04", "ZIP archive"), (b"%PDF-1.7", "a PDF"), (b"SQLite format 3\0", "`database`")],
)
def test_another_format_is_named(head: bytes, what: str) -> None:
    """A workbook or a database under the name of a CSV is told apart, with the remedy."""
    with pytest.raises(SourceError, match=rf"day\.csv: it is .*{what}.*Deliver CSV, JSON"):
        rows_of(head + bytes(100))
