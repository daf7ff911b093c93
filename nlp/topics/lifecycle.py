"""A topic's life: every transition, by a run or a person, as a function of a state and a request.

`transition` decides and returns what changes; `apply` of `life.state` returns the state after it.
Undoing is in `life.undoing`, heirs in `life.heirs`, the topics on the eve of a day in `life.eve`.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from nlp.errors import ConflictError, DecisionError
from nlp.lives import Change, Life, MergeRecord, Placement
from nlp.records import Proposal, Topic, TopicEvent
from nlp.states import RUN, Event, LabelSource, TopicStatus
from nlp.topics.life import by_run
from nlp.topics.life import requests as ask
from nlp.topics.life.labels import check_free, clean_label
from nlp.topics.life.state import Actor, State, known, living, topic_of

MIN_PICKED = 3
"""Messages that a person splits off, at least."""
MAX_PICKED = 500
MAX_NOTE = 2_000
"""Characters."""


def transition(state: State, request: ask.Request, *, actor: str, day: dt.date) -> Change:
    """Return what a request changes.

    Raises NotFoundError where its topic does not exist, ConflictError where somebody else decided
    first, DecisionError where it cannot be carried out as requested, or where a run requests a
    change of what a person holds.
    """
    allowed = ask.RunRequest if actor == RUN else ask.PersonRequest | ask.Undo
    if not isinstance(request, allowed):
        who = "A run" if actor == RUN else "A person"
        raise DecisionError(f"{who} cannot request {type(request).__name__}")
    if isinstance(request, ask.Undo):
        from nlp.topics.life.undoing import undo

        return undo(state, request.decision, Actor(actor, day))
    return _RULES[type(request)](state, request, Actor(actor, day))


def ask_as_run(
    request: ask.RunRequest,
    topics: Iterable[Topic],
    *,
    day: dt.date,
    topic_of: Mapping[str, int | None] | None = None,
) -> Change:
    """Return what a run's request changes; `topic_of` are the topics of the messages in it."""
    lives = {
        t.topic_id: Life(
            t.topic_id, t.born_on, t.label, t.label_source, t.status, is_decided=t.is_held
        )
        for t in topics
    }
    return transition(State(lives, topic_of or {}), request, actor=RUN, day=day)


def merged(life: Life, heir: Life, by: Actor, detail: str) -> tuple[Life, TopicEvent]:
    """Return a topic in its state after it is merged into its heir, and the event."""
    word = MergeRecord(life.topic_id, heir.topic_id, by.day, by.actor)
    event = TopicEvent(Event.MERGE, life.topic_id, heir.topic_id, detail)
    return replace(life, status=TopicStatus.MERGED, merge=word), event


def _merge(state: State, request: ask.Merge, by: Actor) -> Change:
    life, heir = living(state, request.topic_id), living(state, request.heir_id)
    if life.topic_id == heir.topic_id:
        raise DecisionError("A theme cannot be merged into itself. Choose another one")
    if by.is_run:
        for one in (life, heir):
            if one.is_held:
                raise DecisionError(f"A person decided about theme {one.topic_id}")
        gone, event = merged(life, heir, by, request.reason)
        carried = [
            m
            for m in state.assigned
            if not state.placed.get(m) and topic_of(state, m) == life.topic_id
        ]
        return Change(lives=(gone,), moved=dict.fromkeys(carried, heir.topic_id), events=(event,))
    gone, event = merged(life, heir, by, f"{life.label} → {heir.label}")
    return Change(
        lives=(replace(gone, is_decided=True), replace(heir, is_decided=True)),
        events=(event,),
        was={"status": life.status, "label": life.label},
        became={"heir_id": heir.topic_id, "label": heir.label},
    )


def _rename(state: State, request: ask.Rename, by: Actor) -> Change:
    life = living(state, request.topic_id)
    if by.is_run:
        if life.label_source == LabelSource.PERSON:
            raise DecisionError(f"A person called theme {life.topic_id} {life.label!r}")
        events = (_renamed(life, request.label),) if life.label else ()
        return Change(lives=(replace(life, label=request.label),), events=events)
    label = clean_label(request.label)
    check_free(state.lives.values(), label, but=life.topic_id)
    return Change(
        lives=(replace(life, label=label, label_source=LabelSource.PERSON),),
        events=(_renamed(life, label),),
        was={"label": life.label, "label_source": life.label_source},
        became={"label": label},
    )


def _renamed(life: Life, label: str) -> TopicEvent:
    return TopicEvent(Event.RENAME, life.topic_id, None, f"{life.label} → {label}")


def _place(state: State, request: ask.Place, by: Actor) -> Change:
    topic = None if request.topic_id is None else living(state, request.topic_id)
    if by.is_run:
        if topic is None:
            raise DecisionError("A run places messages in a theme. Was: none")
        return Change(moved=by_run.take(state, request.message_ids, topic.topic_id)[0])
    became: dict[str, Any] = {}
    if request.intent is not None:
        if not state.intents.get(request.intent):
            raise DecisionError(
                f"There is no intent {request.intent[:60]!r}. Choose one from the list"
            )
        became["intent"] = request.intent
    if topic is not None:
        became |= {"topic_id": topic.topic_id, "label": topic.label}
    if not became:
        raise DecisionError("Nothing was chosen. Choose an intent or a theme")
    placed = Placement(
        request.message_ids, request.topic_id, request.intent, request.note, request.as_guessed
    )
    return Change(placed=placed, became=became)


def _unmerge(state: State, request: ask.Unmerge, _by: Actor) -> Change:
    """Messages since the merge stay with the heir: which topic they would be in is unknown."""
    life = known(state, request.topic_id)
    word = life.merge
    if word is None or word.into is None:
        raise DecisionError(f"{life.label!r} is not merged into another theme")
    if word.actor != RUN:
        raise DecisionError(
            f"{word.actor} merged {life.label!r}. Undo that decision in the history instead"
        )
    check_free(state.lives.values(), life.label, but=life.topic_id)
    back = sorted(m for m in state.carried.get(life.topic_id, ()) if not state.placed.get(m))
    heir = known(state, word.into)
    event = TopicEvent(Event.UNMERGE, life.topic_id, None, f"the merge of {word.day} undone")
    return Change(
        lives=(replace(life, merge=None, status=TopicStatus.QUIET, is_decided=True),),
        placed=Placement(tuple(back), life.topic_id),
        events=(event,),
        was={"heir_id": heir.topic_id, "label": heir.label, "merged_on": str(word.day)},
        became={"label": life.label, "n_messages": len(back)},
    )


def _split(state: State, request: ask.Split, by: Actor) -> Change:
    life = living(state, request.topic_id)
    label = clean_label(request.label)
    check_free(state.lives.values(), label)
    ids = sorted(set(request.message_ids))
    if not MIN_PICKED <= len(ids) <= MAX_PICKED:
        raise DecisionError(
            f"A theme is split off with {MIN_PICKED} to {MAX_PICKED} messages. Was: {len(ids)}. "
            "Pick more, or rename the theme instead"
        )
    if n_gone := sum(topic_of(state, m) != life.topic_id for m in ids):
        raise ConflictError(
            f"{n_gone} of the picked messages are no longer in this theme. Load it again"
        )
    if state.child_id in state.lives:
        raise DecisionError(f"There is a theme {state.child_id} already: an id is for life")
    born_on = min((state.arrived_on[m] for m in ids if m in state.arrived_on), default=by.day)
    child = Life(state.child_id, born_on, label, LabelSource.PERSON, is_decided=True)
    detail = f"{len(ids)} messages from {life.label}"
    return Change(
        lives=(replace(life, is_decided=True), child),
        placed=Placement(tuple(ids), child.topic_id),
        events=(TopicEvent(Event.SPLIT, life.topic_id, child.topic_id, detail),),
        became={"topic_id": child.topic_id, "label": label, "n_messages": len(ids)},
    )


def _mute(state: State, request: ask.Mute, _by: Actor) -> Change:
    life = living(state, request.topic_id)
    event = Event.MUTE if request.muted else Event.UNMUTE
    if life.muted == request.muted:
        raise DecisionError(f"The theme is {event}d already")
    return Change(
        lives=(replace(life, muted=request.muted),),
        events=(TopicEvent(event, life.topic_id, None, ""),),
        was={"muted": life.muted},
        became={"muted": request.muted},
    )


def _promote(state: State, request: ask.Promote, _by: Actor) -> Change:
    life, intent = living(state, request.topic_id), request.intent
    return Change(
        lives=(replace(life, is_decided=True),),
        events=(TopicEvent(Event.PROMOTE, life.topic_id, None, intent),),
        was={"existed": intent in state.intents, "active": state.intents.get(intent, False)},
        became={"intent": intent},
    )


def _note(state: State, request: ask.Note, _by: Actor) -> Change:
    life, words = living(state, request.topic_id), request.words.strip()
    if not words or len(words) > MAX_NOTE:
        raise DecisionError(f"A note has 1 to {MAX_NOTE} characters. Was: {len(words)}")
    event = TopicEvent(Event.NOTE, life.topic_id, None, words)
    return Change(events=(event,), became={"note": words})


_RULES: dict[type[Any], Callable[[State, Any, Actor], Change]] = {
    ask.Create: by_run.create,
    ask.Revive: by_run.revive,
    ask.Tally: by_run.tally,
    ask.Merge: _merge,
    ask.Rename: _rename,
    ask.Place: _place,
    Proposal: by_run.propose,
    ask.Unmerge: _unmerge,
    ask.Split: _split,
    ask.Mute: _mute,
    ask.Promote: _promote,
    ask.Note: _note,
}
