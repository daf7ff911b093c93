"""What a person's request is about, read from the store and checked to be as the person saw it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from nlp.errors import ConflictError, DecisionError, NotFoundError
from nlp.intents.names import new_name
from nlp.lives import Decision, Life, ShownMessage
from nlp.ports import DecisionStore
from nlp.states import RUN
from nlp.topics.life import requests as ask
from nlp.topics.life.labels import clean_label
from nlp.topics.life.state import State, known, living

MAX_EXAMPLES = 200
"""Distinct texts of a theme that become examples of its intent, at most."""
MAX_AT_ONCE = 1_000
"""Messages that one decision gives an intent, at most."""
_MIN_EXAMPLES = 2
_MIN_STRENGTH = 0.3
"""How well a message fits its theme, from which it is an example of what the theme is about."""
_FIRST_CHILD, _LAST_CHILD = 500, 999
"""Numbers of the topics that people split off on one day, counted from the end: a run's births do
not get there."""


@dataclass(frozen=True, slots=True)
class Look:
    """What the transition needs to know."""

    state: State
    request: ask.PersonRequest
    """With an intent's name as it is written."""
    shown: ShownMessage | None = None
    """The message that it is about, if it is about one."""
    texts: Mapping[str, str] = field(default_factory=dict)
    """The examples of a new intent, by hash."""
    n_left: int = 0
    """Messages of a bulk decision that somebody decided first, or that are gone."""


def begin(store: DecisionStore, actor: str) -> None:
    """Wait for the turn of a person's decision. Raises DecisionError where `actor` is no person."""
    if actor.strip() in ("", RUN):
        raise DecisionError(f"A decision has the name of a person. Was: {actor!r}")
    store.take_turn()


def look(store: DecisionStore, request: ask.PersonRequest, *, seen: str | None) -> Look:
    """Return what a request is about.

    Raises NotFoundError where that is not there, ConflictError where it is not as it was `seen`,
    DecisionError where the request cannot be done.
    """
    if isinstance(request, ask.Place):
        return _several(store, request) if request.is_bulk else _message(store, request, seen)
    ids = {request.topic_id}
    if isinstance(request, ask.Merge):
        ids.add(request.heir_id)
    state = State(store.lives(ids))
    check = known if isinstance(request, ask.Unmerge) else living
    life = check(state, request.topic_id)
    if isinstance(request, ask.Merge):
        living(state, request.heir_id)
    check_seen(seen, store.last_decision(topic_id=request.topic_id))
    if isinstance(request, ask.Rename):
        state = _with(state, store.lives_called(clean_label(request.label)))
    elif isinstance(request, ask.Split):
        state = _with(state, store.lives_called(clean_label(request.label)))
        state = _with_picked(store, state, request)
    elif isinstance(request, ask.Unmerge) and life.merge is not None:
        state = _with(state, store.lives_called(life.label))
        state = replace(state, carried={life.topic_id: store.carried(life.merge)})
    elif isinstance(request, ask.Promote):
        return _promotion(store, state, request)
    return Look(state, request)


def _message(store: DecisionStore, request: ask.Place, seen: str | None) -> Look:
    (message_id,) = request.message_ids
    messages = store.shown([message_id])
    if not messages:
        raise NotFoundError(f"There is no message {message_id}. It may have been deleted")
    check_seen(seen, store.last_decision(message_id=message_id))
    topics = set() if request.topic_id is None else {request.topic_id}
    return Look(State(store.lives(topics), intents=store.intents()), request, shown=messages[0])


def _several(store: DecisionStore, request: ask.Place) -> Look:
    """Those of the messages whose intent nobody decided yet; the others stay as they are."""
    wanted = sorted(set(request.message_ids))
    if not 1 <= len(wanted) <= MAX_AT_ONCE:
        raise DecisionError(
            f"1 to {MAX_AT_ONCE} messages are decided at once. Was: {len(wanted)}. "
            + ("Pick at least one" if not wanted else "Pick fewer")
        )
    waiting = tuple(m.message_id for m in store.shown(wanted) if not m.is_decided)
    if not waiting:
        raise ConflictError(
            f"Somebody decided {'this message' if len(wanted) == 1 else 'all of these messages'} "
            "after your page was loaded. Load it again"
        )
    return Look(
        State({}, intents=store.intents()),
        replace(request, message_ids=waiting),
        n_left=len(wanted) - len(waiting),
    )


def _promotion(store: DecisionStore, state: State, request: ask.Promote) -> Look:
    """One rule for every way in: a new name, and the theme's distinct messages as examples."""
    intents = store.intents()
    request = replace(request, intent=new_name(request.intent, intents))
    texts = store.example_texts(request.topic_id, min_strength=_MIN_STRENGTH, most=MAX_EXAMPLES)
    if len(texts) < _MIN_EXAMPLES:
        raise DecisionError(
            f"Theme {request.topic_id} has {len(texts)} different texts: at least {_MIN_EXAMPLES} "
            "are needed as examples. Wait for more"
        )
    return Look(replace(state, intents=intents), request, texts=texts)


def _with(state: State, lives: Iterable[Life]) -> State:
    return replace(state, lives={**{x.topic_id: x for x in lives}, **state.lives})


def _with_picked(store: DecisionStore, state: State, request: ask.Split) -> State:
    messages = store.shown(sorted(set(request.message_ids)))
    start = int(f"{store.last_day():%Y%m%d}") * 1000
    first, last = start + _FIRST_CHILD, start + _LAST_CHILD
    least = store.least_id(first=first, last=last)
    if least == first:
        raise DecisionError("No more themes can be split off today. Try again after the next run")
    return replace(
        state,
        assigned={m.message_id: m.topic_id for m in messages},
        arrived_on={m.message_id: m.arrived_on for m in messages},
        child_id=last if least is None else least - 1,
    )


def check_seen(seen: str | None, last: Decision | None) -> None:
    """Raise ConflictError where somebody decided since `seen`."""
    if seen is None or seen == (last.token if last else "0"):
        return
    if last is None or last.decided_at is None:
        raise ConflictError("This page is older than what is known now. Load it again")
    who, when, what = last.actor, last.decided_at, f"did “{last.action}” here"
    if last.undone_at is not None:
        who, when, what = last.undone_by or "", last.undone_at, f"undid “{last.action}” here"
    raise ConflictError(f"{who} {what} at {when:%H:%M:%S} UTC, after your page was loaded")
