"""Triage and discovery of several days, and a model put into service, on a store in memory."""

import datetime as dt

import pytest

from nlp.errors import DayOrderError
from nlp.jobs.cut import cut_day
from nlp.jobs.decide import decide
from nlp.jobs.discover import discover_day
from nlp.jobs.govern import predict_again, rollback, train_intents
from nlp.jobs.ingest import ingest_day
from nlp.jobs.replay import run_days
from nlp.jobs.triage import assign_day, embed_day, predict_day
from nlp.records import LabelledExample, RawRow
from nlp.settings import Settings, load
from nlp.states import Channel, Event, ModelDecision, ModelRole
from nlp.topics.life import requests as ask
from tests.fakes import MemoryEncoder, MemorySource, MemoryStore

FIRST = dt.date(2026, 3, 2)
NEXT = FIRST + dt.timedelta(1)
_SUBJECTS = ("card", "refund", "pin", "app")
_PLACES = ("in London", "on the train", "at a shop", "on monday", "in the park", "at work",
           "after lunch", "this week", "last night", "at home", "by post", "at noon")  # fmt: skip
ENCODER = MemoryEncoder(_SUBJECTS)


def _rows(day: dt.date) -> list[RawRow]:
    return [
        RawRow(
            f"{subject} {place}",
            {
                "external_id": f"{subject}-{day}-{n}",
                "created_at": f"{day}T10:00:00Z",
                "text": f"There is a problem with my {subject} {place} {day.day}",
            },
        )
        for subject in _SUBJECTS
        for n, place in enumerate(_PLACES)
    ]


SOURCE = MemorySource("inbox", {day: _rows(day) for day in (FIRST, NEXT)})


@pytest.fixture
def settings() -> Settings:
    """The default settings."""
    return load(hash_key="key", _env_file=None)


def _topics(store: MemoryStore, day: dt.date) -> dict[str, set[int | None]]:
    """The topics of each subject's messages on the day."""
    result: dict[str, set[int | None]] = {}
    for message, topic in store.topics_of_passages(day=day + dt.timedelta(1), first=day).items():
        subject = store.messages[message].external_id.split("-")[0]
        result.setdefault(subject, set()).add(topic)
    return result


def test_topics_are_born_followed_and_kept_as_a_person_wants(settings: Settings) -> None:
    """Each subject is one topic on both days; a rename and a correction survive the second day.

    The second day gives the same result when it runs again.
    """
    store = MemoryStore()
    run_days(store, ENCODER, [FIRST], sources=[SOURCE], settings=settings)
    before = _topics(store, FIRST)
    assert sorted(map(len, before.values())) == [1, 1, 1, 1]
    (card,), (pin,) = before["card"], before["pin"]
    assert card is not None
    placed = next(m for m, x in store.messages.items() if x.external_id.startswith("pin"))
    with store.deciding() as one:
        decide(one, ask.Rename(card, "Cards"), actor="maria", channel=Channel.PAGE)
        decide(one, ask.Place((placed,), card), actor="maria", channel=Channel.PAGE)
    run_days(store, ENCODER, [NEXT], sources=[SOURCE], settings=settings)
    once = store.discoveries[NEXT]
    assert _topics(store, NEXT) == {**before, "card": {card}, "pin": {pin}}
    assert {t.topic_id: t.label for t in once.topics}[card] == "Cards"
    assert store.topics_of_passages(day=NEXT, first=FIRST)[placed] == card
    assert {e.event for e in once.events} <= {Event.RENAME}
    again = discover_day(store, ENCODER, NEXT, settings=settings)
    assert store.discoveries[NEXT].events == once.events
    assert again.counts == store.runs["discover", NEXT].counts


def test_a_day_waits_for_the_one_before(settings: Settings) -> None:
    """Discovery needs the topics of the eve; without them the error names that day."""
    store = MemoryStore()
    for day in (FIRST, NEXT):
        ingest_day(store, SOURCE, day, settings=settings)
    with pytest.raises(DayOrderError, match=f"{FIRST}, which is not discovered yet"):
        discover_day(store, ENCODER, NEXT, settings=settings)


def test_a_day_is_embedded_once_and_assigned_to_nothing_before_there_are_topics(
    settings: Settings,
) -> None:
    """Embedding again does nothing; without a model nothing is predicted."""
    store = MemoryStore()
    ingest_day(store, SOURCE, FIRST, settings=settings)
    n = len(_SUBJECTS) * len(_PLACES)
    assert embed_day(store, ENCODER, FIRST, settings=settings).counts == {"n_embedded": n}
    assert embed_day(store, ENCODER, FIRST, settings=settings).counts == {"n_embedded": 0}
    cut_day(store, ENCODER, FIRST, settings=settings)
    counts = assign_day(store, FIRST, encoder_name=ENCODER.name, settings=settings).counts
    assert counts == {"n_messages": n, "n_passages": n, "n_assigned": 0, "n_unsupported": 0}
    predicted = predict_day(store, FIRST, encoder_name=ENCODER.name, settings=settings)
    assert predicted.counts == {"n_predicted": 0}


def test_a_model_comes_into_service_predicts_and_goes_back(settings: Settings) -> None:
    """A second model trained on more examples goes into service; a rollback restores the first."""
    store = MemoryStore()
    run_days(store, ENCODER, [FIRST], sources=[SOURCE], settings=settings)
    versions = []
    for more in (4, 12):
        examples = [
            LabelledExample(f"my {subject} is a problem {place}", subject)
            for subject in _SUBJECTS
            for place in _PLACES[:more]
        ]
        store.save_examples(examples, origin="file")
        versions.append(train_intents(store, ENCODER, settings=settings, by="maria")[0])
    assert store.champion_version() == versions[1] != versions[0]
    n = predict_again(store, last=FIRST, encoder_name=ENCODER.name, settings=settings)
    assert n == len(_SUBJECTS) * len(_PLACES)
    result = store.predictions(first=FIRST, last=FIRST, model_version=versions[1])
    assert {intent for _, intent, _ in result} == set(_SUBJECTS)
    assert rollback(store, by="ben") == versions[0]
    assert store.models[versions[1]].role == ModelRole.RETIRED
    assert store.model_log[-1] == (versions[0], ModelDecision.ROLLBACK, "ben")
