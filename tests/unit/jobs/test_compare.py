"""How discovery turns a day's counts into rows and alerts."""

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any

import pytest

from nlp.jobs.compare import compare_day
from nlp.records import Alert, DayTexts, Floats, Topic, TopicDay, TopicEvent
from nlp.settings import load
from nlp.states import AlertKind, Event
from nlp.topics.assign import leaning
from nlp.topics.evolve import Evolved
from tests.graphs import CONFIG, graph_of
from tests.places import places

DAY = dt.date(2026, 3, 20)
LOUD, USUAL = 20260301001, 20260301002
_PAST = [DAY - dt.timedelta(n) for n in range(1, 14)]


class _Counts:
    """A store with the finished days, the events of runs, and the muted topics."""

    def __init__(self, muted: set[int], events: Sequence[tuple[dt.date, TopicEvent]]) -> None:
        self.muted, self.events = muted, list(events)

    def recent_alerts(self, **_: Any) -> list[Any]:
        return []

    def days_discovered(self, **_: Any) -> list[dt.date]:
        return sorted(_PAST)

    def recent_events(self, *, first: dt.date, last: dt.date) -> list[Any]:
        return [(day, event) for day, event in self.events if first <= day <= last]

    def attributes_of(self, **_: Any) -> dict[str, dict[str, str]]:
        return {}

    def muted_topics(self) -> set[int]:
        return self.muted


def _result(
    arrived: list[dt.date],
    topic_of: list[int | None],
    vectors: Floats,
    *,
    muted: Collection[int] = (),
    events: Sequence[tuple[dt.date, TopicEvent]] = (),
) -> tuple[list[TopicDay], list[Alert]]:
    """The day's rows and alerts of the two topics, each message by a different customer."""
    n, born_on = len(topic_of), DAY - dt.timedelta(19)
    ids = [str(i) for i in range(n)]
    graph = graph_of(vectors, topic_of)
    leans_to = leaning(graph, topic_of, config=CONFIG, least=CONFIG.lead)
    topics = [Topic(t, born_on, "x", (), (), vectors[0], 0.5, 60) for t in (LOUD, USUAL)]
    days, alerts, _, _ = compare_day(
        _Counts(set(muted), events),  # type: ignore[arg-type]
        DAY,
        Evolved(topics, topic_of, [], {}, leans_to),
        window=DayTexts(ids, ids, ["x"] * n, arrived, ["inbox"] * n, vectors, ids),
        settings=load(_env_file=None),
        config=CONFIG,
    )
    return days, alerts


@pytest.mark.parametrize(("muted", "alerted"), [(set(), [LOUD]), ({LOUD}, []), ({USUAL}, [LOUD])])
def test_a_muted_topic_raises_no_alert(muted: set[int], alerted: list[int]) -> None:
    """A surge raises an alert unless its topic is muted; its status is a surge either way."""
    arrived = [*_PAST * 5, *[DAY] * 60, *_PAST * 5, *[DAY] * 5]
    topic_of: list[int | None] = [LOUD] * 125 + [USUAL] * 70
    days, alerts = _result(arrived, topic_of, places(125, 70), muted=muted)
    assert [a.topic_id for a in alerts] == alerted
    assert {d.topic_id: d.status for d in days}[LOUD] == "surging"


@pytest.mark.parametrize(("n_beside", "status"), [(8, "surging"), (0, "steady")])
def test_what_is_beside_a_topic_weighs_in_its_surge(n_beside: int, status: str) -> None:
    """Six messages where three are usual are a surge if eight more lie beside the topic.

    The topic's own count stays six.
    """
    n_loud, n_usual = 3 * len(_PAST) + 6 + n_beside, 20 * (len(_PAST) + 1)
    arrived = [*_PAST * 3, *[DAY] * (6 + n_beside), *[*_PAST, DAY] * 20]
    topic_of: list[int | None] = [LOUD] * n_loud + [USUAL] * n_usual
    topic_of[n_loud - n_beside : n_loud] = [None] * n_beside
    days, alerts = _result(arrived, topic_of, places(n_loud, n_usual))
    assert [(d.n_messages, d.status) for d in days] == [(6, status), (20, "steady")]
    assert [a.topic_id for a in alerts] == [LOUD] * (status == "surging")


@pytest.mark.parametrize(("n_days", "alerted"), [(1, [USUAL]), (4, [USUAL]), (5, [])])
def test_what_waits_is_news_for_its_first_five_days(n_days: int, alerted: list[int]) -> None:
    """A held-back alert is sent once enough customers have written, even if the count is usual.

    After five days it is no longer sent.
    """
    arrived = [*_PAST * 5, *[DAY] * 5, *_PAST * 5, *[DAY] * 5]
    topic_of: list[int | None] = [LOUD] * 70 + [USUAL] * 70
    waits = (DAY - dt.timedelta(n_days), TopicEvent(Event.WAIT, USUAL, None, ""))
    _, alerts = _result(arrived, topic_of, places(70, 70), events=[waits])
    assert [(a.topic_id, a.kind) for a in alerts] == [(t, AlertKind.NEW_TOPIC) for t in alerted]


def test_the_driver_of_a_week_is_named_under_the_name_that_people_chose() -> None:
    """Half of a topic's messages of five days have a rare version; a hidden attribute is none."""
    arrived = [DAY - dt.timedelta(n) for n in range(14)] * 20
    topic_of: list[int | None] = [LOUD] * 140 + [USUAL] * 140
    rows = zip(range(280), arrived, strict=True)
    late = {str(n) for n, day in rows if n < 140 and n // 14 % 2 and day > DAY - dt.timedelta(5)}

    class _Attributes(_Counts):
        def attributes_of(self, **_: Any) -> dict[str, dict[str, str]]:
            return {
                str(n): {"v": "8.2" if str(n) in late else "7", "no": "x" if str(n) in late else ""}
                for n in range(280)
            }

    ids, vectors = [str(n) for n in range(280)], places(140, 140)
    topics = [
        Topic(t, DAY - dt.timedelta(19), "x", (), (), vectors[0], 0.5, 140) for t in (LOUD, USUAL)
    ]
    _, _, _, drivers = compare_day(
        _Attributes(set(), []),  # type: ignore[arg-type]
        DAY,
        Evolved(topics, topic_of, [], {}, list(topic_of)),
        window=DayTexts(ids, ids, ["x"] * 280, arrived, ["inbox"] * 280, vectors, ids),
        settings=load(attributes={"v": "app", "no": None}, _env_file=None),
        config=CONFIG,
    )
    assert {d.segment.name for d in drivers.values()} == {"app"}
    assert (drivers[LOUD].segment.name, drivers[LOUD].segment.value) == ("app", "8.2")
