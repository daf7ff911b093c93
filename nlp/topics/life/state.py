"""The state that the lifecycle of topics changes.

A state may be partial: only the topics and messages that a request is about.
"""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from nlp.errors import ConflictError, NotFoundError
from nlp.lives import Change, Life
from nlp.states import RUN, Event
from nlp.topics.life.heirs import heir_of


@dataclass(frozen=True, slots=True)
class State:
    """Topics and messages, as far as a request needs them."""

    lives: Mapping[int, Life]
    assigned: Mapping[str, int | None] = field(default_factory=dict)
    """The topic of each message by the runs; None = unclustered."""
    placed: Mapping[str, tuple[tuple[int, int], ...]] = field(default_factory=dict)
    """Topics that people chose for a message, the latest last: number of the decision, topic."""
    carried: Mapping[int, Collection[str]] = field(default_factory=dict)
    """The messages that a run's merge moved and no later run decided about, by the topic that
    ended."""
    arrived_on: Mapping[str, dt.date] = field(default_factory=dict)
    intents: Mapping[str, bool] = field(default_factory=dict)
    """Each intent of the taxonomy, and whether it is active."""
    child_id: int = 0
    """The id of the next topic that a person splits off."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who makes a request, and the day that it is recorded under."""

    actor: str
    day: dt.date

    @property
    def is_run(self) -> bool:
        """Whether a run makes it, not a person."""
        return self.actor == RUN


def apply(state: State, change: Change, *, number: int = 0) -> State:
    """Return the state after a change; `number` is that of the decision, if it is one."""
    lives = {**state.lives, **{life.topic_id: life for life in change.lives}}
    carried = {t: set(ids) - change.moved.keys() for t, ids in state.carried.items()}
    for event in change.events:
        if event.event == Event.MERGE and change.moved:
            carried[event.topic_id] = set(change.moved)
    placed = dict(state.placed)
    if change.retracted is not None:
        for message, by_person in state.placed.items():
            placed[message] = tuple(p for p in by_person if p[0] != change.retracted)
    if change.placed is not None and change.placed.topic_id is not None:
        for message in change.placed.message_ids:
            placed[message] = (*placed.get(message, ()), (number, change.placed.topic_id))
    assigned = {**state.assigned, **change.moved}
    return replace(state, lives=lives, assigned=assigned, placed=placed, carried=carried)


def topic_of(state: State, message_id: str) -> int | None:
    """Return the topic of a message: by a person, else by the runs; merges are followed."""
    by_person = state.placed.get(message_id)
    topic = by_person[-1][1] if by_person else state.assigned.get(message_id)
    return None if topic is None else heir_of(state.lives, topic)


def known(state: State, topic_id: int) -> Life:
    """Return a topic. Raises NotFoundError."""
    if (life := state.lives.get(topic_id)) is None:
        raise NotFoundError(f"There is no theme {topic_id}. Look it up under Themes")
    return life


def living(state: State, topic_id: int) -> Life:
    """Return a topic. Raises NotFoundError, or ConflictError where it was merged away."""
    life = known(state, topic_id)
    if life.merge is not None:
        heir = heir_of(state.lives, topic_id)
        raise ConflictError(f"{life.label!r} was merged into theme {heir} since. Decide about that")
    return life
