"""What people decide about intents: define, describe, retire, move; each is logged and undoable."""

from dataclasses import asdict

from nlp.errors import DecisionError, NotFoundError
from nlp.intents.names import MAX_INTENT, new_name
from nlp.jobs.look import begin, check_seen
from nlp.lives import Decision
from nlp.ports import DecisionStore
from nlp.states import Action, Channel

MAX_DESCRIPTION = 500
"""Characters of an intent's description that are kept."""
_ACTIONS = (Action.DEFINE, Action.DESCRIBE, Action.RETIRE, Action.MOVE)


def define(
    store: DecisionStore, name: str, *, description: str, actor: str, channel: Channel
) -> tuple[int, str]:
    """Add an intent, or take up a retired one again; return the decision's number and the name.

    Raises DecisionError where the name is none, or that of an active intent.
    """
    begin(store, actor)
    intents = store.intents()
    if intents.get(name, True):
        name = new_name(name, intents)
    was = {"existed": name in intents, "active": intents.get(name, False)}
    store.save_intent(name, description=description.strip()[:MAX_DESCRIPTION])
    return store.log(Decision(Action.DEFINE, actor, channel, was, {"intent": name})), name


def describe(
    store: DecisionStore,
    name: str,
    *,
    description: str,
    actor: str,
    channel: Channel,
    seen: str | None = None,
) -> int:
    """Say what an intent covers; return the decision's number.

    Raises NotFoundError where there is no such intent, ConflictError where somebody decided about
    it after it was `seen`.
    """
    _begin(store, name, actor=actor, seen=seen)
    was = {"description": store.description(name)}
    kept = description.strip()[:MAX_DESCRIPTION]
    store.describe_intent(name, description=kept)
    became = {"intent": name, "description": kept}
    return store.log(Decision(Action.DESCRIBE, actor, channel, was, became))


def retire(
    store: DecisionStore, name: str, *, actor: str, channel: Channel, seen: str | None = None
) -> int:
    """Stop offering an intent; the next training leaves it out. Return the decision's number.

    Its examples, and what people said of messages, stay. Raises as `describe` does.
    """
    active = _begin(store, name, actor=actor, seen=seen)
    if not active:
        raise DecisionError(f"The intent {name!r} is retired already")
    store.set_active(name, active=False)
    return store.log(Decision(Action.RETIRE, actor, channel, {"active": True}, {"intent": name}))


def restore(
    store: DecisionStore, name: str, *, actor: str, channel: Channel, seen: str | None = None
) -> int:
    """Take up a retired intent again; return the decision's number. Raises as `describe` does."""
    if _begin(store, name, actor=actor, seen=seen):
        raise DecisionError(f"The intent {name!r} is in use already")
    return define(store, name, description="", actor=actor, channel=channel)[0]


def move(
    store: DecisionStore,
    intent: str,
    name: str,
    *,
    actor: str,
    channel: Channel,
    seen: str | None = None,
) -> tuple[int, int]:
    """Rename an intent, or join it with another, which takes over its examples and corrections.

    It is retired. Return the decision's number, and how many examples and corrections moved.
    Raises as `describe` does.
    """
    was_active = _begin(store, intent, actor=actor, seen=seen)
    intents, name = store.intents(), name.strip()
    if not name or len(name) > MAX_INTENT:
        raise DecisionError(f"The name of an intent has 1 to {MAX_INTENT} characters")
    if name == intent:
        raise DecisionError(f"The intent {intent!r} has this name already")
    was = {"existed": name in intents, "active": intents.get(name, False), "was_active": was_active}
    was["described"] = bool(store.description(name))
    store.save_intent(name, description="")
    if not was["described"]:
        store.describe_intent(name, description=store.description(intent))
    moved = store.move_intent(intent, name)
    store.set_active(intent, active=False)
    became = {"intent": intent, "name": name, "moved": asdict(moved)}
    number = store.log(Decision(Action.MOVE, actor, channel, was, became))
    return number, len(moved.examples) + len(moved.corrections)


def intents_of(decision: Decision) -> tuple[str, ...]:
    """The intents that a decision is about; none where it is about something else."""
    if decision.action not in _ACTIONS:
        return ()
    return tuple(str(decision.became[k]) for k in ("intent", "name") if k in decision.became)


def undo(store: DecisionStore, decision: Decision) -> None:
    """Make an intent as it was before a decision about it; do nothing for other decisions."""
    if decision.action not in _ACTIONS:
        return
    name = intents_of(decision)[0]
    if decision.action == Action.DESCRIBE:
        store.describe_intent(name, description=str(decision.was["description"]))
        return
    if decision.action == Action.DEFINE and not decision.was["existed"] and store.is_used(name):
        raise DecisionError(
            f"{name!r} has examples or messages by now. Retire the intent instead of undoing"
        )
    if decision.action == Action.MOVE:
        _move_back(store, decision)
        return
    store.set_active(name, active=bool(decision.was["active"]))


def _move_back(store: DecisionStore, decision: Decision) -> None:
    """Undo a move; an intent that it made stays where something else has it by now."""
    (intent, name), was = intents_of(decision), decision.was
    store.move_back(decision)
    store.set_active(intent, active=bool(was["was_active"]))
    store.set_active(name, active=bool(was["active"] if was["existed"] else store.is_used(name)))
    if not was["described"]:
        store.describe_intent(name, description="")


def _begin(store: DecisionStore, name: str, *, actor: str, seen: str | None) -> bool:
    """Wait for the turn; return whether the intent is active."""
    begin(store, actor)
    intents = store.intents()
    if name not in intents:
        raise NotFoundError(f"There is no intent {name[:60]!r}. Look it up under Intents")
    check_seen(seen, store.last_decision(intent=name))
    return intents[name]
