"""When topics get their words, with the real phrases and no encoder where none is needed."""

import datetime as dt
from collections.abc import Collection, Sequence

import numpy as np
import pytest

from nlp.records import DayTexts, Floats, Topic, TopicEvent
from nlp.topics.words.authors import Author, Excerpt
from nlp.topics.words.config import WordConfig
from nlp.topics.words.naming import Namer, is_unnamed, name_topics, unnamed

BORN = dt.date(2026, 3, 2)
STOLEN, REFUND = 20260302001, 20260302002
_STOLEN = [f"my card was stolen {where}" for where in ("today", "in town", "on a bus", "again")]
_REFUND = [f"the late refund {what}" for what in ("is gone", "never came", "worries me", "please")]


def _no_encoder(_: Sequence[str]) -> Floats:
    raise AssertionError("a name that stands needs no embedding of phrases")


def _encode(phrases: Sequence[str]) -> Floats:
    rows = [[1.0, 0.0] if "card" in p else [0.0, 1.0] for p in phrases]
    return np.array(rows, dtype=np.float32)


def _topic(topic: int, label: str, *, source: str = "model", keywords: bool = True) -> Topic:
    centroid = np.array([1.0, 0.0], dtype=np.float32)
    words = ("old words",) if keywords else ()
    return Topic(topic, BORN, label, words, ("m0",), centroid, 0.5, 4, source)


def _named(
    stolen: Topic,
    *,
    age: int,
    messages: Sequence[str] = (*_STOLEN, *_REFUND),
    encode: object = _no_encoder,
    confirmed: Collection[int] = (STOLEN, REFUND),
    author: Author | None = None,
) -> tuple[dict[int, Topic], list[TopicEvent]]:
    ids = [f"m{n}" for n in range(len(messages))]
    rows = np.array([[1.0, 0.0] if "card" in m else [0.0, 1.0] for m in messages], np.float32)
    day = BORN + dt.timedelta(age)
    window = DayTexts(ids, ids, list(messages), [day] * len(ids), ["inbox"] * len(ids), rows, ids)
    topics = {STOLEN: stolen, REFUND: _topic(REFUND, "Late refund", source="person")}
    topic_of = [STOLEN if "card" in m else REFUND for m in messages]
    return name_topics(
        window,
        topics,
        topic_of,
        day=day,
        namer=Namer(encode, WordConfig(), author),  # type: ignore[arg-type]
        confirmed=confirmed,
    )


def test_a_label_that_customers_no_longer_use_is_replaced_and_told() -> None:
    """It was drawn from a few messages at the birth; the event holds both."""
    named, events = _named(_topic(STOLEN, "Hotel safe"), age=4, encode=_encode)
    assert "stolen" in named[STOLEN].label.casefold()
    assert [(e.event, e.topic_id) for e in events] == [("rename", STOLEN)]
    assert events[0].detail == f"Hotel safe → {named[STOLEN].label}"


@pytest.mark.parametrize("age", [1, 2, 4, 8, 16, 32])
def test_a_label_that_is_still_said_stays_while_its_keywords_follow(age: int) -> None:
    """No phrase is embedded, and nothing is told."""
    named, events = _named(_topic(STOLEN, "Card was stolen"), age=age)
    assert (named[STOLEN].label, events) == ("Card was stolen", [])
    assert any("stolen" in k for k in named[STOLEN].keywords)


@pytest.mark.parametrize("age", [0, 3, 5, 7, 21, 42])
def test_on_other_days_words_stay_as_they_are(age: int) -> None:
    """A day's cost does not grow with the number of topics."""
    stolen = _topic(STOLEN, "Hotel safe")
    named, events = _named(stolen, age=age)
    assert (named[STOLEN], events) == (stolen, [])


def test_a_name_that_a_person_gave_stays_for_good() -> None:
    """Its keywords follow all the same."""
    named, events = _named(_topic(STOLEN, "Escalate to fraud", source="person"), age=8)
    assert (named[STOLEN].label, events) == ("Escalate to fraud", [])
    assert any("stolen" in k for k in named[STOLEN].keywords)


def test_a_theme_that_a_person_split_off_gets_keywords_at_once() -> None:
    """It has none yet, whatever its age."""
    named, _ = _named(_topic(STOLEN, "Theft", source="person", keywords=False), age=3)
    assert named[STOLEN].label == "Theft"
    assert any("stolen" in k for k in named[STOLEN].keywords)


def test_a_silent_theme_keeps_the_words_it_has() -> None:
    """Without a message in the window there is nothing to read; a later day tries again."""
    silent = _topic(STOLEN, "Theft", source="person", keywords=False)
    named, events = _named(silent, age=8, messages=_REFUND)
    assert (named[STOLEN], events) == (silent, [])


@pytest.mark.parametrize("label", ["", unnamed(STOLEN)])
def test_a_topic_of_too_few_customers_has_a_placeholder(label: str) -> None:
    """It has keywords and exemplars; its first label, with an event, comes with the customers."""
    born, events = _named(_topic(STOLEN, label), age=0, confirmed=[REFUND])
    assert (born[STOLEN].label, events) == ("Unnamed theme 20260302001", [])
    assert any("stolen" in k for k in born[STOLEN].keywords)
    named, events = _named(born[STOLEN], age=3, encode=_encode)
    assert "stolen" in named[STOLEN].label.casefold()
    assert [e.event for e in events] == ["rename"]


def test_a_topic_once_named_stays_so() -> None:
    """Fewer customers later, or a setting that asks for more, take no label away."""
    named, _ = _named(_topic(STOLEN, "Card was stolen"), age=4, confirmed=())
    assert named[STOLEN].label == "Card was stolen"
    assert not is_unnamed(_topic(STOLEN, unnamed(STOLEN), source="person"))


class _Says:
    """An author that always says the same, and counts."""

    def __init__(self, label: str | None, *, before: str = "") -> None:
        self.says, self.before = label, before
        self.shown: list[Excerpt] = []
        self.refusals: list[str] = []

    def labels(self) -> dict[int, str]:
        return {STOLEN: self.before} if self.before else {}

    def label(self, excerpt: Excerpt) -> str | None:
        self.shown.append(excerpt)
        return self.says

    def refuse(self, reason: str) -> None:
        self.refusals.append(reason)


def test_an_author_replaces_a_phrase() -> None:
    """It is shown typical messages and the other theme."""
    author = _Says("Theft of a card")
    named, _ = _named(_topic(STOLEN, ""), age=0, encode=_encode, author=author)
    assert named[STOLEN].label == "Theft of a card"
    (excerpt,) = author.shown
    assert {text for _, text in excerpt.messages} <= set(_STOLEN)
    assert excerpt.siblings == (("Late refund", "old words"),)


@pytest.mark.parametrize(
    ("label", "reason"),
    [("Free money for all", "it is far from the messages"), ("Late refund", "another theme")],
)
def test_a_label_that_does_not_fit_is_refused(label: str, reason: str) -> None:
    """A label nearer to another theme, or of another theme, leaves the phrase."""
    author = _Says(label)
    named, _ = _named(_topic(STOLEN, ""), age=0, encode=_encode, author=author)
    assert "stolen" in named[STOLEN].label.casefold()
    assert len(author.refusals) == 1
    assert reason in author.refusals[0]


def test_an_author_without_a_label_leaves_the_phrase() -> None:
    """So the day ends as it would without one."""
    with_it, _ = _named(_topic(STOLEN, ""), age=0, encode=_encode, author=_Says(None))
    without, _ = _named(_topic(STOLEN, ""), age=0, encode=_encode)
    assert with_it[STOLEN].label == without[STOLEN].label


def test_a_label_of_an_author_stays_while_it_fits() -> None:
    """It need not be a phrase of the messages, and the author is not asked again."""
    author = _Says("Another name of a card", before="Stolen card")
    named, events = _named(_topic(STOLEN, "Stolen card"), age=8, encode=_encode, author=author)
    assert (named[STOLEN].label, events, author.shown) == ("Stolen card", [], [])
    drifted = _Says("Theft of a card", before="Hotel safe")
    named, _ = _named(_topic(STOLEN, "Hotel safe"), age=8, encode=_encode, author=drifted)
    assert named[STOLEN].label == "Theft of a card"


@pytest.mark.parametrize("source", ["person", "model"])
def test_a_person_is_above_an_author(source: str) -> None:
    """A person's label, and a placeholder, stay whatever an author says."""
    confirmed = (STOLEN, REFUND) if source == "person" else (REFUND,)
    label = "Theft" if source == "person" else ""
    author = _Says("Theft of a card")
    stolen = _topic(STOLEN, label, source=source)
    named, _ = _named(stolen, age=8, encode=_encode, confirmed=confirmed, author=author)
    assert named[STOLEN].label == (label or unnamed(STOLEN))
    assert author.shown == []
