"""A person's decisions on a store in memory: order, tokens, the log, and errors."""

import datetime as dt
import uuid
from dataclasses import replace

import numpy as np
import pytest

from nlp.errors import ConflictError, DecisionError, NotFoundError, TriageError
from nlp.jobs.decide import decide, propose_split, undo
from nlp.lives import Decided
from nlp.records import Alert, Assignment, Discovery, Message, Topic, TopicDay
from nlp.states import Action, AlertKind, Channel, DayStatus, Severity
from nlp.topics.life import requests as ask
from nlp.topics.life.state import topic_of
from tests.fakes import MemoryStore

DAY = dt.date(2026, 3, 9)
CARD, PIN = 20260302001, 20260302002
_LABELS = {CARD: "Card lost", PIN: "Pin blocked"}
_ALERT = f"{DAY}/surge/{CARD}"


def _id(topic: int, n: int) -> str:
    return str(uuid.UUID(int=topic * 1000 + n))


@pytest.fixture
def store() -> MemoryStore:
    """Two topics of eight messages each, as after a run, and an alert."""
    result = MemoryStore(active={"card_lost": True, "old": False})
    rows = np.eye(8, dtype=np.float32)
    assigned = []
    for place, topic in enumerate(_LABELS):
        for n in range(8):
            at = dt.datetime(2026, 3, 9, 12, tzinfo=dt.UTC)
            m, words = _id(topic, n), f"{_LABELS[topic]} {n}"
            result.messages[m] = Message(m, "inbox", m, at, DAY, DAY, words, m, "en")
            leaning = rows[place] + 0.3 * rows[4 + n % 2]
            result.embeddings["test", m] = leaning / np.float32(np.linalg.norm(leaning))
            assigned.append(Assignment(m, topic, 0.2 if n == 7 else 0.8))
    result.save_assignments(DAY, assigned)
    topics = [
        Topic(t, DAY, label, ("word",), (_id(t, 0),), rows[p], 0.5, 8, last_on=DAY)
        for p, (t, label) in enumerate(_LABELS.items())
    ]
    days = [TopicDay(t, 8, 5.0, 9.0, 0.5, DayStatus.SURGING) for t in _LABELS]
    alert = Alert(CARD, AlertKind.SURGE, 8, 2.0, 1e-6, Severity.HIGH)
    result.save_discovery(DAY, Discovery(topics, [], days, [], [alert]))
    return result


def _decide(
    store: MemoryStore, request: ask.PersonRequest, *, actor: str = "maria", seen: str | None = None
) -> Decided:
    with store.deciding() as one:
        decided = decide(one, request, actor=actor, channel=Channel.API, seen=seen)
        assert one.n_turns == 1
    return decided


@pytest.mark.parametrize(
    ("request_", "action", "where"),
    [
        (ask.Rename(CARD, "Lost cards"), Action.RENAME, CARD),
        (ask.Merge(PIN, CARD), Action.MERGE, CARD),
        (ask.Split(CARD, tuple(_id(CARD, n) for n in range(3)), "New"), Action.SPLIT, 20260309999),
        (ask.Mute(CARD), Action.MUTE, CARD),
        (ask.Promote(CARD, "Lost card"), Action.PROMOTE, CARD),
        (ask.Note(CARD, "since the release"), Action.NOTE, CARD),
        (ask.Place((_id(PIN, 0),), CARD), Action.CORRECT, CARD),
    ],
)
def test_a_decision_is_logged_with_who_where_and_what(
    store: MemoryStore, request_: ask.PersonRequest, action: Action, where: int
) -> None:
    """A decision returns its number in the log and the theme to show next."""
    assert _decide(store, request_) == Decided(1, where)
    logged = store.log[1]
    assert (logged.actor, logged.action, logged.channel) == ("maria", action, Channel.API)
    assert (logged.message_id is None) == (action != Action.CORRECT)


def test_who_saw_less_than_was_decided_is_told_and_nothing_changes(store: MemoryStore) -> None:
    """A stale page is refused with the actor's name; its token counts decisions on that theme."""
    _decide(store, ask.Rename(CARD, "Lost cards"), seen="0")
    with pytest.raises(ConflictError, match=r"maria did .rename. here at 12:00:00 UTC"):
        _decide(store, ask.Rename(CARD, "Stolen"), actor="ben", seen="0")
    with store.deciding() as one:
        undo(one, 1, actor="ben")
    with pytest.raises(ConflictError, match=r"ben undid .rename. here"):
        _decide(store, ask.Rename(CARD, "Stolen"), seen="1")
    assert store.state.lives[CARD].label == "Card lost"
    _decide(store, ask.Rename(PIN, "Pins"), seen="0")
    assert _decide(store, ask.Rename(CARD, "Stolen"), seen="1u").number == 3


@pytest.mark.parametrize(
    ("request_", "error", "words"),
    [
        (ask.Rename(7, "x"), NotFoundError, "no theme 7"),
        (ask.Rename(CARD, "pin blocked"), DecisionError, "is called 'pin blocked' already"),
        (ask.Merge(CARD, CARD), DecisionError, "into itself"),
        (ask.Unmerge(CARD), DecisionError, "'Card lost' is not merged"),
        (ask.Mute(CARD, muted=False), DecisionError, "unmuted already"),
        (ask.Note(CARD, " "), DecisionError, "1 to 2000 characters"),
        (ask.Split(CARD, (_id(CARD, 0),), "New"), DecisionError, "Was: 1"),
        (
            ask.Split(CARD, (_id(CARD, 0), _id(CARD, 1), _id(PIN, 0)), "New"),
            ConflictError,
            "1 of the picked",
        ),
        (ask.Place((str(uuid.UUID(int=1)),), CARD), NotFoundError, "no message"),
        (ask.Place((_id(CARD, 0),)), DecisionError, "Nothing was chosen"),
        (ask.Place((_id(CARD, 0),), None, "old"), DecisionError, "no intent 'old'"),
        (ask.Promote(CARD, "Card lost"), DecisionError, "'card_lost' exists already"),
        (ask.Promote(CARD, "CardLost"), DecisionError, "'card_lost' exists already"),
        (ask.Promote(CARD, "-"), DecisionError, "1 to 60 letters"),
    ],
)
def test_a_refusal_changes_and_logs_nothing(
    store: MemoryStore, request_: ask.PersonRequest, error: type[TriageError], words: str
) -> None:
    """Each refusal gives its reason in a sentence, and the store is unchanged."""
    before = (store.state, dict(store.active), dict(store.labelled))
    with pytest.raises(error, match=words):
        _decide(store, request_)
    assert (store.state, store.active, store.labelled, store.log) == (*before, {})


def test_no_person_is_called_run(store: MemoryStore) -> None:
    """The actor `run` is reserved for runs, and an empty name is refused."""
    for actor in ("run", " "):
        with pytest.raises(DecisionError, match="has the name of a person"):
            _decide(store, ask.Mute(CARD), actor=actor)


def test_a_promotion_learns_what_fits_and_can_be_made_again(store: MemoryStore) -> None:
    """Distinct messages that fit become examples; undo removes them and frees the name."""
    _decide(store, ask.Place((_id(CARD, 0),), None, "card_lost"))
    _decide(store, ask.Promote(CARD, " Lost  card! "))
    assert [e.text for e in store.examples()] == [f"Card lost {n}" for n in range(1, 7)]
    with store.deciding() as one:
        undo(one, 2, actor="ben")
    assert store.examples() == []
    assert store.active == {"card_lost": True, "old": False, "lost_card": False}
    _decide(store, ask.Promote(CARD, "lost_card"))
    assert store.active["lost_card"]
    store.active["old_pin"] = False
    with pytest.raises(DecisionError, match=r"'old_pin' is retired\. Was: 'OldPin'"):
        _decide(store, ask.Promote(PIN, "OldPin"), actor="ben")


def test_a_promotion_with_further_examples_is_not_undone(store: MemoryStore) -> None:
    """If others added examples to the intent since, undo is refused and removes nothing."""
    _decide(store, ask.Promote(CARD, "lost card"))
    example = next(iter(store.labelled.values()))
    store.labelled["other", "lost_card"] = replace(example, origin="file")
    before = dict(store.labelled)
    with (
        pytest.raises(DecisionError, match="has further labelled examples"),
        store.deciding() as one,
    ):
        undo(one, 1, actor="ben")
    assert store.labelled == before
    assert store.log[1].undone_at is None


def test_an_undo_is_refused_twice_and_under_a_later_decision(store: MemoryStore) -> None:
    """Both errors name the actor, and an unknown number is an error too."""
    for label in ("One", "Two"):
        _decide(store, ask.Rename(CARD, label))
    with pytest.raises(ConflictError, match=r"maria did .rename. again"), store.deciding() as one:
        undo(one, 1, actor="ben")
    with store.deciding() as one:
        assert undo(one, 2, actor="ben").became == {"label": "Two"}
    with pytest.raises(ConflictError, match="ben has undone this"), store.deciding() as one:
        undo(one, 2, actor="maria")
    with pytest.raises(NotFoundError, match="no decision 9"), store.deciding() as one:
        undo(one, 9, actor="maria")


def test_a_split_is_proposed_where_embeddings_fall_apart_and_kept_by_the_next_run(
    store: MemoryStore,
) -> None:
    """The proposed half becomes a held theme with its own messages on the next eve."""
    with store.deciding() as one:
        picked = propose_split(one, CARD)
    assert {int(uuid.UUID(m)) % 2 for m in picked} in ({0}, {1})
    child = _decide(store, ask.Split(CARD, tuple(picked), "Stolen cards")).topic_id
    standing = {t.topic_id: t for t in store.topics_on_eve(DAY + dt.timedelta(1))}
    assert child in standing
    assert standing[child].is_held
    assert standing[child].size == len(picked) == 4
    assert {topic_of(store.state, m) for m in picked} == {child}
