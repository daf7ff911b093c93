"""The sample inbox: its counts, events, personal data and broken rows."""

import datetime as dt
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from random import Random

import pytest

from nlp.apps.sample import FIRST_DAY, N_DAYS, NEW_INTENTS, NO_REQUEST, write
from nlp.apps.sample.filling import fill
from nlp.apps.sample.mail.phrases import load_phrases
from nlp.apps.sample.material import load_material
from nlp.apps.sample.personal import KINDS, iban_check, luhn_digit, make
from nlp.states import Author
from nlp.text.clean import clean
from nlp.text.redact import Redactor
from tests.sample_inbox import DAYS, Sample


def test_the_same_seed_gives_the_same_bytes(sample: Sample, tmp_path: Path) -> None:
    """A process with another hash seed writes the same bytes."""
    code = "import sys, pathlib, nlp.apps.sample as s; s.write(pathlib.Path(sys.argv[1]))"
    subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        check=True,
        env={**os.environ, "PYTHONHASHSEED": "4711"},
        cwd=Path(__file__).parents[4],
    )
    files = sorted(p.relative_to(sample.out) for p in sample.out.rglob("*.csv"))
    assert len(files) == N_DAYS + 7
    assert all((sample.out / f).read_bytes() == (tmp_path / f).read_bytes() for f in files)


def test_another_seed_gives_another_inbox(sample: Sample, tmp_path: Path) -> None:
    """Another seed gives other texts, and fewer days can be requested."""
    summary = write(tmp_path, seed=8, n_days=3)
    name = f"inbox/{FIRST_DAY}.csv"
    assert (tmp_path / name).read_bytes() != (sample.out / name).read_bytes()
    assert summary.n_days == len(list((tmp_path / "inbox").iterdir())) == 3


def test_the_whole_sample_takes_less_than_five_seconds(sample: Sample) -> None:
    """28 days of 400 messages take less than five seconds of processor time."""
    assert sample.seconds < 5


def test_the_summary_counts_what_was_written(sample: Sample) -> None:
    """Each count of the summary matches the files."""
    good = sample.good
    s = sample.summary
    assert s.n_rows == sum(map(len, sample.files.values())) == s.n_messages + s.n_broken
    assert s.n_messages == len(good) == len(sample.intents)
    assert s.n_broken == len(sample.table("broken.csv"))
    assert s.n_late == sum(draft.day < day for day, draft in good)
    assert s.n_personal == len({r["external_id"] for r in sample.planted("words")})
    assert s.n_agent_turns == sum(d.author is Author.AGENT for _, d in good)
    assert s.n_machine == Counter(sample.intents.values())["machine_mail"]
    assert s.n_two_subjects == sum(len(pairs) > 1 for pairs in sample.raised.values())
    assert s.n_conversations == sum(len(turns) > 1 for turns in sample.conversations.values())
    assert s.n_html == sum(draft.text.startswith("<") for _, draft in good)
    assert s.n_other_language == Counter(sample.intents.values())["other_language"]
    assert s.n_intents == len(sample.table("intents.csv")) == 30
    assert s.n_examples == len(sample.table("examples.csv"))


def test_weekdays_bring_what_was_asked_and_weekends_half(sample: Sample) -> None:
    """In the two weeks without events a weekday has about 400 requests, a weekend day half of that;
    agents' turns, thanks and machine mail are extra."""
    counts = Counter(draft.day for draft in sample.requests)
    quiet = [counts[d] for d in DAYS[:14] if d.weekday() < 5]
    weekend = [counts[d] for d in DAYS[:14] if d.weekday() >= 5]
    assert 390 < sum(quiet) / len(quiet) < 420
    assert all(320 < n < 500 for n in quiet)
    assert max(weekend) < 0.75 * min(quiet)
    assert all(140 < n < 270 for n in weekend)


def test_running_intents_differ_in_rate_by_up_to_eight(sample: Sample) -> None:
    """28 intents occur in the first two weeks; the largest is five to ten times the smallest."""
    intent = sample.intents
    counts = Counter(intent[d.external_id] for _, d in sample.good if d.day < DAYS[14])
    for name in ("other_language", *NO_REQUEST):
        del counts[name]
    assert len(counts) == 28
    assert 5 < max(counts.values()) / min(counts.values()) < 10


def test_events_come_as_listed(sample: Sample) -> None:
    """A new topic starts on its day and then has 20 to 35 messages per day on average; a surge
    among all customers is five-fold for three days."""
    intent = sample.intents
    by_day = Counter((intent[d.external_id], d.day) for _, d in sample.good)
    events = [e for e in sample.table("events.csv") if not e["segment"]]
    assert sorted(e["kind"] for e in events) == ["new_topic", "new_topic", "surge"]
    for event in events:
        start = dt.date.fromisoformat(event["start"])
        during = [
            by_day[event["intent"], start + dt.timedelta(n)] for n in range(int(event["days"]))
        ]
        before = [by_day[event["intent"], d] for d in DAYS if d < start and d.weekday() < 5]
        if event["kind"] == "new_topic":
            assert start == DAYS[NEW_INTENTS[event["intent"]]]
            assert 21 <= NEW_INTENTS[event["intent"]] <= 24
            assert sum(before) == 0
            assert min(during) > 10
            assert 20 <= sum(during) / len(during) <= 35
        else:
            assert start >= DAYS[14]
            assert len(during) == 3
            assert 4 < (sum(during) / 3) / (sum(before) / len(before)) < 6


def test_no_running_intent_jumps_without_an_event(sample: Sample) -> None:
    """No intent without an event exceeds 1.1 times its mean weekday plus five deviations of a
    Poisson count."""
    intent = sample.intents
    by_day = Counter((intent[d.external_id], d.day) for _, d in sample.good)
    listed = {e["intent"] for e in sample.table("events.csv")}
    for name in set(intent.values()) - listed - set(NO_REQUEST):
        counts = [by_day[name, d] for d in DAYS]
        mean = sum(counts[n] for n in range(14) if n % 7 < 5) / 10
        assert max(counts) < mean * 1.1 + 5 * mean**0.5


def test_every_message_of_the_truth_is_delivered_once(sample: Sample) -> None:
    """The truth has the id of each good row once, and no other id."""
    delivered = Counter(draft.external_id for _, draft in sample.good)
    assert set(delivered.values()) == {1}
    assert set(delivered) == set(sample.intents)


def test_broken_rows_are_refused_for_the_reason_listed(sample: Sample) -> None:
    """The contract rejects exactly the rows of `broken.csv`, each for the reason given there; each
    repeated id has an earlier row with another text."""
    listed = {(r["file"], int(r["row"])): r for r in sample.table("broken.csv")}
    assert len({r["reason"] for r in listed.values()}) == 8
    texts: dict[str, str] = {}
    for day, rows in sample.files.items():
        assert 2 <= sum(f == f"{day}.csv" for f, _ in listed) <= 9
        for n, row in enumerate(rows, 1):
            broken = listed.get((f"{day}.csv", n))
            if isinstance(row, str):
                assert broken is not None
                assert broken["reason"] == row
            elif broken is not None:
                assert broken["reason"] == "id_conflict"
                assert row.text != texts[broken["external_id"]]
            else:
                texts[row.external_id] = row.text


def test_late_rows_are_one_or_two_days_late(sample: Sample) -> None:
    """A few good rows are in the file of the next day or the day after."""
    delays = Counter((day - draft.day).days for day, draft in sample.good)
    assert set(delays) == {0, 1, 2}
    assert 30 < delays[1] + delays[2] < 150


def test_good_rows_have_unusual_shapes(sample: Sample) -> None:
    """Right-to-left text, emoji, line breaks, quotes and a NUL occur in good rows."""
    texts = [draft.text for _, draft in sample.good]
    assert any("\u0590" <= c <= "\u06ff" for t in texts for c in t)
    assert any(c > "\U0001f000" for t in texts for c in t)
    assert any("\n" in t for t in texts)
    assert any('"' in t for t in texts)
    raw = b"".join(p.read_bytes() for p in sorted((sample.out / "inbox").iterdir()))
    assert b"\x00" in raw


def test_most_texts_are_distinct_and_some_repeat(sample: Sample) -> None:
    """At least nine in ten of ten thousand requests are distinct, but web forms repeat."""
    texts = [draft.text for draft in sample.requests]
    assert 0.9 < len(set(texts)) / len(texts) < 0.99
    assert sample.summary.n_distinct <= sample.summary.n_messages


def test_shares_of_personal_data_and_other_languages(sample: Sample) -> None:
    """4% of the requests contain personal data in their own words, and every kind occurs; 3% are
    not in English, and most of those have no language code."""
    n = len(sample.requests)
    assert 0.034 < sample.summary.n_personal / n < 0.046
    assert 0.024 < sample.summary.n_other_language / n < 0.036
    assert {r["kind"] for r in sample.planted("words")} == set(KINDS)
    named = [draft.language for _, draft in sample.good if draft.language]
    assert set(named) == {"en", "es", "de", "fr", "pl"}
    assert len(named) / n < 0.1


def test_planted_personal_data_does_not_survive_redaction(sample: Sample) -> None:
    """Each planted value is in its message and not in the redacted text. Names are planted too:
    nearly all of them are found without a model."""
    texts = {draft.external_id: draft.text for _, draft in sample.good}
    redactor = Redactor()
    planted = sample.table("personal_data.csv")
    assert len(planted) > 350
    redacted = {n: redactor.redact(clean(texts[n])) for n in {r["external_id"] for r in planted}}
    n_names = n_kept = 0
    for row in planted:
        assert row["value"] in texts[row["external_id"]]
        if row["kind"] == "PERSON":
            n_names += 1
            n_kept += row["value"] in redacted[row["external_id"]].text
        else:
            assert row["value"] not in redacted[row["external_id"]].text
            assert row["kind"] in redacted[row["external_id"]].entities
    assert n_names > 50
    assert n_kept <= 0.02 * n_names


def test_messages_without_personal_data_keep_their_figures(sample: Sample) -> None:
    """Amounts, dates, references, styles and headers are not redacted as personal data. Many
    messages are signed, so names do not count here."""
    planted = {r["external_id"] for r in sample.table("personal_data.csv") if r["kind"] != "PERSON"}
    redactor, bank = Redactor(), load_phrases().bank_address
    others = [d for _, d in sample.good if d.external_id not in planted]
    assert len(others) > 5_000
    result = {d.text: redactor.redact(d.text.replace(bank, "")).entities for d in others[::5]}
    assert not [text for text, kinds in result.items() if set(kinds) - {"PERSON"}]


def test_examples_label_what_was_known_and_repeat_no_message(sample: Sample) -> None:
    """Each running intent has twelve examples, a new one has none, and the inbox contains none."""
    examples = sample.table("examples.csv")
    counts = Counter(r["intent"] for r in examples)
    assert len(counts) == 28
    assert set(counts.values()) == {12}
    assert not set(counts) & set(NEW_INTENTS)
    assert len({_plain(r["text"]) for r in examples}) == len(examples)
    inbox = {_plain(text) for pairs in sample.raised.values() for _, text in pairs}
    assert not [r["text"] for r in examples if _plain(r["text"]) in inbox]


def _plain(text: str) -> str:
    return "".join(c for c in text.lower() if c.isalnum())


def test_check_digits_are_those_of_published_numbers() -> None:
    """Luhn and modulo 97 give the check digits of known valid numbers."""
    assert luhn_digit("424242424242424") == 2
    assert luhn_digit("37828224631000") == 5
    assert iban_check("GB", "NWBK60161331926819") == 29
    assert iban_check("DE", "370400440532013000") == 89


@pytest.mark.parametrize("seed", range(5))
def test_cards_and_ibans_have_right_check_digits(seed: int) -> None:
    """A made-up card passes Luhn, and a made-up IBAN leaves 1 modulo 97."""
    rng = Random(seed)
    for _ in range(50):
        card = [int(c) for c in make(rng, "CARD") if c.isdigit()]
        assert len(card) == 16
        assert sum(sum(divmod(d * (2 - i % 2), 10)) for i, d in enumerate(card)) % 10 == 0
        iban = make(rng, "IBAN").replace(" ", "")
        assert int("".join(str(int(c, 36)) for c in iban[4:] + iban[:4])) % 97 == 1


def test_each_intent_has_frames_enough_and_no_frame_is_shared() -> None:
    """Each intent has at least 14 frames; no sentence is in two intents or among the examples."""
    intents = load_material().intents
    frames = [f for i in intents for f in i.frames]
    assert min(len(i.frames) for i in intents) >= 14
    assert len(frames) == len(set(frames))
    assert not set(frames) & {e for i in intents for e in i.examples}


def test_every_slot_of_the_material_can_be_filled() -> None:
    """A filled template contains no brace, bracket or bar."""
    material = load_material()
    moods = [s for m in material.moods.values() for s in (*m.greetings, *m.closers, *m.sign_offs)]
    sentences = [s for i in material.intents for s in (*i.frames, *i.details, *i.forms)]
    phrases = load_phrases()
    sentences += [*moods, *material.backgrounds, *material.asides]
    sentences += [*phrases.remarks, *phrases.joints, *phrases.chasers]
    sentences += [f for lang in material.languages for f in (*lang.frames, *lang.closers)]
    rng = Random(0)
    for sentence in sentences:
        for _ in range(5):
            assert not set("{}[]|") & set(fill(rng, sentence, material.slots))
