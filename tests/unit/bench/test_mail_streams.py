"""Streams of support mail, built from labelled sets."""

import csv
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from bench import mail
from bench.data import folder
from bench.mail_files import write_messages, write_truth
from bench.mail_phrases import load_phrases, phrase_file
from bench.mail_streams import MACHINE, MailStream, build_mail
from bench.streams import NOISE
from tests import references

_FILES = ("messages", "truth", "truth_all", "quoted", "events")
_CSV = {
    "Banking77 as mail": ("banking77/train.csv", "hwu64/hwu64_kfold1.csv"),
    "HWU64 as mail": ("hwu64/hwu64_kfold1.csv", "banking77/train.csv"),
}
_SET = [(f"request {n} about {i}", f"intent {i:02}") for i in range(20) for n in range(400)]


@pytest.fixture(scope="module")
def stream() -> MailStream:
    """A stream of twenty intents with the bench's own phrases."""
    texts, intents = [t for t, _ in _SET], [i for _, i in _SET]
    noise = [f"unrelated {n}" for n in range(400)]
    return build_mail(texts, intents, phrases=load_phrases(phrase_file()), seed=3, noise=noise)


@pytest.mark.parametrize("kind", list(_CSV))
@pytest.mark.parametrize("is_own", [True, False])
def test_a_mail_stream_is_the_one_of_the_reference(kind: str, is_own: bool, tmp_path: Path) -> None:
    """All five files equal those of the evaluation script byte for byte, for any phrases."""
    script = references.script("mail.py")
    phrases = phrase_file() if is_own else references.script("mail_phrases.json")
    own, other = (folder() / file for file in _CSV[kind])
    command = [sys.executable, script, own, phrases, tmp_path / "theirs", "--seed", "2"]
    subprocess.run([*command, "--noise", other], check=True, capture_output=True)
    ours = mail.stream_of(folder(), kind, seed=2, phrases=load_phrases(phrases))
    (tmp_path / "ours").mkdir()
    write_messages(ours, tmp_path / "ours" / "messages.csv")
    write_truth(ours, tmp_path / "ours")
    for name in _FILES:
        theirs = (tmp_path / "theirs" / f"{name}.csv").read_bytes()
        assert (tmp_path / "ours" / f"{name}.csv").read_bytes() == theirs, name


def test_what_a_customer_raises_is_in_the_text(stream: MailStream) -> None:
    """Each message contains its requests, except for the first letter and HTML escaping."""
    messages = [m for m in stream.messages if m.belongs]
    assert all(r.text[1:] in m.text for m in messages for r in m.requests)
    n_requests = Counter(len(m.requests) for m in messages)
    assert n_requests[1] > n_requests[2] > n_requests[3] > 0
    assert set(n_requests) == {1, 2, 3}


def test_no_text_comes_twice_and_none_is_raised_and_quoted(stream: MailStream) -> None:
    """No request occurs twice, and no message quotes a text that another one raises."""
    raised = [r.text for m in stream.messages if m.belongs for r in m.requests]
    assert len(set(raised)) == len(raised)
    assert any(m.quoted_intent for m in stream.messages)
    assert not any(m.quoted_intent in m.intents for m in stream.messages)


def test_noise_and_machine_mail_are_small_shares(stream: MailStream) -> None:
    """Noise is 6% and machine mail 4% of the other messages, rounded down for each day."""
    count = Counter(m.intents[0] if not m.belongs else "" for m in stream.messages)
    assert 0.04 < count[NOISE] / count[""] <= 0.06
    assert 0.02 < count[MACHINE] / count[""] <= 0.04


def test_a_segment_holds_more_of_a_surge_than_its_share(stream: MailStream) -> None:
    """On the days of a surge in one segment, most messages of the intent have its attribute."""
    events = [e for e in stream.events if e.segment]
    assert len(events) == 3
    for event in events:
        name, value = event.segment.split("=")
        values = Counter(
            m.attributes[name] == value
            for m in stream.messages
            if event.intent in m.intents
            and 0 <= (m.created_at.date() - event.start).days < event.n_days
        )
        assert values[True] > values[False]


def test_six_intents_are_new_on_their_day(stream: MailStream) -> None:
    """A planted new topic has no message before its start."""
    new = {e.intent: e.start for e in stream.events if e.kind == "new_topic"}
    assert len(new) == 6
    first = {i: min(m.created_at.date() for m in stream.messages if i in m.intents) for i in new}
    assert all(first[i] >= start for i, start in new.items())


def test_the_same_seed_gives_the_same_stream() -> None:
    """A stream depends only on its arguments."""
    texts, intents = [t for t, _ in _SET], [i for _, i in _SET]
    phrases = load_phrases(phrase_file())
    first, again = (build_mail(texts, intents, phrases=phrases, seed=5) for _ in range(2))
    assert first == again
    assert first != build_mail(texts, intents, phrases=phrases, seed=6)


def test_attributes_are_json_in_the_file(stream: MailStream, tmp_path: Path) -> None:
    """The messages file has the columns of the contract, with attributes as a JSON object."""
    write_messages(stream, tmp_path / "messages.csv")
    with (tmp_path / "messages.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    columns = ["message_id", "created_at", "text", "channel", "customer_id", "attributes"]
    assert list(rows[0]) == columns
    assert json.loads(rows[0]["attributes"]) == stream.messages[0].attributes
