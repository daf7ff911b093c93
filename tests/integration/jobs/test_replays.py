"""`triage replay` in separate processes gives the same result twice, and after kills.

Separate interpreters have different hash seeds. The killed processes fork from one that has done
the imports, and are killed at random moments from a seed.
"""

import csv
import datetime as dt
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests import forks
from tests.inbox import LAST, inbox

_PROJECT = Path(__file__).parents[3]
_FIRST = dt.date(2026, 3, 2)
_N_DAYS = 7
_SUBJECTS = {
    "card_lost": ("I lost my card {}", "my card is gone, lost it {}", "card missing since {}"),
    "refund": ("where is my refund from {}", "refund not here, shop {}", "still no refund of {}"),
    "pin": ("how do I change my pin {}", "pin blocked {}", "forgot the pin code {}"),
}
_LATER = ("mortgage rate for a house {}", "which mortgage rate do I pay {}", "fix my mortgage {}")
_PLACES = ("London", "the train", "a shop")
_TIMED = "run_days.csv"
_N_KILLS = 10
_SEED = 3


def _write(file: Path, rows: list[tuple[str, dt.date, str]]) -> Path:
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["message_id", "created_at", "text"])
        writer.writerows((number, f"{day}T10:00:00Z", words) for number, day, words in rows)
    return file


def _few_texts(file: Path) -> Path:
    """Seven days; one subject starts on the fourth, another surges on the last.

    The distinct texts are too few for UMAP, which each process would compile for seconds.
    """
    draw = random.Random(_SEED)
    rows = []
    for n in range(_N_DAYS):
        day = _FIRST + dt.timedelta(n)
        frames = {name: (own, 5) for name, own in _SUBJECTS.items()}
        if n >= 3:
            frames["mortgage"] = (_LATER, 12)
        if n == _N_DAYS - 1:
            frames["pin"] = (_SUBJECTS["pin"], 50)
        for name, (own, n_each) in frames.items():
            words = [draw.choice(own).format(draw.choice(_PLACES)) for _ in range(n_each)]
            rows += [(f"{name}-{day}-{i}", day, w) for i, w in enumerate(words)]
    return _write(file, rows)


def _inbox(file: Path) -> Path:
    """A week of subjects in many wordings, with foreign, unusual, late and broken rows."""
    days = [day for day in inbox() if LAST - dt.timedelta(7) < day <= LAST]
    fields = [row.fields for day in days for row in inbox()[day]]
    dated = [(f["external_id"], f["created_at"][:10], f["text"]) for f in fields]
    return _write(file, [(number, dt.date.fromisoformat(day), t) for number, day, t in dated])


def _exports(out: Path) -> dict[str, bytes]:
    """The files of a replay, without the one that contains seconds."""
    return {path.name: path.read_bytes() for path in out.iterdir() if path.name != _TIMED}


def _counts(out: Path) -> list[list[str]]:
    """The file that contains seconds, without the columns of times."""
    with (out / _TIMED).open(encoding="utf-8", newline="") as file:
        return [row[:3] for row in csv.reader(file)]


def test_two_replays_leave_the_same_bytes(tmp_path: Path, local_dir: Path) -> None:
    """A file gives the same bytes in two databases and interpreters with different hash seeds."""
    file = _inbox(tmp_path / "messages.csv")
    running = []
    for seed in ("1", "2"):
        command = ["-m", "nlp.apps.cli", "replay", str(file), "--out", str(tmp_path / seed)]
        output = {"PYTHONHASHSEED": seed, "PYTHONPATH": str(_PROJECT)}
        environment = {**os.environ, **output, "TRIAGE_LOCAL_DIR": str(local_dir)}
        running.append(subprocess.Popen([sys.executable, *command], env=environment, cwd=tmp_path))
    assert [process.wait(300) for process in running] == [0, 0]
    one, other = _exports(tmp_path / "1"), _exports(tmp_path / "2")
    assert one == other
    assert _counts(tmp_path / "1") == _counts(tmp_path / "2")
    assert set(one) == {
        "assignments.csv", "topics.csv", "topic_days.csv", "topic_events.csv", "alerts.csv",
        "message_topics.csv", "quarantine.csv",
    }  # fmt: skip
    assert all(one[name].count(b"\n") > 1 for name in set(one) - {"quarantine.csv"})


@pytest.fixture
def undisturbed(tmp_path: Path, local_dir: Path) -> tuple[Path, float]:
    """The exports of an uninterrupted replay of few texts, and the seconds it took."""
    forks.warm_up()
    started = time.perf_counter()
    file = _few_texts(tmp_path / "few.csv")
    forks.finish(forks.start(*_replay(file, tmp_path / "calm", local_dir)))
    return tmp_path / "calm", time.perf_counter() - started


def _replay(file: Path, out: Path, local_dir: Path) -> tuple[object, ...]:
    arguments = ["replay", str(file), "--out", str(out)]
    return forks.triage, arguments, {"TRIAGE_LOCAL_DIR": str(local_dir)}


def test_a_replay_killed_ten_times_ends_with_the_same_files(
    undisturbed: tuple[Path, float], tmp_path: Path, local_dir: Path
) -> None:
    """Killed at random moments and started again, a replay continues.

    Its files equal those of an uninterrupted replay byte for byte.
    """
    calm, seconds = undisturbed
    draw = random.Random(_SEED)
    killed_out = tmp_path / "killed"
    again = _replay(tmp_path / "few.csv", killed_out, local_dir)
    n_killed = 0
    for _ in range(4 * _N_KILLS):
        if forks.kill_after(draw.uniform(0.05, 0.7) * seconds, forks.start(*again)):
            n_killed += 1
        else:
            seconds *= 0.7  # the machine is less busy now than when the time was measured
        if n_killed == _N_KILLS:
            break
    assert n_killed == _N_KILLS
    forks.finish(forks.start(*again))
    assert _exports(killed_out) == _exports(calm)
    assert _counts(killed_out) == _counts(calm)
    assert b",surge," in _exports(calm)["alerts.csv"]
    assert _exports(calm)["topic_events.csv"].count(b",birth,") == len(_SUBJECTS) + 1
