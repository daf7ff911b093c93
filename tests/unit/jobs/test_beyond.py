"""Messages beyond the sample follow what discovery decided about those that it read."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest

from nlp.jobs.beyond import follow
from nlp.jobs.window import ReadWindow
from nlp.records import Assignment, DayTexts, Floats, Topic, TopicEvent
from nlp.samples import NO_REST, Rest
from nlp.settings import load
from nlp.states import Event
from nlp.topics.assign import centroid_of, radius_of
from nlp.topics.config import TopicConfig
from nlp.topics.evolve import Evolved

_DAY = dt.date(2026, 3, 9)
_EVE = _DAY - dt.timedelta(1)
_TODAY, _BEFORE = (_DAY, "inbox"), (_EVE, "inbox")
_CARD, _PIN, _APP, _NEW = 11, 12, 13, 14
_AXIS = {_CARD: 0, _PIN: 1, _APP: 2, _NEW: 3}


def _near(axis: int, n: int, rng: np.random.Generator) -> Floats:
    """Rows (n, 8) near one axis."""
    rows = np.eye(8)[axis] + 0.05 * rng.normal(size=(n, 8))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


@dataclass
class _World:
    """A window of which ten passages of each topic are read, and what is beyond them."""

    rows: dict[str, Floats] = field(default_factory=dict)
    arrived: dict[str, dt.date] = field(default_factory=dict)
    topics: dict[str, int | None] = field(default_factory=dict)
    chunks: list[int] = field(default_factory=list)
    rng: np.random.Generator = field(default_factory=lambda: np.random.default_rng(5))

    def add(self, name: str, axis: int, topic: int | None, *, n: int, day: dt.date = _DAY) -> None:
        """Add passages `name`-0, `name`-1, …"""
        for i, row in enumerate(_near(axis, n, self.rng)):
            passage = f"{name}-{i:02}"
            self.rows[passage], self.arrived[passage] = row, day
            self.topics[passage] = topic

    def texts(self, ids: Sequence[str]) -> DayTexts:
        """Each passage is a message, and each message is of a customer."""
        return DayTexts(
            list(ids), list(ids), ["" for _ in ids], [self.arrived[p] for p in ids],
            ["inbox" for _ in ids], np.stack([self.rows[p] for p in ids]),
            [f"c-{p}" for p in ids],
        )  # fmt: skip

    def window(self, *, only: Sequence[str], **_: object) -> DayTexts:
        self.chunks.append(len(only))
        return self.texts(sorted(only))

    def topics_of_passages(
        self, *, day: dt.date, first: dt.date, of: object = None
    ) -> dict[str, int | None]:
        assert isinstance(of, set | None)
        return {
            p: t
            for p, t in self.topics.items()
            if first <= self.arrived[p] <= day and (of is None or t in of)
        }


def _event(kind: Event, topic: int, other: int) -> TopicEvent:
    return TopicEvent(kind, topic, other, "")


def _followed(
    world: _World,
    read: Mapping[str, int],
    *,
    events: Sequence[TopicEvent] = (),
    newborn: int | None = None,
    most: int = 5_000,
    is_whole: bool = False,
) -> tuple[Rest, dict[str, int | None]]:
    """Let the rest follow where the passages in `read` have the topics given there."""
    ids = sorted(read)
    texts = world.texts(ids)
    topic_of: list[int | None] = [read[p] for p in ids]
    topics = []
    for topic in sorted(set(read.values())):
        own = texts.embeddings[[n for n, t in enumerate(topic_of) if t == topic]]
        born = _DAY if topic == newborn else _EVE
        centroid = centroid_of(own)
        topics.append(Topic(topic, born, "", (), (), centroid, radius_of(own, centroid), len(own)))
    counts: dict[int, dict[tuple[dt.date, str], int]] = {}
    for p, t in world.topics.items():
        if p not in read and t is not None:
            own_counts = counts.setdefault(t, {})
            where = (world.arrived[p], "inbox")
            own_counts[where] = own_counts.get(where, 0) + 1
    rest = NO_REST if is_whole else Rest(arrived={_TODAY: 1}, topics=counts)
    settings = load(_env_file=None).model_copy(update={"sample_passages": most})
    after, changes = follow(
        world,  # type: ignore[arg-type]
        _DAY,
        ReadWindow(_EVE, texts, topic_of, rest),
        Evolved(topics, topic_of, list(events), {}, topic_of),
        encoder_name="test",
        settings=settings,
        config=TopicConfig(),
    )
    assert len({c.passage_id for c in changes}) == len(changes)
    return after, {c.passage_id: c.topic_id for c in _valid(changes)}


def _valid(changes: Sequence[Assignment]) -> Sequence[Assignment]:
    assert all(0.5 <= c.strength <= 1 for c in changes)
    return changes


@pytest.fixture
def world() -> _World:
    """Ten messages each of cards, PINs and the app that are read."""
    world = _World()
    for topic in (_CARD, _PIN, _APP):
        world.add(f"read-{topic}", _AXIS[topic], topic, n=10, day=_EVE)
    return world


def _read(world: _World) -> dict[str, int]:
    return {p: t for p, t in world.topics.items() if p.startswith("read") and t is not None}


def test_a_window_that_is_read_whole_has_nothing_to_follow(world: _World) -> None:
    """Nothing is looked up, and nothing changes."""
    world.add("rest", 0, None, n=5)
    assert _followed(world, _read(world), is_whole=True) == (NO_REST, {})
    assert world.chunks == []


def test_the_rest_of_today_is_assigned_and_earlier_days_stay(world: _World) -> None:
    """What lies at a topic joins it, what lies nowhere does not; both are counted as they are."""
    world.add("rest", 0, None, n=5)
    world.add("odd", 6, None, n=1)
    world.rows["odd-00"] = -np.float32([1, 1, 1, 0, 0, 0, 0, 0]) / np.sqrt(np.float32(3))
    world.add("old", 0, None, n=3, day=_EVE)
    rest, changes = _followed(world, _read(world))
    assert changes == {f"rest-{n:02}": _CARD for n in range(5)}
    assert rest.topics == {_CARD: {_TODAY: 5}}
    assert (rest.n_clustered, rest.customers[_CARD]) == (5, (15, 5))


@pytest.mark.parametrize("most", [1, 3, 5_000])
def test_the_size_of_the_parts_changes_nothing(world: _World, most: int) -> None:
    """Parts of one, of three and of all give the same topics."""
    world.add("rest", 0, None, n=4)
    world.add("more", 1, None, n=3)
    _, changes = _followed(world, _read(world), most=most)
    expected = {f"rest-{n:02}": _CARD for n in range(4)} | {f"more-{n:02}": _PIN for n in range(3)}
    assert changes == expected
    assert max(world.chunks) <= most


def test_messages_of_a_merged_topic_go_to_its_heir_once(world: _World) -> None:
    """Those of every day, with their counts; those of other topics stay."""
    world.add("gone", 3, 99, n=6)
    world.add("past", 3, 99, n=2, day=_EVE)
    world.add("kept", 1, _PIN, n=3)
    rest, changes = _followed(world, _read(world), events=[_event(Event.MERGE, 99, _CARD)])
    assert set(changes.values()) == {_CARD}
    assert sorted(changes) == [*(f"gone-{n:02}" for n in range(6)), "past-00", "past-01"]
    assert rest.topics == {_CARD: {_TODAY: 6, _BEFORE: 2}, _PIN: {_TODAY: 3}}
    assert rest.n_clustered == 0  # they had a topic before


def test_messages_of_a_topic_that_split_go_to_the_nearest_part(world: _World) -> None:
    """The rest of the parent is shared out by where it lies, on all days."""
    world.add("stay", 0, _CARD, n=4)
    world.add("leave", 3, _CARD, n=5, day=_EVE)
    world.add("read-part", 3, _NEW, n=10, day=_EVE)
    events = [_event(Event.SPLIT, _CARD, _NEW)]
    rest, changes = _followed(world, _read(world), events=events)
    assert changes == {f"leave-{n:02}": _NEW for n in range(5)}
    assert rest.topics == {_CARD: {_TODAY: 4}, _NEW: {_BEFORE: 5}}


def test_a_newborn_topic_of_few_gains_what_lies_at_it(world: _World) -> None:
    """Also from another topic, which then has fewer; what lies at that one stays there."""
    world.add("read-new", 3, _NEW, n=6)
    world.add("astray", 3, _APP, n=5)
    world.add("free", 3, None, n=4)
    world.add("right", 2, _APP, n=5)
    rest, changes = _followed(world, _read(world), newborn=_NEW)
    assert set(changes.values()) == {_NEW}
    assert {p.split("-")[0] for p in changes} == {"astray", "free"}
    n_astray = sum(p.startswith("astray") for p in changes)
    assert n_astray >= 3
    assert rest.topics[_NEW] == {_TODAY: len(changes)}
    assert rest.topics[_APP] == {_TODAY: 10 - n_astray}
    assert rest.customers[_NEW] == (6 + len(changes),) * 2


def test_the_topic_of_a_day_before_does_not_take_from_others(world: _World) -> None:
    """Only newborn topics do: another assignment would undo what the day itself decided."""
    world.add("astray", 1, _APP, n=5)
    _, changes = _followed(world, _read(world))
    assert changes == {}
