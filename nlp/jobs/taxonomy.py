"""What people decide about intents: define, describe, retire; each is logged and can be undone."""

from nlp.errors import DecisionError, NotFoundError
from nlp.intents.names import new_name
from nlp.jobs.look import begin, check_seen
from nlp.lives import Decision
from nlp.ports import DecisionStore
from nlp.states import Action, Channel

MAX_DESCRIPTION = 500
"""Characters of an intent's description that are kept."""
_ACTIONS = (Action.DEFINE, Action.DESCRIBE, Action.RETIRE)


def define(
    store: DecisionStore, name: str, *, description: str, actor: str, channel: Channel
) -> tuple[int, str]:
    """Add an intent, or take up a retired one again; return the decision's number and the name.

    Raises DecisionError where the name is none, or that of an active intent.
    """
    begin(store, actor)
    intents = store.intents()
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


def intent_of(decision: Decision) -> str | None:
    """The intent that a decision is about; None where it is about something else."""
    return str(decision.became["intent"]) if decision.action in _ACTIONS else None


def undo(store: DecisionStore, decision: Decision) -> None:
    """Make an intent as it was before a decision about it; do nothing for other decisions."""
    name = intent_of(decision)
    if name is None:
        return
    if decision.action == Action.DESCRIBE:
        store.describe_intent(name, description=str(decision.was["description"]))
        return
    if decision.action == Action.DEFINE and not decision.was["existed"] and store.is_used(name):
        raise DecisionError(
            f"{name!r} has examples or messages by now. Retire the intent instead of undoing"
        )
    store.set_active(name, active=bool(decision.was["active"]))


def _begin(store: DecisionStore, name: str, *, actor: str, seen: str | None) -> bool:
    """Wait for the turn; return whether the intent is active."""
    begin(store, actor)
    intents = store.intents()
    if name not in intents:
        raise NotFoundError(f"There is no intent {name[:60]!r}. Look it up under Intents")
    check_seen(seen, store.last_decision(intent=name))
    return intents[name]
