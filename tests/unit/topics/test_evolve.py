"""How the topics of an eve follow a day, step by step."""

import datetime as dt
from collections.abc import Collection, Sequence

import numpy as np

from nlp.records import DayTexts, Floats, Topic
from nlp.topics.evolve import _Day
from tests.graphs import CONFIG, graph_of
from tests.places import places

DAY = dt.date(2026, 3, 9)
YOUNG, LARGE = 20260308001, 20260228001


def _after(
    rows: Floats,
    topic_of: Sequence[int | None],
    *,
    placed: Collection[str] = (),
    held: Collection[int] = (),
    born_on: dt.date = DAY - dt.timedelta(1),
) -> list[int | None]:
    """The topics of messages `m0`, `m1`, … after those amid another topic moved."""
    ids = [f"m{i}" for i in range(len(rows))]
    window = DayTexts(ids, ids, ids, [DAY] * len(ids), ["inbox"] * len(ids), rows, ids)
    born = {YOUNG: born_on, LARGE: DAY - dt.timedelta(9)}
    topics = {t: Topic(t, d, "", (), (), rows[0], 0.5, 1) for t, d in born.items()}
    work = _Day(window, topics, list(topic_of), DAY, graph_of(rows, topic_of), CONFIG)
    work.gather(placed, held=held)
    return work.topic_of


def _gathered(
    n_young: int, *, apart: int = 0, born_on: dt.date = DAY - dt.timedelta(1)
) -> list[int | None]:
    """The topics after messages of two topics in one place moved; `apart` of the first are not."""
    rng = np.random.default_rng(0)
    n = n_young + apart + 40
    rows = np.eye(8)[0] + rng.normal(scale=0.02, size=(n, 8))
    rows[n_young : n_young + apart] = np.eye(8)[1]
    rows = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return _after(rows, [YOUNG] * (n_young + apart) + [LARGE] * 40, born_on=born_on)


def test_a_newborn_topic_keeps_its_messages() -> None:
    """Where most would leave it on the same day, all stay; a few of many may leave."""
    assert _gathered(4, born_on=DAY) == [YOUNG] * 4 + [LARGE] * 40
    assert _gathered(1, apart=6, born_on=DAY) == [LARGE] + [YOUNG] * 6 + [LARGE] * 40


def test_a_message_amid_another_topic_moves_there() -> None:
    """The rest of its own topic, which lies elsewhere, stays."""
    assert _gathered(1, apart=6) == [LARGE] + [YOUNG] * 6 + [LARGE] * 40


def test_who_has_no_topic_does_not_move() -> None:
    """What fits none stays so: in the midst of a topic, and between two."""
    topics: list[int | None] = [LARGE] * 20 + [LARGE, YOUNG, None] * 10
    topics[3] = None
    assert _after(places(20, 30), topics) == topics


def test_what_a_person_placed_stays() -> None:
    """Even alone in its topic; and so does every message in a topic that a person decided about."""
    topics: list[int | None] = [LARGE] * 20 + [YOUNG] * 20
    topics[25] = LARGE
    assert _after(places(20, 20), topics) == [LARGE] * 20 + [YOUNG] * 20
    assert _after(places(20, 20), topics, placed={"m25"}) == topics
    assert _after(places(20, 20), topics, held={LARGE}) == topics
