"""The sample inbox."""

import csv
from collections import Counter
from pathlib import Path

import pytest

from nlp.redact import Redactor
from nlp.sample import N_DAYS, NEW_INTENTS, write


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A written sample."""
    out = tmp_path_factory.mktemp("sample")
    write(out)
    return out


def test_the_same_seed_gives_the_same_bytes(sample: Path, tmp_path: Path) -> None:
    """Every file is written again to the byte."""
    write(tmp_path)
    files = sorted(p.relative_to(sample) for p in sample.rglob("*.csv"))
    assert len(files) == N_DAYS + 6
    assert all((sample / f).read_bytes() == (tmp_path / f).read_bytes() for f in files)


def test_new_intents_appear_on_their_day(sample: Path) -> None:
    """The two new topics are unseen before their day and come in numbers from it on."""
    days: dict[str, Counter[str]] = {i: Counter() for i in NEW_INTENTS}
    for row in _rows(sample / "truth.csv"):
        if row["intent"] in days:
            days[row["intent"]][row["message_id"][:4]] += 1
    starts = {r["intent"]: r["start"] for r in _rows(sample / "events.csv")}
    for intent, counts in days.items():
        assert min(counts) == starts[intent][5:].replace("-", "")
        assert min(counts.values()) >= 8


def test_planted_personal_data_does_not_survive_redaction(sample: Path) -> None:
    """Each planted card, e-mail, phone number, IBAN and SSN is replaced."""
    texts = {
        r["external_id"]: r["text"]
        for file in (sample / "inbox").glob("*.csv")
        for r in _rows(file)
        if "another text under an id" not in (r["text"] or "")
    }
    redactor = Redactor()
    planted = _rows(sample / "personal_data.csv")
    assert len(planted) > 300
    for row in planted:
        found = redactor.redact(texts[row["message_id"]])
        assert row["value"] not in found.text
        assert row["kind"] in found.entities


def test_examples_label_what_was_known_and_repeat_no_message(sample: Path) -> None:
    """Twelve examples of each running intent, none of the new ones, none from the inbox."""
    examples = _rows(sample / "examples.csv")
    counts = Counter(r["intent"] for r in examples)
    inbox = {r["text"] for f in (sample / "inbox").glob("*.csv") for r in _rows(f)}
    assert set(counts.values()) == {12}
    assert not set(counts) & set(NEW_INTENTS)
    assert not {r["text"] for r in examples} & inbox
