"""How the topics of an eve follow a day, step by step."""

import datetime as dt
from collections.abc import Sequence

import numpy as np

from nlp.evolve import _Day
from nlp.records import DayTexts, Floats, Topic

DAY = dt.date(2026, 3, 9)
SPLIT, MODEL = 20260309999, 20260302001


def _encode(_: Sequence[str]) -> Floats:
    raise AssertionError("a name that stands needs no embedding of phrases")


def _topic(name: int, label_source: str) -> Topic:
    centroid = np.array([1.0, 0.0], dtype=np.float32)
    return Topic(name, DAY, "Stolen cards", (), ("m0",), centroid, 0.5, 3, label_source)


def test_a_theme_that_a_person_split_off_gets_keywords_and_keeps_its_name() -> None:
    """Only the person's topic is read; name and exemplars stay as they were."""
    texts = [f"my card was stolen {n}" for n in range(3)] + ["late refund a", "late refund b"]
    ids = [f"m{n}" for n in range(len(texts))]
    rows = np.tile(np.array([1.0, 0.0], dtype=np.float32), (len(texts), 1))
    window = DayTexts(ids, texts, [DAY] * len(texts), ["inbox"] * len(texts), rows)
    topics = {SPLIT: _topic(SPLIT, "person"), MODEL: _topic(MODEL, "model")}
    work = _Day(window, topics, [SPLIT] * 3 + [MODEL] * 2, DAY)
    work.describe(_encode)
    found = work.topics[SPLIT]
    assert "stolen" in " ".join(found.keywords)
    assert (found.label, found.exemplar_ids) == ("Stolen cards", ("m0",))
    assert work.topics[MODEL].keywords == ()


def test_a_silent_theme_waits_for_its_keywords() -> None:
    """Without a message in the window there is nothing to read; a later day tries again."""
    window = DayTexts([], [], [], [], np.zeros((0, 2), dtype=np.float32))
    work = _Day(window, {SPLIT: _topic(SPLIT, "person")}, [], DAY)
    work.describe(_encode)
    assert work.topics[SPLIT].keywords == ()
