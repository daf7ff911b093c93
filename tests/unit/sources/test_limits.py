"""No file takes the machine's memory: each limit is a setting, and is named where it is reached."""

import datetime as dt
import gzip
import io
import json
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.errors import SourceError
from nlp.records import RawRow
from nlp.settings import load
from nlp.sources.files import read_rows
from nlp.sources.limits import DEFAULT, Limits
from nlp.sources.replay import ReplaySource
from nlp.sources.shape import Shape

_PROJECT = Path(__file__).parents[3]
_MIB = 1 << 20
_HEAD = b"external_id,created_at,text\n"
_ROW = {"external_id": "1", "created_at": "2026-03-02T09:00:00Z"}
_SMALL = Limits(file=20_000, row=5_000, field=1_000, nesting=5, row_group=50_000)


def rows_of(data: bytes, name: str, limits: Limits = _SMALL) -> list[RawRow]:
    return list(read_rows(io.BytesIO(data), name=name, shape=Shape(limits=limits)))


def as_json(text: object) -> bytes:
    return json.dumps({**_ROW, "text": text}).encode() + b"\n"


def as_parquet(texts: list[str], **options: object) -> bytes:
    out = io.BytesIO()
    table = pa.Table.from_pylist([{**_ROW, "text": text} for text in texts])
    pq.write_table(table, out, **options)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "name", "sentence"),
    [
        (_HEAD + b"1,t,hi\n" * 5_000, "a.csv", "row .* 20,000 bytes .* TRIAGE_MAX_FILE_BYTES"),
        (gzip.compress(as_json("hi") * 900), "a.jsonl.gz", "TRIAGE_MAX_FILE_BYTES"),
        (_HEAD + b"1,t," + b"x" * 6_000, "a.csv", "row 0, a row has .* TRIAGE_MAX_ROW_BYTES"),
        (_HEAD + b'1,t,"' + b"x\n" * 3_000 + b'"\n', "a.csv", "TRIAGE_MAX_ROW_BYTES"),
        (b"[" + as_json("hi") + b"," + as_json("x" * 6_000) + b"]", "a.json", "MAX_ROW_BYTES"),
        (b"[" + b'{"a":' * 100_000, "a.json", "TRIAGE_MAX_NESTING|MAX_FILE_BYTES"),
        (as_parquet(["x" * 60_000]), "a.parquet", "row group 1 has .* TRIAGE_MAX_ROW_GROUP_BYTES"),
        (gzip.compress(as_parquet(["x", "y" * 60_000], compression="none")), "a.parquet.gz",
         "TRIAGE_MAX_"),
        (as_parquet(["x" * 900] * 90), "a.parquet", "its rows have .* TRIAGE_MAX_FILE_BYTES"),
    ],
)  # fmt: skip
def test_a_file_beyond_a_limit_is_refused_by_name(data: bytes, name: str, sentence: str) -> None:
    """The file, the row, the limit and the setting that raises it are named."""
    with pytest.raises(SourceError, match=rf"{name}: after .*{sentence}"):
        rows_of(data, name)


@pytest.mark.parametrize(
    ("data", "name", "problem"),
    [
        (_HEAD + b"1,t," + b"x" * 2_000 + b"\n2,t,hi\n", "a.csv", "MAX_FIELD_CHARS"),
        (as_json("x" * 2_000) + as_json("hi"), "a.jsonl", "MAX_FIELD_CHARS"),
        (as_json("x" * 9_000) + as_json("hi"), "a.jsonl", "MAX_ROW_BYTES"),
        (as_json([[[[[[1]]]]]]) + as_json("hi"), "a.jsonl", "MAX_NESTING"),
        (as_parquet(["x" * 2_000, "hi"]), "a.parquet", "MAX_FIELD_CHARS"),
    ],
)
def test_a_row_beyond_a_limit_costs_itself_alone(data: bytes, name: str, problem: str) -> None:
    """The next row is read, and the reason names the setting."""
    one, two = rows_of(data, name)
    assert problem in str(one.problem)
    assert two.fields["text"] == "hi"


def test_the_limits_are_settings() -> None:
    """Each limit comes from the settings, whose defaults are those of the readers."""
    assert Limits.of(load(_env_file=None)) == DEFAULT
    assert Limits.of(load(max_row_bytes=1_000, _env_file=None)).row == 1_000


_MEASURE = """
import re, sys
from pathlib import Path
import datetime as dt
import pyarrow.parquet
from nlp.errors import SourceError
from nlp.sources.replay import ReplaySource
def most():  # of this program alone: what getrusage says includes the process that started it
    return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) // 1024
try:
    ReplaySource(Path(sys.argv[1]), zone=dt.UTC)
except SourceError as error:
    print(most(), error)
"""


def _bomb(n_bytes: int, piece: bytes, out: Path) -> None:
    with gzip.open(out, "wb", compresslevel=9) as file:
        for _ in range(n_bytes // len(piece)):
            file.write(piece)


def _gzip_of_zeros(folder: Path) -> Path:
    _bomb(400 * _MIB, bytes(_MIB), folder / "bomb.jsonl.gz")
    return folder / "bomb.jsonl.gz"


def _gzip_of_rows(folder: Path) -> Path:
    _bomb(100 * _MIB, as_json("hi") * 10_000, folder / "bomb.jsonl.gz")
    return folder / "bomb.jsonl.gz"


def _field(folder: Path) -> Path:
    """A field of a gigabyte, in a file with a hole that takes no space."""
    with (folder / "field.csv").open("wb") as file:
        file.write(_HEAD + b'1,2026-03-02T09:00:00Z,"')
        file.truncate(1 << 30)
    return folder / "field.csv"


def _nested(folder: Path) -> Path:
    (folder / "nested.json").write_bytes(b'{"a":' * 100_000 + b"1" + b"}" * 100_000)
    return folder / "nested.json"


def _parquet(folder: Path, **options: object) -> Path:
    text = "x" * (8 * _MIB)
    table = pa.table(
        {"external_id": ["1"] * 480, "created_at": ["2026-03-02T09:00:00Z"] * 480,
         "text": pa.DictionaryArray.from_arrays(pa.array([0] * 480, pa.int32()), [text])}
    )  # fmt: skip
    pq.write_table(table, folder / "bomb.parquet", compression="zstd", **options)
    return folder / "bomb.parquet"


@pytest.mark.parametrize(
    "write", [_gzip_of_zeros, _gzip_of_rows, _field, _nested, _parquet],
)  # fmt: skip
def test_bombs_are_refused_within_300_mib(write: object, tmp_path: Path) -> None:
    """A process that reads one stays small, and ends with one sentence."""
    path = write(tmp_path)  # type: ignore[operator]
    ended = subprocess.run(
        [sys.executable, "-c", _MEASURE, str(path)],
        capture_output=True, text=True, check=False, timeout=120,
        env={"PYTHONPATH": str(_PROJECT), "PATH": ""},
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    total, sentence = ended.stdout.split(" ", 1)
    assert int(total) < 300, ended.stdout
    assert "TRIAGE_MAX_" in sentence or "holds no row" in sentence or "is empty" in sentence


_bytes = st.one_of(
    st.binary(max_size=300),
    st.lists(st.sampled_from([b'{"external_id": 1, "created_at": "t", "text": "x"}', b"\n", b"[",
             b"]", b"{", b"}", b",", b'"', b"\xff\xfe", b"\0", b"1,2,3", _HEAD, b"sep=;", b"\xe9",
             b"\x1f\x8b\x08", b"BZh9", b"\x28\xb5\x2f\xfd", b"PAR1", b"\r", b";"]),
             max_size=30).map(b"".join),
)  # fmt: skip


@given(_bytes, st.sampled_from(["a.csv", "a.json", "a.jsonl.gz", "a.parquet", "a", "a.csv.zst"]))
def test_no_bytes_cause_a_traceback(data: bytes, name: str) -> None:
    """Whatever a file holds, each row is a record, or the file is refused with a sentence."""
    shape, sentence = Shape(limits=_SMALL), ""
    rows: list[RawRow] = []
    try:
        rows.extend(read_rows(io.BytesIO(data), name=name, shape=shape, say=_be_quiet))
    except SourceError as error:
        sentence = str(error)
    assert all(row.position.startswith(f"{name}, row ") for row in rows)
    assert sentence.startswith(name) or not sentence


def test_a_parquet_file_with_damaged_names_is_refused() -> None:
    """Its schema is read by a library that decodes the names of columns."""
    out = io.BytesIO()
    pq.write_table(pa.table({"message_id": ["1"], "created_at": ["t"], "text": ["x"]}), out)
    data = out.getvalue().replace(b"message_id", b"mess\xe3\xffe_id")
    with pytest.raises(SourceError, match=r"a\.parquet: .*Parquet"):
        list(read_rows(io.BytesIO(data), name="a.parquet", shape=Shape(limits=_SMALL)))


def _be_quiet(sentence: str) -> None:
    del sentence


_values = st.one_of(
    st.none(), st.booleans(), st.floats(), st.integers(), st.text(max_size=20),
    st.sampled_from([10**400, "2026-03-02T09:00:00Z", "03/04/2026", "/Date(1)/", "2.1E+11"]),
    st.recursive(st.none(), lambda inner: st.lists(inner, max_size=2) | st.dictionaries(
        st.sampled_from(["id", "name", "$date"]), inner, max_size=2), max_leaves=4),
)  # fmt: skip
_fields = st.sampled_from(["message_id", "created_at", "text", "channel", "author", "attributes"])


@given(st.lists(st.dictionaries(_fields, _values, max_size=6), max_size=8), st.booleans())
def test_rows_of_any_values_are_counted_once_each(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, object]], is_array: bool
) -> None:
    """What goes in comes out, whatever its types: each row is pulled on one day."""
    path = tmp_path_factory.mktemp("odd") / "odd.jsonl"
    good = {"message_id": "g", "created_at": "2026-03-02T09:00:00Z", "text": "hi"}
    written = [json.dumps(row) for row in [good, *rows, good, good, good]]
    path.write_text(f"[{','.join(written)}]" if is_array else "\n".join(written))
    source = ReplaySource(path, zone=dt.UTC, shape=Shape(time_format="dmy"))
    days = [day for day in source.days if day.year in range(1990, 2101)]
    pulled = [row for day in days for row in source.pull(day)]
    assert len(pulled) == len(written)
