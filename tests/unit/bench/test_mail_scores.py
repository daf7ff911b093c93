"""Scores of a replayed mail stream, on exports made by hand and against the reference."""

import csv
import datetime as dt
import json
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

from bench import mail
from bench.data import folder
from bench.mail_files import write_messages, write_truth
from bench.mail_phrases import load_phrases, phrase_file
from bench.mail_scores import MailScores, score
from bench.mail_streams import MACHINE, MailMessage, MailStream, Request
from bench.streams import NOISE, START, Event
from tests import references

_NEW_DAY = 14
_PHRASES = load_phrases(phrase_file())


def _message(name: str, *intents: str, day: int = 0, quoted: str | None = None) -> MailMessage:
    return MailMessage(
        message_id=name,
        created_at=dt.datetime.combine(START + dt.timedelta(day), dt.time(9), dt.UTC),
        text=name,
        channel="email",
        customer_id="c1",
        attributes={},
        requests=tuple(Request(i, f"about my {i}") for i in intents),
        quoted_intent=quoted,
    )


_STREAM = MailStream(
    messages=[
        *(_message(f"card{n}", "card") for n in range(8)),
        *(_message(f"loan{n}", "loan", day=_NEW_DAY) for n in range(8)),
        _message("both", "card", "loan"),
        _message("quoting", "card", quoted="loan"),
        _message("noise", NOISE),
        _message("machine", MACHINE),
    ],
    events=[
        Event("loan", "new_topic", START + dt.timedelta(_NEW_DAY), 6),
        Event("card", "surge", START + dt.timedelta(20), 3, "plan=plus"),
    ],
)
_PERFECT = {
    **{f"card{n}": "C" for n in range(8)},
    **{f"loan{n}": "L" for n in range(8)},
    "both": "C L",
    "quoting": "C",
}


def _write(file: Path, columns: str, rows: list[tuple[object, ...]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(columns.split(","))
        writer.writerows(rows)


def _export(
    out: Path,
    topics_of: dict[str, str],
    *,
    stream: MailStream = _STREAM,
    alerts: list[tuple[object, ...]] | None = None,
    labels: dict[str, str] | None = None,
    is_single: bool = False,
) -> Path:
    """Write exports in which each message has the given topics, separated by spaces."""
    out.mkdir(exist_ok=True)
    rows = [(m.message_id, m.created_at.isoformat()) for m in stream.messages]
    first = {m: topics.split()[0] for m, topics in topics_of.items() if topics}
    _write(
        out / "assignments.csv",
        "message_id,created_at,topic_id",
        [(m, at, first.get(m, "")) for m, at in rows],
    )
    if not is_single:
        pairs = [(m, t) for m, topics in topics_of.items() for t in topics.split()]
        _write(out / "message_topics.csv", "message_id,topic_id", pairs)
    _write(out / "alerts.csv", "day,topic_id,kind,segment", alerts or [])
    named = labels or {"C": "card lost", "L": "loan"}
    _write(
        out / "topics.csv",
        "topic_id,label,status",
        [(t, label, "active") for t, label in named.items()],
    )
    return out


def _scores(out: Path, topics_of: dict[str, str], **export: object) -> MailScores:
    return score(_STREAM, _export(out, topics_of, **export), phrases=_PHRASES)  # type: ignore[arg-type]


def _day(number: int) -> str:
    return str(START + dt.timedelta(number))


def test_a_perfect_replay_scores_one(tmp_path: Path) -> None:
    """If every intent has its own topic and nothing else does, all shares of topics are best."""
    scores = _scores(tmp_path, _PERFECT)
    assert scores.f1 == scores.f1_many == scores.recall_second == scores.coverage == 1
    assert scores.topics_per_intent == 1
    assert scores.from_quotes == 0
    assert scores.noise_out == scores.machine_out == 1


def test_one_topic_a_message_loses_the_second_intent(tmp_path: Path) -> None:
    """Without `message_topics.csv` a message has one topic, and its second intent is missed."""
    scores = _scores(tmp_path, _PERFECT, is_single=True)
    assert scores.recall_second == 0
    assert scores.f1 == pytest.approx(2 * 1 * (18 / 19) / (1 + 18 / 19))


def test_fragments_cost_one_to_one_only(tmp_path: Path) -> None:
    """Half of an intent in a second topic is wrong one to one, and right many to one."""
    halves = _PERFECT | {f"card{n}": "C2" for n in range(4)}
    scores = _scores(tmp_path, halves)
    assert scores.f1_many == 1
    assert scores.f1 == pytest.approx(15 / 19)


def test_a_mixture_costs_both_ways(tmp_path: Path) -> None:
    """A single topic is matched to one intent, and the other intent is missed."""
    scores = _scores(tmp_path, dict.fromkeys(_PERFECT, "C"))
    assert scores.f1 == scores.f1_many < 0.6
    assert scores.topics_per_intent == 0.5


def test_a_quoted_intent_counts_against(tmp_path: Path) -> None:
    """A message in the topic of its quoted intent increases `from_quotes`."""
    assert _scores(tmp_path, _PERFECT | {"quoting": "L"}).from_quotes == 1


def test_noise_is_out_in_a_topic_of_its_own(tmp_path: Path) -> None:
    """Noise in a topic of noise counts as kept out; noise among customers' messages does not."""
    apart = _scores(tmp_path, _PERFECT | {"noise": "N", "machine": "N"})
    assert apart.noise_out == apart.machine_out == 1
    mixed = _scores(tmp_path, _PERFECT | {"noise": "N", "machine": "L"})
    assert (mixed.noise_out, mixed.machine_out) == (1, 0)


def test_an_alert_is_judged_by_its_topics_messages_of_the_day(tmp_path: Path) -> None:
    """The new topic is detected on its first day; an alert on another intent is false."""
    alerts = [(_day(_NEW_DAY), "L", "new_topic", ""), (_day(5), "C", "surge", "")]
    scores = _scores(tmp_path, _PERFECT, alerts=[*alerts, (_day(12), "C", "surge", "")])
    assert scores.recall_new == 1
    assert scores.recall_surge == 0
    assert scores.delay == 0
    assert scores.n_alerts == 2  # the one in the warm-up does not count
    assert scores.precision == 0.5


def test_a_surge_counts_as_named_by_its_own_segment(tmp_path: Path) -> None:
    """Only the planted segment is right; another one is false."""
    day = 21
    later = _message("later", "card", day=day)
    stream = replace(_STREAM, messages=[*_STREAM.messages, later])
    for segment, share, is_false in (("plan=plus", 1, 0), ("plan=basic", 0, 1), ("", 0, 0)):
        alerts: list[tuple[object, ...]] = [(_day(day), "C", "surge", segment)]
        out = _export(tmp_path, _PERFECT | {"later": "C"}, stream=stream, alerts=alerts)
        scores = score(stream, out, phrases=_PHRASES)
        assert (scores.segments, scores.false_segments) == (share, is_false)
        assert scores.recall_surge == 1
        assert scores.delay == 1


def test_labels_of_names_are_counted(tmp_path: Path) -> None:
    """A living topic with a firm's name as label is counted; one with a customer's word is not."""
    assert _scores(tmp_path, _PERFECT).boilerplate_labels == 0
    labels = {"C": "Brackwater card", "L": "about my loan"}
    assert _scores(tmp_path, _PERFECT, labels=labels).boilerplate_labels == 1


@pytest.mark.parametrize("seed", range(3))
def test_figures_are_those_of_the_reference(seed: int, tmp_path: Path) -> None:
    """For random topics and alerts, all figures equal those of the evaluation script."""
    script = references.script("mail_score.py")
    stream = mail.stream_of(folder(), "Banking77 as mail", seed=seed, phrases=_PHRASES)
    write_messages(stream, tmp_path / "messages.csv")
    write_truth(stream, tmp_path)
    rng = np.random.default_rng(seed)
    topics_of, alerts = _drawn(stream, rng)
    out = _export(tmp_path / "out", topics_of, stream=stream, alerts=alerts, is_single=seed == 2)
    ours = asdict(score(stream, out, phrases=_PHRASES))
    command = [sys.executable, script, tmp_path, out]
    ended = subprocess.run(command, check=True, capture_output=True, text=True)
    theirs = json.loads(ended.stdout)
    assert set(theirs) <= set(ours)
    for name, figure in theirs.items():
        assert ours[name] == pytest.approx(figure, abs=0.0006), name
    assert 0 < theirs["precision"] < 1


def _drawn(
    stream: MailStream, rng: np.random.Generator
) -> tuple[dict[str, str], list[tuple[object, ...]]]:
    """Topics that match the intents in two of three cases; alerts on events and at random."""
    names = sorted({i for m in stream.messages for i in m.intents})
    number = {name: n for n, name in enumerate(names)}
    topics_of = {}
    for message in stream.messages:
        drawn = [
            f"{2 * number[i] + rng.integers(2)}" if rng.random() < 0.67 else f"{rng.integers(90)}"
            for i in message.intents
        ]
        topics_of[message.message_id] = " ".join(dict.fromkeys(drawn)) if rng.random() < 0.9 else ""
    alerts: list[tuple[object, ...]] = []
    for event in stream.events:
        start = (event.start - START).days
        segment = event.segment if rng.random() < 0.7 else "plan=plus"
        topic, day = str(2 * number[event.intent]), start + int(rng.integers(6))
        alerts.append((_day(day), topic, event.kind, segment))
        alerts.append((_day(int(rng.integers(28))), str(rng.integers(90)), "surge", ""))
    return topics_of, sorted(alerts, key=lambda a: str(a[0]))
