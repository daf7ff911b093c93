"""A person's way in: every decision, from the page, the command line and the API, comes here.

A decision waits for its turn, is checked against what others decided since the person looked
(`seen`, the token of the last decision that the person saw; None skips that), goes through the
lifecycle of topics, and is stored with its entry in the log, from which it can be undone. The
store is one transaction of the caller's: an error leaves everything as it was.
"""

from collections.abc import Mapping
from dataclasses import replace

from nlp.errors import ConflictError, DecisionError, NotFoundError
from nlp.jobs import alerts, taxonomy
from nlp.jobs.look import Look, begin, look
from nlp.lives import Change, Decided, Decision, Seed
from nlp.ports import DecisionStore
from nlp.states import Action, Channel
from nlp.topics.assign import centroid_of, radius_of
from nlp.topics.divide import halves
from nlp.topics.life import requests as ask
from nlp.topics.life.state import State
from nlp.topics.life.undoing import INDEPENDENT, SAME_SUBJECT
from nlp.topics.lifecycle import MIN_PICKED, transition

_PROPOSED_FROM = 300
"""The latest messages of a theme, from which a split is proposed."""
_N_EXEMPLARS = 5
_ACTIONS: Mapping[type, Action] = {
    ask.Rename: Action.RENAME,
    ask.Merge: Action.MERGE,
    ask.Unmerge: Action.UNMERGE,
    ask.Split: Action.SPLIT,
    ask.Promote: Action.PROMOTE,
    ask.Note: Action.NOTE,
    ask.Place: Action.CORRECT,
}


def decide(
    store: DecisionStore,
    request: ask.PersonRequest,
    *,
    actor: str,
    channel: Channel,
    seen: str | None = None,
    step: int | None = None,
) -> Decided:
    """Do what a person asks for, and log it; `step` is the first decision of the same step.

    Raises NotFoundError, ConflictError or DecisionError, whose sentence is for the person.
    """
    begin(store, actor)
    day = store.last_day()
    context = look(store, request, seen=seen)
    change = transition(context.state, context.request, actor=actor, day=day)
    seed = _prepare(store, context, change)
    made = store.save(change, actor=actor, day=day, seed=seed)
    if change.placed is not None:
        change = replace(change, became={**change.became, "corrections": made})
    if step is not None:
        change = replace(change, became={**change.became, "step": step})
    number = store.log(_entry(context, change, actor=actor, channel=channel))
    topic_id = request.topic_id
    if isinstance(context.request, ask.Promote):
        store.save_texts(context.texts, intent=context.request.intent, number=number)
    elif isinstance(request, ask.Merge):
        topic_id = request.heir_id
    return Decided(number, seed.topic_id if seed else topic_id)


def undo(store: DecisionStore, number: int, *, actor: str) -> Decision:
    """Make it as it was before a decision; return the decision.

    Raises ConflictError where it was undone, or somebody decided anew since.
    """
    begin(store, actor)
    decision = store.decision(number)
    if decision is None:
        raise NotFoundError(f"There is no decision {number}")
    if decision.undone_at is not None:
        raise ConflictError(f"{decision.undone_by} has undone this already")
    later = store.decided_since(
        number,
        actions=SAME_SUBJECT.get(decision.action, (decision.action,)),
        topic_id=None if decision.action in INDEPENDENT else decision.topic_id,
        message_id=decision.message_id,
        intents=taxonomy.intents_of(decision),
    )
    if later is not None:
        raise ConflictError(
            f"{later.actor} did “{later.action}” again at "
            f"{later.decided_at:%H:%M:%S} UTC. Undo that first"
        )
    ids = {decision.topic_id, decision.was.get("heir_id"), decision.became.get("topic_id")}
    lives = store.lives({int(i) for i in ids if i is not None})
    if decision.action in (Action.RENAME, Action.MERGE):
        lives |= {life.topic_id: life for life in store.lives_called(decision.was["label"])}
    day = store.last_day()
    change = transition(State(lives), ask.Undo(decision), actor=actor, day=day)
    store.save(change, actor=actor, day=day)
    alerts.undo(store, decision, actor=actor)
    if decision.action == Action.PROMOTE:
        _demote(store, decision)
    taxonomy.undo(store, decision)
    store.mark_undone(number, actor=actor)
    return decision


def propose_split(store: DecisionStore, topic_id: int) -> list[str]:
    """Return the messages of the smaller half of a theme, as its embeddings fall apart."""
    ids, vectors = store.embedded(store.members(topic_id, most=_PROPOSED_FROM))
    if len(ids) < 2 * MIN_PICKED:
        raise DecisionError("The theme has too few messages to fall into two")
    return [i for i, is_part in zip(ids, halves(vectors), strict=True) if is_part]


def _prepare(store: DecisionStore, context: Look, change: Change) -> Seed | None:
    """Store what a change stands on; return what the topic that it bears begins with, if any."""
    request = context.request
    if isinstance(request, ask.Split):
        return _seed(store, change)
    if isinstance(request, ask.Unmerge) and (merge := context.state.lives[request.topic_id].merge):
        store.add_days(request.topic_id, since=merge.day)
    if isinstance(request, ask.Promote):
        label = context.state.lives[request.topic_id].label
        description = request.description.strip()[: taxonomy.MAX_DESCRIPTION] or label
        store.save_intent(request.intent, description=description)
    return None


def _seed(store: DecisionStore, change: Change) -> Seed:
    """What a topic begins with: the middle of its messages, and those that are nearest to it."""
    child, placed = change.lives[-1], change.placed
    assert placed is not None
    ids, vectors = store.embedded(placed.message_ids)
    if n_missing := len(placed.message_ids) - len(ids):
        raise DecisionError(f"{n_missing} of the messages are not embedded yet. Run triage")
    centroid = centroid_of(vectors)
    nearest = (-(vectors @ centroid)).argsort(kind="stable")[:_N_EXEMPLARS]
    return Seed(
        topic_id=child.topic_id,
        born_on=child.born_on,
        centroid=centroid,
        radius=radius_of(vectors, centroid),
        size=len(ids),
        exemplar_ids=tuple(ids[i] for i in nearest),
    )


def _entry(context: Look, change: Change, *, actor: str, channel: Channel) -> Decision:
    """What the log keeps."""
    request, shown, was = context.request, context.shown, dict(change.was)
    if isinstance(request, ask.Mute):
        action = Action.MUTE if request.muted else Action.UNMUTE
    else:
        action = _ACTIONS[type(request)]
    if shown is not None:
        was |= {"intent": shown.intent, "topic_id": shown.topic_id, "label": shown.theme}
    became = dict(change.became)
    if isinstance(request, ask.Place) and request.is_bulk:
        ids = list(request.message_ids)
        became |= {"messages": ids, "n_messages": len(ids), "n_left": context.n_left}
    return Decision(
        action=action,
        actor=actor,
        channel=channel,
        was=was,
        became=became,
        topic_id=request.topic_id if shown is None else None,
        message_id=shown.message_id if shown else None,
    )


def _demote(store: DecisionStore, decision: Decision) -> None:
    """Let an intent be as it was before a topic became it, its examples taken back already."""
    intent = str(decision.became["intent"])
    if not decision.was["existed"] and store.has_examples(intent):
        raise DecisionError(
            f"{intent!r} has further labelled examples by now. Retire the intent instead of undoing"
        )
    store.set_active(intent, active=bool(decision.was["active"]))
