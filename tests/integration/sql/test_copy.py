"""What is written to Postgres by COPY is read back unchanged."""

import datetime as dt
import json
import uuid
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from psycopg import DataError
from sqlalchemy import Connection, Engine, text

from nlp.errors import EncoderError
from nlp.records import Floats
from nlp.settings import load
from sql import embedded
from sql.connect import connect
from sql.stores.copy import copy_embeddings_in, copy_embeddings_out, copy_rows

# Any text that Postgres can store: no NUL and no lone surrogates, which cleaning removes.
STORABLE = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
SCALARS = st.one_of(STORABLE, st.booleans(), st.none(), st.integers(-(2**53), 2**53))
AWKWARD = [
    "",
    " ",
    "\t tab \t",
    "line\nbreak\r\nand\rmore\n",
    "back\\slash \\t \\n \\\\",
    "\\N",
    "\\.",
    "NULL",
    "\"quoted\" 'twice' {braces}, commas",
    "%s %(name)s :name",
    "\U0001f468\u200d\U0001f467 \u2764\ufe0f",
    "\u0645\u0631\u062d\u0628\u0627 \u202b\u05e9\u05dc\u05d5\u05dd\u202c",
    "\x01\x08\x0b\x0c\x1b\x7f\x85\u2028\ufeff",
    "'; DROP TABLE held; --",
]
unhurried = settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(scope="module")
def engine(local_dir: Path) -> Iterator[Engine]:
    """An empty database with pgvector."""
    made = connect(load(database_url=embedded.database_url(local_dir, "copy"), _env_file=None))
    with made.begin() as connection:
        connection.execute(text("CREATE EXTENSION IF NOT EXISTS vector"))
    yield made
    made.dispose()


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    """A connection with one table of every type and one of embeddings."""
    with engine.connect() as opened:
        opened.exec_driver_sql(
            "CREATE TEMP TABLE held (n int, words text, day date, at timestamptz, share real, "
            "yes boolean, tags text[], fields jsonb);"
            "CREATE TEMP TABLE vectors (text_hash uuid, embedding halfvec)"
        )
        yield opened


def _round_trip(connection: Connection, column: str, values: list[object]) -> list[object]:
    connection.exec_driver_sql("TRUNCATE held")
    copy_rows(connection, "held", ("n", column), enumerate(values))
    return list(connection.execute(text(f"SELECT {column} FROM held ORDER BY n")).scalars())


def _embeddings(connection: Connection, ids: list[str], vectors: Floats) -> dict[str, Floats]:
    connection.exec_driver_sql("TRUNCATE vectors")
    copy_embeddings_in(connection, "vectors", ids, vectors)
    query = "SELECT text_hash, embedding FROM vectors WHERE text_hash = ANY(%s::uuid[])"
    result, rows = copy_embeddings_out(connection, query, (ids,))
    return dict(zip(result, rows, strict=True))


def _ids(n: int) -> list[str]:
    return [str(uuid.UUID(int=i)) for i in range(n)]


def test_awkward_texts_come_back(connection: Connection) -> None:
    """Tabs, line ends, backslashes, quotes, emoji and right-to-left text are kept unchanged."""
    assert _round_trip(connection, "words", list(AWKWARD)) == AWKWARD


def test_awkward_lists_and_fields_come_back(connection: Connection) -> None:
    """The same holds inside a list and an object, and for lists of no and of one element."""
    assert _round_trip(connection, "tags", [AWKWARD, [], [""], ("a",)]) == [
        AWKWARD,
        [],
        [""],
        ["a"],
    ]
    fields = [dict.fromkeys(AWKWARD, "x"), {str(i): w for i, w in enumerate(AWKWARD)}, {}]
    assert _round_trip(connection, "fields", list(fields)) == fields


def test_nothing_is_not_empty(connection: Connection) -> None:
    """None comes back as null in every column, and differs from an empty text."""
    for column in ("words", "day", "at", "share", "yes", "tags", "fields"):
        assert _round_trip(connection, column, [None]) == [None]
    assert _round_trip(connection, "words", [None, "", "None"]) == [None, "", "None"]


def test_other_values_come_back(connection: Connection) -> None:
    """Dates, times with any offset, booleans and numbers keep their value."""
    zone = dt.timezone(dt.timedelta(hours=5, minutes=45))
    at = [dt.datetime(2026, 3, 2, 9, 30, 0, 123456, zone), dt.datetime(1990, 1, 1, tzinfo=dt.UTC)]
    assert _round_trip(connection, "at", list(at)) == at
    days = [dt.date(2026, 2, 28), dt.date(1990, 1, 1)]
    assert _round_trip(connection, "day", list(days)) == days
    assert _round_trip(connection, "yes", [True, False]) == [True, False]
    assert _round_trip(connection, "share", [0.5, 1e-30, -3]) == pytest.approx([0.5, 1e-30, -3.0])


@unhurried
@given(rows=st.lists(st.one_of(st.none(), STORABLE), max_size=8))
def test_any_text_comes_back(connection: Connection, rows: list[str | None]) -> None:
    """Every text that Postgres can store is kept, and rows neither merge nor split."""
    assert _round_trip(connection, "words", list(rows)) == rows


@unhurried
@given(tags=st.lists(STORABLE, max_size=5), fields=st.dictionaries(STORABLE, SCALARS, max_size=5))
def test_any_list_and_object_comes_back(
    connection: Connection, tags: list[str], fields: dict[str, object]
) -> None:
    """Every flat list and object of such texts is kept."""
    assert _round_trip(connection, "tags", [tags]) == [tags]
    (result,) = _round_trip(connection, "fields", [fields])
    assert json.dumps(result, sort_keys=True) == json.dumps(fields, sort_keys=True)


@pytest.mark.parametrize(
    ("row", "words"), [((2, "bad \0 one"), r"NUL \(0x00\)"), ((2**40, "bad"), "out of range")]
)
def test_a_row_that_fits_not_is_refused_whole(
    connection: Connection, row: tuple[int, str], words: str
) -> None:
    """A value that the driver or Postgres refuses leaves nothing of its batch behind."""
    copy_rows(connection, "held", ("n", "words"), [(0, "before")])
    with pytest.raises(DataError, match=words), connection.begin_nested():
        copy_rows(connection, "held", ("n", "words"), [(1, "fine"), row])
    assert connection.execute(text("SELECT words FROM held")).scalars().all() == ["before"]


@unhurried
@given(
    vectors=arrays.arrays(
        np.float32,
        st.tuples(st.integers(1, 6), st.integers(1, 40)),
        elements=st.floats(-1, 1, width=32),
    )
)
def test_embeddings_come_back_within_half_precision(
    connection: Connection, vectors: Floats
) -> None:
    """Each number of a vector differs by at most half of its last of eleven bits."""
    ids = _ids(len(vectors))
    result = _embeddings(connection, ids, vectors)
    assert set(result) == set(ids)
    for text_hash, vector in zip(ids, vectors, strict=True):
        np.testing.assert_allclose(result[text_hash], vector, rtol=2**-11, atol=2**-25)
    again = _embeddings(connection, ids, np.stack([result[i] for i in ids]))
    assert all((again[i] == result[i]).all() for i in ids)


def test_postgres_reads_the_same_numbers(connection: Connection) -> None:
    """What is written in binary equals what pgvector itself shows, in order and under its id."""
    ids = _ids(2)
    copy_embeddings_in(connection, "vectors", ids, np.array([[0.5, -1, 0], [0.25, 2, -8]], "f4"))
    shown = connection.execute(
        text("SELECT text_hash::text, embedding::text FROM vectors ORDER BY 1")
    )
    assert [tuple(row) for row in shown] == [(ids[0], "[0.5,-1,0]"), (ids[1], "[0.25,2,-8]")]
    rows = connection.execute(text("SELECT vector_dims(embedding) FROM vectors")).scalars()
    assert set(rows) == {3}


def test_no_embedding_is_an_empty_answer(connection: Connection) -> None:
    """A query without rows gives no ids and an array without rows."""
    ids, vectors = copy_embeddings_out(connection, "SELECT text_hash, embedding FROM vectors", ())
    assert (ids, vectors.shape) == ([], (0, 0))


def test_embeddings_of_two_encoders_do_not_mix(connection: Connection) -> None:
    """Vectors of different lengths in one answer are an error."""
    copy_embeddings_in(connection, "vectors", _ids(1), np.ones((1, 4), "f4"))
    copy_embeddings_in(connection, "vectors", [str(uuid.UUID(int=9))], np.ones((1, 8), "f4"))
    with pytest.raises(EncoderError, match="different dimensions"):
        copy_embeddings_out(connection, "SELECT text_hash, embedding FROM vectors", ())
