"""How the topics of an eve follow a day, step by step."""

import datetime as dt

import numpy as np

from nlp.records import DayTexts, Topic
from nlp.topics.evolve import _Day

DAY = dt.date(2026, 3, 9)
NEWBORN, LARGE = 20260309001, 20260302001


def _gathered(n_newborn: int, *, apart: int = 0) -> list[int | None]:
    """The topics after messages of two topics in one place moved; `apart` of the first are not."""
    rng = np.random.default_rng(0)
    n = n_newborn + apart + 40
    rows = np.eye(8)[0] + rng.normal(scale=0.02, size=(n, 8))
    rows[n_newborn : n_newborn + apart] = np.eye(8)[1]
    rows = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    ids = [f"m{i}" for i in range(n)]
    window = DayTexts(ids, ids, [DAY] * n, ["inbox"] * n, rows)
    topics = {t: Topic(t, DAY, "", (), (), rows[0], 0.5, 1) for t in (NEWBORN, LARGE)}
    topic_of: list[int | None] = [NEWBORN] * (n_newborn + apart) + [LARGE] * 40
    work = _Day(window, topics, topic_of, DAY)
    work.gather((), held=set())
    return work.topic_of


def test_a_newborn_topic_keeps_its_last_message() -> None:
    """One born today, all of whose messages lie amid another's, still has one to be named from."""
    assert _gathered(1)[0] == NEWBORN


def test_a_message_amid_another_topic_moves_there() -> None:
    """The rest of its own topic, which lies elsewhere, stays."""
    assert _gathered(1, apart=6) == [LARGE] + [NEWBORN] * 6 + [LARGE] * 40
