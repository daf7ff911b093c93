"""What the command line `triage` prints, and its exit codes."""

import csv
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from nlp.apps.cli.console import progress
from sql import embedded
from tests.command_line import Triage, one_line

_PROJECT = Path(__file__).parents[3]
_GOOD = "message_id,created_at,text\n" + "".join(
    f"{n},2026-03-0{2 + n % 2}T10:00:00Z,my card number {n} is lost\n" for n in range(24)
)
_EXAMPLES = "text,intent\ncard lost,card\ncard gone,card\nno refund,refund\nrefund please,refund\n"


def test_help_teaches_where_to_begin(triage: Triage) -> None:
    """`--help` exits with 0, names every command and says where to begin."""
    ended = triage("--help")
    assert (ended.code, ended.err) == (0, "")
    assert "Begin with `triage demo`" in " ".join(ended.out.split())
    for command in ("demo", "up", "migrate", "sample", "ingest", "run-day", "replay", "themes"):
        assert f" {command} " in ended.out


def test_no_arguments_show_the_help(triage: Triage) -> None:
    """Without a command the same help is shown, with exit code 2."""
    ended = triage()
    assert ended.code == 2
    assert (ended.out + ended.err).strip() == triage("--help").out.strip()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["trian"], "No such command 'trian'"),
        (["themes", "--colour"], "No such option: --colour"),
        (["themes", "--most", "0"], "--most"),
        (["ingest"], "Missing argument"),
        (["ingest", "2026-13-01"], "'2026-13-01' does not match"),
        (["run-day", "yesterday"], "'yesterday' does not match"),
        (["run-day", "2026-03-03", "--through", "2026-03-02"], "2026-03-02 is before 2026-03-03"),
        (["replay", "messages.csv"], "Missing option '--out'"),
    ],
)
def test_wrong_usage_is_2(triage: Triage, arguments: list[str], words: str) -> None:
    """A wrong command, option or value exits with 2 and is named before anything starts."""
    ended = triage(*arguments)
    assert (ended.code, ended.out) == (2, "")
    assert words in ended.err
    assert list(Path.cwd().iterdir()) == []


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"timezone": "Mars"}, "TRIAGE_TIMEZONE: .*Europe/London. Was: 'Mars'"),
        ({"window_days": "many"}, "TRIAGE_WINDOW_DAYS: .*integer.* Was: 'many'"),
        ({"sources": "{bad"}, "TRIAGE_SOURCES is not JSON: .*line 1 column 2"),
        ({"database_url": "the-hidden one"}, "TRIAGE_DATABASE_URL is no URL such as postgresql://"),
        ({"database_url": "postgresql://u:hidden@h:x/d"}, "TRIAGE_DATABASE_URL is no URL"),
        ({"database_url": "mysql://u:hidden@h/d"}, "TRIAGE_DATABASE_URL names 'mysql'"),
        ({"database_url": "postgresql://u:hidden@h/d?foo=1"}, 'invalid connection option "foo"'),
        (
            {"sources": '{"a": {"kind": "database", "connection": "postgresql://u:hidden@h/d"}}'},
            "TRIAGE_SOURCES_A_DATABASE_QUERY: Field required",
        ),
        ({"local_dir": "/dev/null/below"}, "^/dev/null/below: Not a directory$"),
    ],
)
def test_a_bad_setting_is_one_line(triage: Triage, settings: dict[str, str], words: str) -> None:
    """A setting that is not allowed is named, with what is allowed; no secret is shown."""
    line = one_line(triage("themes", **settings))
    assert re.search(words, line)
    assert "hidden" not in line.replace("Was: hidden", "")


@pytest.mark.parametrize(
    "command", [("themes",), ("migrate",), ("psql",), ("ingest", "2026-03-02")]
)
def test_a_database_that_is_down_is_one_line(triage: Triage, command: tuple[str, ...]) -> None:
    """If no database answers, one line gives the address and the reason, without the password."""
    url = "postgresql://someone:hidden-word@127.0.0.1:1/support"
    line = one_line(triage(*command, database_url=url))
    assert "No PostgreSQL answers at" in line
    assert "127.0.0.1:1/support: Connection refused. Start it" in line
    assert "hidden-word" not in line


@pytest.mark.parametrize(
    ("content", "options", "words"),
    [
        (None, [], "messages.csv cannot be read: No such file or directory"),
        ("message_id,text\n1,hi\n", [], "messages.csv: row 1 names no column created_at"),
        (_GOOD, ["--id-column", "ticket"], "names no column ticket. Add it, or map it"),
        (_GOOD, ["--time-column", "text"], "holds no row with a created_at that can be read"),
        (_GOOD, ["--examples", "none.csv"], "none.csv: No such file or directory"),
        ("", [], "messages.csv is empty: it has no row. Deliver it again"),
        ("message_id,created_at,text\n", [], "messages.csv is empty: it has no row"),
    ],
)
def test_a_replay_of_a_wrong_file_is_one_line(
    triage: Triage, content: str | None, options: list[str], words: str
) -> None:
    """A missing file or one with other columns is named, and no server starts."""
    if content is not None:
        Path("messages.csv").write_text(content)
    assert words in one_line(triage("replay", "messages.csv", "--out", "result", *options))
    assert not Path(".local").exists()


def test_an_output_that_is_a_file_is_one_line(triage: Triage) -> None:
    """A folder that cannot be created is named."""
    Path("messages.csv").write_text(_GOOD)
    line = one_line(triage("replay", "messages.csv", "--out", "messages.csv"))
    assert line == "messages.csv: File exists"


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ('{"kind": "files", "url": "s3x://bucket/{day}.csv"}', "Protocol not known: s3x"),
        ('{"kind": "files", "url": "inbox/{day}.csv"}', "has no file .*inbox/2026-03-02.csv"),
        (
            '{"kind": "database", "connection": "helpdesk", "query": "q.sql"}',
            "'desk' cannot be opened here: .*does not read Airflow's connections",
        ),
    ],
)
def test_a_source_that_cannot_be_pulled_is_one_line(
    triage: Triage, local_dir: Path, source: str, words: str
) -> None:
    """A source of a wrong kind, place or connection is named."""
    sources = f'{{"desk": {source}}}'
    line = one_line(triage("ingest", "2026-03-02", sources=sources, local_dir=local_dir))
    assert re.search(words, line)
    assert "'desk'" in line


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "examples.csv is not a CSV with the columns text and intent"),
        ("words,intent\na,b\n", "examples.csv is not a CSV with the columns text and intent"),
        ("text,intent\nshort row\n", "at least 2 intents with 2 examples each are needed"),
    ],
)
def test_wrong_examples_areone_line(
    triage: Triage, local_dir: Path, content: str | None, words: str
) -> None:
    """Examples that are missing, named otherwise or cut short are reported; nothing is trained."""
    if content is not None:
        Path("examples.csv").write_text(content)
    assert words in one_line(triage("train", "examples.csv", local_dir=local_dir))


_LABELS = (
    "utterance;Label\n"
    "I lost my card;Card\nmy card is gone;card\ncard stolen today;CARD\ncard, where is it;card \n"
    "refund please;re-fund\nmoney back;refund\nwhere is my money;Refund\n"
    "a gift card;gift\nthe same text;card\nthe same text;refund\n"
)


def test_labels_as_people_write_them_train_and_say_what_was_done(
    triage: Triage, tmp_path: Path, local_dir: Path
) -> None:
    """Spellings are joined, a rare intent and a conflict are left out, and each is said."""
    url = embedded.database_url(local_dir, "labels")
    try:
        settings = {"database_url": url, "local_dir": local_dir, "mlflow_uri": "off"}
        assert triage("migrate", **settings).code == 0
        Path("few.csv").write_text("text,intent\na,x\nb,y\n")
        refused = one_line(triage("train", "few.csv"))
        assert "2 intents with 2 examples each are needed" in refused
        assert triage("intents").out == ""  # nothing was stored
        Path("labels.csv").write_text(_LABELS)
        ended = triage("train", "labels.csv")
        assert ended.code == 0, ended.err
        assert "Joined as 'card': 'Card', 'CARD'" in ended.err
        assert "Left out, one example: 'gift'" in ended.err
        assert "Conflict, left out: 'the same text' is labelled card and refund" in ended.err
        assert triage("rename-intent", "card", "lost card").code == 0
        assert triage("retire-intent", "gift").code == 0
        assert triage("train").code == 0
        names = triage("intents").out.split(":")
        assert ["lost card" in n for n in names].count(True) == 1
        assert "There is no intent 'nothing'" in one_line(triage("retire-intent", "nothing"))
    finally:
        embedded.drop_database(local_dir, "labels")


def test_counts_below_a_half_end_with_1(triage: Triage, local_dir: Path) -> None:
    """What became of the rows is printed with its reasons; known rows are no failure."""
    Path("inbox").mkdir()
    good = "a,2026-03-02T09:00:00Z,my card is lost\n"
    Path("inbox/2026-03-02.csv").write_text("external_id,created_at,text\n" + good)
    Path("inbox/2026-03-03.csv").write_text("external_id,created_at,text\nb,never,x\n,,\n" + good)
    sources = '{"desk": {"kind": "files", "url": "inbox/{day}.csv"}}'
    url = embedded.database_url(local_dir, "counts")
    try:
        settings = {"database_url": url, "local_dir": local_dir, "sources": sources}
        assert triage("migrate", **settings).code == 0
        for stored, known in ((1, 0), (0, 1)):
            ended = triage("ingest", "2026-03-02")
            assert ended.code == 0
            assert f"1 rows pulled: {stored} stored, {known} known" in ended.out
        ended = triage("ingest", "2026-03-03")
        assert ended.code == 1
        assert "2 quarantined (1 bad_created_at, 1 no_id)" in ended.out
        assert "Less than half are messages" in ended.out
    finally:
        embedded.drop_database(local_dir, "counts")


def test_stopping_says_so(triage: Triage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C exits with 1 and one word, without a traceback."""

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("nlp.apps.sample.write", interrupted)
    assert one_line(triage("sample")) == "Stopped"


def test_psql_failing_is_1(triage: Triage, local_dir: Path) -> None:
    """A failure of psql exits with 1, whatever code psql itself uses."""
    strict = ("--no-psqlrc", "-v", "ON_ERROR_STOP=1")
    assert triage("psql", *strict, "-c", "SELECT 1", local_dir=local_dir).code == 0
    assert triage("psql", *strict, "-c", "SELECT nothing", local_dir=local_dir).code == 1


def test_a_replay_is_silent_but_for_its_files(triage: Triage, local_dir: Path) -> None:
    """Without a terminal, a successful replay prints the files that it wrote and the counts.

    It removes its plan, and a plan that another program damaged does not stop it.
    """
    Path("messages.csv").write_text(_GOOD)
    Path("examples.csv").write_text(_EXAMPLES)
    Path("result").mkdir()
    Path("result", "replay.json").write_text("{")
    given = ("messages.csv", "--out", "result", "--examples", "examples.csv", "--excel")
    ended = triage("replay", *given, local_dir=local_dir)
    assert (ended.code, ended.err) == (0, "")
    model, *files, counts = ended.out.splitlines()
    assert counts == "24 rows pulled: 24 stored, 0 known, 0 quarantined"
    assert model.startswith("Model ")
    assert sorted(map(Path, files)) == sorted(Path("result").iterdir())
    assert all(file.read_text(encoding="utf-8")[0] == "\ufeff" for file in map(Path, files))
    with Path("result", "assignments.csv").open(encoding="utf-8-sig") as file:
        assert len(list(csv.DictReader(file))) == 24


@pytest.mark.parametrize(("forced", "is_shown"), [("", False), ("1", True)])
def test_progress_is_for_terminals(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], forced: str, is_shown: bool
) -> None:
    """A progress bar is drawn on a terminal only."""
    monkeypatch.setenv("FORCE_COLOR", forced)
    with progress("Replaying", 2) as step:
        step("2026-03-02")
        step("2026-03-03")
    words = capsys.readouterr()
    assert words.out == ""
    assert ("Replaying 2026-03-03" in words.err) == is_shown
    assert bool(words.err) == is_shown


def test_the_process_ends_with_the_code(tmp_path: Path) -> None:
    """Run as a program, it ends with the same code and line, also through a pipe."""
    ended = subprocess.run(
        [sys.executable, "-m", "nlp.apps.cli", "replay", "none.csv", "--out", "result"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(_PROJECT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == "none.csv cannot be read: No such file or directory\n"
