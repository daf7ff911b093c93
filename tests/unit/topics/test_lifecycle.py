"""Promises of topics' lives, over random sequences of what runs and people ask for."""

import copy
import datetime as dt
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.errors import ConflictError, DecisionError, TriageError
from nlp.jobs import decide as job
from nlp.lives import Change, Decided, Life, MergeRecord
from nlp.records import Assignment, Message, Proposal
from nlp.states import RUN, Channel, Event, LabelSource, TopicStatus
from nlp.topics.life import requests as ask
from nlp.topics.life.heirs import heir_of, heirs_of
from nlp.topics.life.state import State, apply, topic_of
from nlp.topics.lifecycle import transition
from tests.fakes import MemoryStore

DAY = dt.date(2026, 3, 9)
_MESSAGES = tuple(str(uuid.UUID(int=n + 1)) for n in range(12))
_LABELS = ("Card lost", "card lost", "Pin blocked", "App crashes", "Refund", " ")
_PEOPLE = ("maria", "ben")


@dataclass(frozen=True)
class Step:
    """One request; the numbers choose among the existing topics and messages."""

    kind: str
    one: int
    other: int
    picked: frozenset[int]
    label: str
    actor: str


_RUNS = ("create", "revive", "merge", "rename", "place", "tally", "propose")
_DECISIONS = ("merge", "unmerge", "rename", "split", "mute", "promote", "note", "place")


def _steps(*kinds: str) -> st.SearchStrategy[Step]:
    numbers = st.integers(0, 40)
    picked = st.frozensets(st.integers(0, len(_MESSAGES) - 1), min_size=1, max_size=6)
    return st.builds(
        Step, st.sampled_from(kinds), numbers, numbers, picked, st.sampled_from(_LABELS),
        st.sampled_from(_PEOPLE),
    )  # fmt: skip


_by_runs = _steps(*(f"run {k}" for k in _RUNS))
_by_people = _steps(*_DECISIONS)
_anything = st.lists(st.one_of(_by_runs, _by_people, _steps("undo")), min_size=4, max_size=40)


@dataclass
class World:
    """A store in memory, the requests made to it, and the events that it returned."""

    store: MemoryStore = field(default_factory=MemoryStore)
    requested: list[Callable[["World"], None]] = field(default_factory=list)
    words: list[MergeRecord] = field(default_factory=list)
    born: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        for n, m in enumerate(_MESSAGES):
            at = dt.datetime(2026, 3, 9, 12, tzinfo=dt.UTC)
            self.store.messages[m] = Message(
                m, "inbox", m, at, DAY, DAY, f"text {n}", str(uuid.UUID(int=100 + n)), "en"
            )
            row = np.eye(16, dtype=np.float32)[n]
            self.store.embeddings["test", self.store.messages[m].text_hash] = row
        self.store.decided[DAY, "assign"] = [Assignment(m, None, 0.8) for m in _MESSAGES]
        self.store.state = State(
            {}, dict.fromkeys(_MESSAGES), arrived_on=dict.fromkeys(_MESSAGES, DAY)
        )
        for n in range(3):
            self.create(_MESSAGES[4 * n : 4 * n + 4])
        self.requested.clear()

    @property
    def state(self) -> State:
        return self.store.state

    def create(self, messages: tuple[str, ...]) -> None:
        """Create a topic by a run, and name it."""
        new = 20260302000 + len(self.born) + 1
        self.run(ask.Create(new, messages, None, f"{len(messages)} messages"))
        self.run(ask.Rename(new, f"Theme {len(self.born)}"))

    def run(self, request: ask.RunRequest) -> Change:
        """Make a request as a run."""
        change = transition(self.state, request, actor=RUN, day=DAY)
        self.store.state = apply(self.state, change)
        for e in change.events:
            if e.event == Event.MERGE:
                self.words.append(MergeRecord(e.topic_id, e.other_topic_id, DAY, RUN))
        self.born += [e.topic_id for e in change.events if e.event == Event.BIRTH]
        self.requested.append(lambda world: world.run(request) and None)
        return change

    def decide(self, request: ask.PersonRequest, actor: str) -> Decided:
        """Make a request as a person."""
        with self.store.deciding() as store:
            decided = job.decide(store, request, actor=actor, channel=Channel.API)
        self._read_log()
        if isinstance(request, ask.Split):
            assert decided.topic_id is not None
            self.born.append(decided.topic_id)
        self.requested.append(lambda world: world.decide(request, actor) and None)
        return decided

    def undo(self, number: int, actor: str) -> None:
        """Undo a decision as a person."""
        with self.store.deciding() as store:
            job.undo(store, number, actor=actor)
        self._read_log()
        self.requested.append(lambda world: world.undo(number, actor))

    def _read_log(self) -> None:
        n = sum(w.actor != RUN for w in self.words)
        self.words += [word for _, _, word, _ in self.store.by_people[n:]]

    def do(self, step: Step) -> None:
        """Carry out a step; TriageError where it is refused."""
        ids = sorted(self.state.lives)
        one, other = ids[step.one % len(ids)], ids[step.other % len(ids)]
        messages = tuple(_MESSAGES[n] for n in sorted(step.picked))
        if step.kind == "undo":
            n = len(self.store.log)
            self.undo(n - step.one % min(max(n, 1), 4), step.actor)
        elif step.kind == "run create":
            self.create(messages)
        elif step.kind.startswith("run "):
            self.run(_run_request(step, one, other, messages=messages))
        else:
            gone = [t for t in ids if self.state.lives[t].merge is not None]
            if step.kind == "unmerge" and gone:
                one = gone[step.one % len(gone)]
            own = [m for m in _MESSAGES if topic_of(self.state, m) == one]
            self.decide(_persons_request(step, one, other, own=own), step.actor)

    def view(self, topics: Sequence[int] | None = None) -> object:
        """What people see: topics, the topic of each message, the intents."""
        lives = self.state.lives
        return (
            {
                t: (lives[t].label, lives[t].label_source, lives[t].status, heir_of(lives, t),
                    lives[t].muted)
                for t in (lives if topics is None else topics)
            },
            {m: topic_of(self.state, m) for m in _MESSAGES},
            sorted(i for i, active in self.store.active.items() if active),
            dict(self.store.labelled),
        )  # fmt: skip


def _run_request(step: Step, one: int, other: int, *, messages: tuple[str, ...]) -> ask.RunRequest:
    requests: dict[str, ask.RunRequest] = {
        "revive": ask.Revive(one, messages, f"{len(messages)} messages"),
        "merge": ask.Merge(one, other, "both in one cluster"),
        "rename": ask.Rename(one, f"{step.label} of theme {one}"),
        "place": ask.Place(messages, one),
        "tally": ask.Tally(one, step.one % 2, step.other * 5, 90),
        "propose": Proposal(Event.MERGE, one, other, 1),
    }
    return requests[step.kind.removeprefix("run ")]


def _persons_request(step: Step, one: int, other: int, *, own: list[str]) -> ask.PersonRequest:
    requests: dict[str, ask.PersonRequest] = {
        "merge": ask.Merge(one, other),
        "unmerge": ask.Unmerge(one),
        "rename": ask.Rename(one, step.label),
        "split": ask.Split(one, tuple(own[: 3 + step.other % 3]), f"{step.label} {step.other}"),
        "mute": ask.Mute(one, muted=step.other % 2 == 0),
        "promote": ask.Promote(one, step.label),
        "note": ask.Note(one, step.label),
        "place": ask.Place((_MESSAGES[min(step.picked)],), one),
    }
    return requests[step.kind]


def _lived(steps: Sequence[Step]) -> World:
    """A world after some steps, of which those that are refused change nothing."""
    world = World()
    for step in steps:
        before = copy.copy(world.store)
        try:
            world.do(step)
        except TriageError:
            assert world.store == before
    return world


@given(_anything)
def test_a_message_has_at_most_one_topic_and_that_lives(steps: list[Step]) -> None:
    """Whatever runs and people did, it is unclustered or in a topic that was not merged away."""
    world = _lived(steps)
    for message in _MESSAGES:
        topic = topic_of(world.state, message)
        assert topic is None or world.state.lives[topic].merge is None


@given(_anything)
def test_ids_are_for_life(steps: list[Step]) -> None:
    """Every topic that was born is there to the end, once, and no other is."""
    world = _lived(steps)
    assert len(set(world.born)) == len(world.born)
    assert set(world.state.lives) == set(world.born)


@given(_anything)
def test_heirs_form_no_cycle_and_events_alone_tell_them(steps: list[Step]) -> None:
    """Each merged topic leads to one that is not, and the events alone suffice to find it."""
    world = _lived(steps)
    lives = world.state.lives
    for topic, life in lives.items():
        assert (life.merge is not None) == (life.status == TopicStatus.MERGED)
        at, n = topic, 0
        while (merge := lives[at].merge) is not None and merge.into is not None:
            at, n = merge.into, n + 1
            assert n <= len(lives)
    latest: dict[int, MergeRecord] = {}
    for word in world.words:
        latest.pop(word.topic_id, None)
        latest[word.topic_id] = word
    assert heirs_of(latest.values()) == {
        t: heir_of(lives, t) for t, life in lives.items() if life.merge is not None
    }


@given(_anything, st.lists(_by_runs, min_size=1, max_size=10))
def test_a_persons_word_outlasts_a_run(steps: list[Step], later: list[Step]) -> None:
    """Names, mutes, merges and splits stay, and placed messages are where they were put."""
    world = _lived(steps)
    before = world.state
    for step in later:
        try:
            world.do(step)
        except TriageError:
            continue
    for topic, life in before.lives.items():
        now = world.state.lives[topic]
        assert now.muted == life.muted
        if life.label_source == LabelSource.PERSON:
            assert (now.label, now.label_source) == (life.label, LabelSource.PERSON)
        if life.is_held:
            assert now.merge == life.merge
            own = {m for m in _MESSAGES if topic_of(before, m) == topic}
            assert own <= {m for m in _MESSAGES if topic_of(world.state, m) == topic}
    for message, words in before.placed.items():
        if words:
            placed = heir_of(world.state.lives, words[-1][1])
            assert topic_of(world.state, message) == placed


@given(_anything, _by_people)
def test_undoing_at_once_restores_what_was_seen(steps: list[Step], last: Step) -> None:
    """A decision and its undo leave every topic, message and intent as it was."""
    world = _lived(steps)
    topics, before = list(world.state.lives), world.view()
    try:
        world.do(last)
    except TriageError:
        return
    world.undo(len(world.store.log), "ben")
    assert world.view(topics) == before


@given(_anything, st.lists(_by_people, max_size=12))
@settings(max_examples=60)
def test_undoing_all_from_the_last_to_the_first_restores_the_beginning(
    steps: list[Step], decided: list[Step]
) -> None:
    """No undo in between is refused, and no effect of people's decisions is left."""
    world = _lived(steps)
    topics, before, n = list(world.state.lives), world.view(), len(world.store.log)
    for step in decided:
        try:
            world.do(step)
        except TriageError:
            continue
    for number in range(len(world.store.log), n, -1):
        world.undo(number, "ben")
    assert world.view(topics) == before


@given(_anything)
def test_replaying_what_was_asked_gives_the_same_state_and_log(steps: list[Step]) -> None:
    """The state depends only on the requests and their order."""
    world = _lived(steps)
    again = World()
    for ask_again in world.requested:
        ask_again(again)
    for name in ("state", "log", "events", "active", "labelled", "corrections"):
        assert getattr(again.store, name) == getattr(world.store, name)


def _topics(**changes: Any) -> State:
    """Two topics, the first as given, and five messages of each."""
    first = Life(1, DAY, "Card lost", **changes)
    assigned = {f"{t}{n}": t for t in (1, 2) for n in range(5)}
    return State({1: first, 2: Life(2, DAY, "Pin blocked")}, assigned, child_id=999)


@pytest.mark.parametrize(
    "request_",
    [ask.Merge(1, 2), ask.Merge(2, 1), ask.Create(3, ("10", "11"), 1, "2"), ask.Place(("10",), 2)],
)
@pytest.mark.parametrize("holds", [{"is_decided": True}, {"label_source": LabelSource.PERSON}])
def test_a_run_is_refused_what_a_person_holds(
    request_: ask.RunRequest, holds: dict[str, Any]
) -> None:
    """It neither merges nor splits a topic that a person decided about or named."""
    assert transition(_topics(), request_, actor=RUN, day=DAY) != Change()
    with pytest.raises(DecisionError, match=r"A person decided about (theme|message) \d+"):
        transition(_topics(**holds), request_, actor=RUN, day=DAY)


def test_a_run_neither_takes_nor_moves_what_a_person_placed() -> None:
    """A birth that would take a placed message is refused; a merge leaves it to its heir."""
    state = _topics()
    state = apply(state, transition(state, ask.Place(("20",), 1), actor="ben", day=DAY), number=1)
    with pytest.raises(DecisionError, match="A person decided about message 20"):
        transition(state, ask.Create(3, ("20", "21"), None, ""), actor=RUN, day=DAY)
    change = transition(state, ask.Merge(1, 2, "one"), actor=RUN, day=DAY)
    assert set(change.moved) == {f"1{n}" for n in range(5)}
    assert topic_of(apply(state, change), "20") == 2


def test_a_run_is_refused_another_name_for_what_a_person_named() -> None:
    """The label of a model is replaced, with an event; that of a person stays."""
    change = transition(_topics(), ask.Rename(1, "Lost card"), actor=RUN, day=DAY)
    assert [e.detail for e in change.events] == ["Card lost → Lost card"]
    named = _topics(label_source=LabelSource.PERSON)
    with pytest.raises(DecisionError, match="A person called theme 1 'Card lost'"):
        transition(named, ask.Rename(1, "Lost card"), actor=RUN, day=DAY)


@pytest.mark.parametrize(
    ("request_", "actor"),
    [
        (ask.Create(3, (), None, ""), "maria"),
        (ask.Tally(1, 0, 1, 90), "maria"),
        (ask.Mute(1), RUN),
        (ask.Split(1, ("10", "11", "12"), "Stolen"), RUN),
        (ask.Promote(1, "card"), RUN),
    ],
)
def test_each_asks_only_for_what_is_its_own(request_: ask.Request, actor: str) -> None:
    """A person cannot create a topic directly, and a run cannot mute one."""
    with pytest.raises(DecisionError, match=r"A (run|person) cannot request"):
        transition(_topics(), request_, actor=actor, day=DAY)


@pytest.mark.parametrize(
    ("n_messages", "n_silent", "status", "events"),
    [
        (1, 0, TopicStatus.ACTIVE, []),
        (0, 90, TopicStatus.QUIET, []),
        (0, 91, TopicStatus.RETIRED, [Event.RETIRE]),
    ],
)
def test_a_silent_topic_is_quiet_then_retires(
    n_messages: int, n_silent: int, status: TopicStatus, events: list[Event]
) -> None:
    """It retires on the first day beyond the limit, and says so."""
    change = transition(_topics(), ask.Tally(1, n_messages, n_silent, 90), actor=RUN, day=DAY)
    assert change.lives[0].status == status
    assert [e.event for e in change.events] == events


def test_an_id_is_not_given_twice() -> None:
    """A birth, and a split, under an id that exists are refused."""
    with pytest.raises(DecisionError, match="an id is for life"):
        transition(_topics(), ask.Create(2, (), None, ""), actor=RUN, day=DAY)
    state = State({**_topics().lives, 999: Life(999, DAY, "x")}, _topics().assigned, child_id=999)
    with pytest.raises(DecisionError, match="an id is for life"):
        transition(state, ask.Split(1, ("10", "11", "12"), "Stolen"), actor="maria", day=DAY)


def test_what_came_since_a_merge_stays_with_the_heir() -> None:
    """An unmerged topic gets back what the run's merge moved and nobody placed since."""
    state = _topics()
    state = apply(state, transition(state, ask.Merge(1, 2, "one"), actor=RUN, day=DAY))
    state = apply(state, transition(state, ask.Create(3, ("10",), None, ""), actor=RUN, day=DAY))
    state = apply(state, transition(state, ask.Place(("11",), 2), actor="ben", day=DAY), number=1)
    change = transition(state, ask.Unmerge(1), actor="maria", day=DAY)
    assert change.placed is not None
    assert change.placed.message_ids == ("12", "13", "14")
    with pytest.raises(ConflictError, match="was merged into theme 2"):
        transition(state, ask.Rename(1, "x"), actor="maria", day=DAY)


def test_of_words_that_lead_in_a_circle_the_latest_holds() -> None:
    """An earlier day that ran again merged the heir away: the heir that was named last stands."""
    words = [MergeRecord(1, 2, DAY, RUN), MergeRecord(2, 3, DAY, RUN), MergeRecord(3, 1, DAY, RUN)]
    assert heirs_of(words) == {2: 1, 3: 1}
    assert heirs_of([*words[:2], MergeRecord(1, None, DAY, "ben")]) == {2: 3}


def test_a_parting_is_undone_where_the_heir_is_merged_too() -> None:
    """The topic goes back into its heir, and with it on to the heir's own heir."""
    world = World()
    world.run(ask.Merge(20260302001, 20260302002, "one cluster"))
    world.decide(ask.Merge(20260302002, 20260302003), "maria")
    before = world.view()
    number = world.decide(ask.Unmerge(20260302001), "maria").number
    world.undo(number, "ben")
    assert world.view() == before
    assert heir_of(world.state.lives, 20260302001) == 20260302003


def test_a_parting_is_not_undone_where_the_heir_went_into_the_topic_since() -> None:
    """Going back would form a cycle: the error names where the heir is now."""
    world = World()
    world.run(ask.Merge(20260302001, 20260302002, "one cluster"))
    number = world.decide(ask.Unmerge(20260302001), "maria").number
    world.decide(ask.Merge(20260302002, 20260302001), "maria")
    with pytest.raises(ConflictError, match="was merged into theme 20260302001 since"):
        world.undo(number, "ben")
