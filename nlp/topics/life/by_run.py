"""The transitions of a topic's life that only a run asks for; see `nlp.topics.lifecycle`."""

from collections import Counter
from collections.abc import Collection
from dataclasses import replace

from nlp.errors import DecisionError
from nlp.lives import Change, Life
from nlp.records import Proposal, TopicEvent
from nlp.states import Event, TopicStatus
from nlp.topics.life import requests as ask
from nlp.topics.life.state import Actor, State, known, living, topic_of


def create(state: State, request: ask.Create, by: Actor) -> Change:
    """Make messages a new topic."""
    if request.topic_id in state.lives:
        raise DecisionError(f"There is a theme {request.topic_id} already: an id is for life")
    born = Life(request.topic_id, by.day, "")
    event = TopicEvent(Event.BIRTH, born.topic_id, request.parent, request.evidence)
    moved, parts = take(state, request.message_ids, born.topic_id, request.evidence)
    return Change(lives=(born,), moved=moved, events=(event, *parts))


def revive(state: State, request: ask.Revive, _by: Actor) -> Change:
    """Make a quiet topic active again, with messages of today."""
    life = living(state, request.topic_id)
    detail = f"{request.evidence}, after a silence"
    event = TopicEvent(Event.REVIVE, life.topic_id, None, detail)
    moved, parts = take(state, request.message_ids, life.topic_id, request.evidence)
    woken = replace(life, status=TopicStatus.ACTIVE)
    return Change(lives=(woken,), moved=moved, events=(event, *parts))


def take(
    state: State, message_ids: Collection[str], topic_id: int, evidence: str = ""
) -> tuple[dict[str, int], list[TopicEvent]]:
    """Return the topic of each message that a run takes, and an event for each topic they leave.

    Raises DecisionError where a person placed one of the messages, or holds the topic it is in.
    """
    leaving: Counter[int] = Counter()
    for message in message_ids:
        left = topic_of(state, message)
        if state.placed.get(message) or (left is not None and known(state, left).is_held):
            raise DecisionError(f"A person decided about message {message} or its theme")
        if left is not None:
            leaving[left] += 1
    parts = [
        TopicEvent(Event.SPLIT, left, topic_id, f"{n} of {evidence}")
        for left, n in sorted(leaving.items())
    ]
    return dict.fromkeys(message_ids, topic_id), parts


def propose(_state: State, request: Proposal, _by: Actor) -> Change:
    """Record a split or merge that was found but not made yet."""
    days = f"{request.n_days} day{'s' * (request.n_days > 1)}"
    event = Event(f"propose_{request.kind}")
    detail = f"found on {days} running"
    return Change(events=(TopicEvent(event, request.topic_id, request.other_topic_id, detail),))


def tally(state: State, request: ask.Tally, _by: Actor) -> Change:
    """Set a topic's status at the end of a day: active, quiet or retired."""
    life = living(state, request.topic_id)
    if request.n_messages:
        return Change(lives=(replace(life, status=TopicStatus.ACTIVE),))
    if request.n_silent <= request.retires_after:
        return Change(lives=(replace(life, status=TopicStatus.QUIET),))
    detail = f"no message for {request.n_silent} days"
    event = TopicEvent(Event.RETIRE, life.topic_id, None, detail)
    return Change(lives=(replace(life, status=TopicStatus.RETIRED),), events=(event,))
