"""Streams with planted events, built from labelled sets."""

from collections import Counter

import pytest

from bench.data import folder, read
from bench.stream import stream_of
from bench.streams import NOISE, Stream, build
from tests import references

_SET = [(f"request {n} about {i}", f"intent {i:02}") for i in range(40) for n in range(80)]


def _near(seed: int = 0) -> Stream:
    return build([t for t, _ in _SET], [i for _, i in _SET], seed=seed, near=True)


@pytest.mark.parametrize("kind", ["HWU64", "hard Banking77", "flat Banking77"])
def test_a_stream_is_the_one_of_the_reference(kind: str) -> None:
    """Messages, times, intents and events are those of the evaluation script for the same seed."""
    reference = references.module("stream.py")
    ours = stream_of(folder(), kind, seed=1)
    sets = ["HWU64 all"] if kind == "HWU64" else ["Banking77 train", "Banking77 test"]
    rows = [row for name in sets for row in zip(*read(folder(), name), strict=True)]
    noise = sorted(set(read(folder(), "HWU64 all")[0]))
    is_hard, is_flat = kind.startswith("hard"), kind.startswith("flat")
    messages, truth, events = reference.build(rows, 1, is_flat, noise if is_hard else None)
    assert [t for _, _, t in messages] == ours.texts
    assert [at.isoformat() for _, at, _ in messages] == [
        at.replace(tzinfo=None).isoformat() for at in ours.times
    ]
    assert [i for _, i in truth] == ours.intents
    assert events == [(e.intent, e.kind, e.start.isoformat(), e.n_days) for e in ours.events]


def test_near_noise_comes_evenly_from_intents_that_never_run() -> None:
    """Noise has only intents that no other message has, in equal numbers, without repeats."""
    stream = _near()
    intent_of = dict(_SET)
    kept = Counter(
        intent_of[t] for t, i in zip(stream.texts, stream.intents, strict=True) if i == NOISE
    )
    running = {i for i in stream.intents if i != NOISE}
    assert kept
    assert not running & set(kept)
    assert len(kept) == 8  # 40 intents, of which 24 run and 8 are planted
    assert max(kept.values()) - min(kept.values()) <= 1
    assert len(set(stream.texts)) == len(stream.texts)


def test_near_noise_is_fifteen_percent_while_its_texts_last() -> None:
    """Every day has 15% noise, rounded down, until the texts of unused intents run out."""
    stream = _near()
    days = Counter(at.date() for at in stream.times)
    noise = Counter(
        at.date() for at, i in zip(stream.times, stream.intents, strict=True) if i == NOISE
    )
    first = min(days)
    assert 0.13 < noise[first] / days[first] <= 0.15
    assert sum(noise.values()) <= 8 * 80


def test_noise_of_another_set_stays_as_it_is() -> None:
    """The noise of hard streams consists of the given texts only."""
    others = [f"elsewhere {n}" for n in range(500)]
    stream = build([t for t, _ in _SET], [i for _, i in _SET], seed=0, noise=others)
    loose = {t for t, i in zip(stream.texts, stream.intents, strict=True) if i == NOISE}
    assert loose
    assert loose <= set(others)
