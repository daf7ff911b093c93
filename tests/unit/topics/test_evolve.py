"""How the topics of an eve follow a day, step by step."""

import datetime as dt
from collections.abc import Collection, Sequence

import numpy as np

from nlp.records import DayTexts, Floats, Topic
from nlp.topics.evolve import _Day
from tests.graphs import CONFIG, graph_of
from tests.places import places

DAY = dt.date(2026, 3, 9)
NEWBORN, LARGE = 20260309001, 20260302001


def _after(
    rows: Floats,
    topic_of: Sequence[int | None],
    *,
    placed: Collection[str] = (),
    held: Collection[int] = (),
) -> list[int | None]:
    """The topics of messages `m0`, `m1`, … after those amid another topic moved."""
    ids = [f"m{i}" for i in range(len(rows))]
    window = DayTexts(ids, ids, ids, [DAY] * len(ids), ["inbox"] * len(ids), rows, ids)
    topics = {t: Topic(t, DAY, "", (), (), rows[0], 0.5, 1) for t in (NEWBORN, LARGE)}
    work = _Day(window, topics, list(topic_of), DAY, graph_of(rows, topic_of), CONFIG)
    work.gather(placed, held=held)
    return work.topic_of


def _gathered(n_newborn: int, *, apart: int = 0) -> list[int | None]:
    """The topics after messages of two topics in one place moved; `apart` of the first are not."""
    rng = np.random.default_rng(0)
    n = n_newborn + apart + 40
    rows = np.eye(8)[0] + rng.normal(scale=0.02, size=(n, 8))
    rows[n_newborn : n_newborn + apart] = np.eye(8)[1]
    rows = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return _after(rows, [NEWBORN] * (n_newborn + apart) + [LARGE] * 40)


def test_a_newborn_topic_keeps_its_last_message() -> None:
    """One born today whose messages all lie among another's keeps one to make its label from."""
    assert _gathered(1)[0] == NEWBORN


def test_a_message_amid_another_topic_moves_there() -> None:
    """The rest of its own topic, which lies elsewhere, stays."""
    assert _gathered(1, apart=6) == [LARGE] + [NEWBORN] * 6 + [LARGE] * 40


def test_who_has_no_topic_does_not_move() -> None:
    """What fits none stays so: in the midst of a topic, and between two."""
    topics: list[int | None] = [LARGE] * 20 + [LARGE, NEWBORN, None] * 10
    topics[3] = None
    assert _after(places(20, 30), topics) == topics


def test_what_a_person_placed_stays() -> None:
    """Even alone in its topic; and so does every message in a topic that a person decided about."""
    topics: list[int | None] = [LARGE] * 20 + [NEWBORN] * 20
    topics[25] = LARGE
    assert _after(places(20, 20), topics) == [LARGE] * 20 + [NEWBORN] * 20
    assert _after(places(20, 20), topics, placed={"m25"}) == topics
    assert _after(places(20, 20), topics, held={LARGE}) == topics
