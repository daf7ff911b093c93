"""Exported rows: nothing in them is a formula or markup."""

import csv
import datetime as dt
import io
import json
from decimal import Decimal

import pytest
from triage_page.safe import csv_lines, json_lines

_WORDS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1+1", "|calc", "%0A=1")


@pytest.mark.parametrize("words", _WORDS)
def test_no_text_is_a_formula(words: str) -> None:
    """What a spreadsheet would compute begins with an apostrophe and is otherwise unchanged."""
    data = b"".join(csv_lines(["text"], [{"text": words}])).decode()
    assert list(csv.reader(io.StringIO(data, newline="")))[1] == [f"'{words}"]


def test_numbers_dates_and_nothing_stay_what_they_are() -> None:
    """A negative number is no formula, None is empty, a day is ISO, a list of pairs is JSON."""
    row = {"a": -1.5, "b": None, "c": dt.date(2026, 3, 9), "d": True, "e": [["x", 0.5]]}
    data = b"".join(csv_lines(list(row), [row])).decode()
    assert list(csv.reader(io.StringIO(data)))[1] == [
        "-1.5", "", "2026-03-09", "true", '[["x", 0.5]]',
    ]  # fmt: skip


def test_times_and_lists_are_what_a_spreadsheet_reads() -> None:
    """A time is in UTC, to the second and without a zone; a list of words is one text."""
    rome = dt.timezone(dt.timedelta(hours=1))
    row = {
        "at": dt.datetime(2026, 3, 9, 0, 30, 5, 99, tzinfo=rome),
        "words": ["card", "=lost"],
        "p": Decimal("-0.5"),
    }
    data = b"".join(csv_lines(list(row), [row])).decode()
    assert list(csv.reader(io.StringIO(data)))[1] == ["2026-03-08 23:30:05", "card; =lost", "-0.5"]


def test_json_is_read_back_and_holds_no_markup() -> None:
    """The array parses to the same rows; no `<` is left for a browser to take as a tag."""
    rows = [{"text": "<script>x</script>", "n": n} for n in range(450)]
    data = b"".join(json_lines(["text", "n"], rows)).decode()
    assert "<" not in data
    assert json.loads(data) == rows


def test_files_without_rows_are_whole() -> None:
    """No rows: a header alone, and an empty array."""
    assert b"".join(csv_lines(["a", "b"], [])) == b"a,b\r\n"
    assert json.loads(b"".join(json_lines(["a"], []))) == []


def test_rows_are_written_as_they_come() -> None:
    """A long file leaves in pieces: the first before the last row was asked for."""
    requested = []

    def rows() -> object:
        for n in range(1_000):
            requested.append(n)
            yield {"n": n}

    pieces = csv_lines(["n"], rows())  # type: ignore[arg-type]
    next(pieces)
    assert len(requested) < 1_000
