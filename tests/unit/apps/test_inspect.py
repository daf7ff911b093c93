"""`triage inspect`: what would be read of a file, and the command that reads it."""

import json
import shlex
from pathlib import Path

import pytest

from tests.command_line import Triage

_AT = "2026-05-04T08:00:00Z"
_ROWS = [{"id": n, "opened": _AT, "details": f"My card {n} is lost, mail jane{n}@mail.example"}
         for n in range(8)]  # fmt: skip


def _json(value: object) -> bytes:
    return json.dumps(value).encode()


_FILES = {
    "plain.csv": (f"message_id,created_at,text\n1,{_AT},hi\n".encode(), []),
    "semicolons.csv": (f"Ticket ID;Created;Body\n1;{_AT};caf\u00e9\n".encode("cp1252"),
                       ["--id-column 'Ticket ID'", "--time-column Created", "--text-column Body"]),
    "names.json": (_json(_ROWS), ["--id-column id", "--time-column opened",
                                  "--text-column details"]),
    "deep.json": (_json({"data": [{"case": one} for one in _ROWS]}),
                  ["--id-column case.id", "--time-column case.opened"]),
    "desk.json": (_json({"tickets": [
        {"id": 1, "created_at": _AT, "requester_id": 5, "via": {"channel": "web"},
         "description": "hi", "comments": []}]}), ["--preset zendesk"]),
    "chat.jsonl": (_json({"id": "1", "created_at": 1_777_881_600,
                          "source": {"body": "<p>hi</p>", "author": {"type": "user"}}}),
                   ["--preset intercom"]),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(_FILES))
def test_the_suggested_command_reads_the_file(triage: Triage, name: str) -> None:
    """The options are those that the file needs, and with them every row is a message."""
    data, options = _FILES[name]
    Path(name).write_bytes(data)
    ended = triage("inspect", name)
    assert ended.code == 0, ended.err
    (command,) = [line for line in ended.out.splitlines() if line.startswith("Run: triage replay")]
    assert all(option in command for option in options)
    assert options or command == f"Run: triage replay {name} --out result"
    assert ", 0 turned away" in ended.out
    again = triage("inspect", *shlex.split(command.removeprefix("Run: triage replay"))[:1],
                   *_without_out(shlex.split(command)[4:]))  # fmt: skip
    assert ", 0 turned away" in again.out


def _without_out(words: list[str]) -> list[str]:
    return words[words.index("--out") + 2 :] if "--out" in words else words


def test_the_first_rows_are_shown_redacted(triage: Triage) -> None:
    """Counts, days and reasons are shown; personal data is not, and nothing is stored."""
    rows = [*_ROWS, {"id": 9, "opened": "soon", "details": "x"}, {"id": 1, "opened": _AT,
            "details": "another text"}]  # fmt: skip
    Path("names.json").write_bytes(_json(rows))
    ended = triage("inspect", "names.json")
    assert "My card 0 is lost, mail <EMAIL>" in ended.out
    assert "jane" not in ended.out + ended.err
    assert "10 rows of 1 days: 8 would be stored, 2 turned away" in ended.out
    assert "1 bad_created_at: names.json, row 9: created_at is not" in ended.out
    assert "1 id_conflict" in ended.out
    assert sorted(p.name for p in Path(".local").iterdir()) == ["hash_key"]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("days.csv", "message_id,created_at,text\n1,05/06/2026,hi\n", "--time-format dmy, or"),
        ("empty.csv", "", "is empty: it has no row"),
        ("none.csv", "message_id,created_at,text\n1,never,hi\n", "Its form is 'aaaaa'"),
    ],
)
def test_what_cannot_be_read_says_why_and_what_to_do(
    triage: Triage, name: str, content: str, words: str
) -> None:
    """Exit code 1, the reason in a sentence, and the command with what is missing."""
    Path(name).write_text(content)
    ended = triage("inspect", name)
    assert ended.code == 1
    assert words in ended.out + ended.err


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("labelled.csv", b"Text;Label\nhi;pay\n", "Run: triage train labelled.csv"),
        ("desk.sql", b"SELECT * FROM t WHERE at >= :start AND at < :end", '"kind": "database"'),
        ("desk.db", b"SQLite format 3\0", "sqlite:///"),
        ("box-2026-05-04.csv", f"message_id,created_at,text\n1,{_AT},hi\n".encode(),
         '"url": "box-{day}.csv"'),
        ("any name.csv", f"message_id,created_at,text\n1,{_AT},hi\n".encode(),
         '"url": "{day}.csv"'),
        ("dt=2026-05-04/part-0", f"message_id,created_at,text\n1,{_AT},hi\n".encode(),
         '"url": "dt={day}/*"'),
        ("in/2026/05/04/09/box-1-2026-05-04-09-12", f'{{"id": 1, "created_at": "{_AT}", '
         '"text": "hi"}\n'.encode(), '"url": "in/{year}/{month}/{day}/{hour}/*"'),
    ],
)  # fmt: skip
def test_other_files_have_other_commands(
    triage: Triage, name: str, content: bytes, words: str
) -> None:
    """Labelled examples are for training, queries and databases for a source of every day."""
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_bytes(content)
    ended = triage("inspect", name)
    assert (ended.code, words in ended.out) == (0, True), ended


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.csv", ""),
        ("untimed.jsonl", '{"id": 1, "text": "hi"}\n'),
        ("setup.sql", "CREATE DATABASE x; CREATE EXTENSION vector;"),
        ("named.sql", "SELECT :who WHERE :start < :end"),
        ("notes.txt", "Dear team\nmy card is lost\n"),
    ],
)
def test_no_command_is_suggested_that_fails(triage: Triage, name: str, content: str) -> None:
    """What cannot be read gets a reason and no command."""
    Path(name).write_text(content)
    ended = triage("inspect", name)
    words = ended.out + ended.err
    assert ended.code == 1
    assert "Run: " not in words
    assert "TRIAGE_SOURCES='" not in words


def test_most_rows_turned_away_is_an_error(triage: Triage) -> None:
    """Rounded ids: the reason is shown and no command, and the exit code is that of a replay."""
    lines = [f"2.02603E+11,{_AT},My card number {n} is lost" for n in range(5)]
    Path("ids.csv").write_text("message_id,created_at,text\n" + "\n".join(lines))
    ended = triage("inspect", "ids.csv")
    assert ended.code == 1
    assert "Less than half would be stored" in ended.out
    assert "4 rows repeat an id" in ended.out
    assert "Run: " not in ended.out
    assert "TRIAGE_SOURCES='" not in ended.out


def test_days_and_months_that_can_be_either_are_left_to_the_person(triage: Triage) -> None:
    """The command and the setting of every day both name the form, and say it may be another."""
    rows = "\n".join(f"{n},0{n}/06/2026 10:00,My card number {n} is lost" for n in range(1, 7))
    Path("in.csv").write_text(f"message_id,created_at,text\n{rows}\n")
    out = triage("inspect", "in.csv").out
    (run,) = [line for line in out.splitlines() if line.startswith("Run: ")]
    (daily,) = [line for line in out.splitlines() if line.startswith("Every day: ")]
    assert "--time-format dmy" in run
    assert '"time_format": "dmy"' in daily
    assert run.endswith(", or the same with mdy")
    assert daily.endswith(", or the same with mdy")


@pytest.mark.parametrize("line", ["postgresql://u:hidden@db.example/x", "jane@mail.example"])
def test_a_missing_header_shows_nothing_personal(triage: Triage, line: str) -> None:
    """The first line of a file without a header is data: it is redacted like a message."""
    Path("raw.txt").write_text(f"{line}\n{line}\n")
    words = (ended := triage("inspect", "raw.txt")).out + ended.err
    assert "not read" in words
    assert "hidden" not in words
    assert "jane" not in words
