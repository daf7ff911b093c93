"""Several decisions of a person in one step, with one undo."""

from collections.abc import Mapping, Sequence

from nlp.errors import DecisionError
from nlp.jobs import taxonomy
from nlp.jobs.decide import decide, undo
from nlp.jobs.look import MAX_AT_ONCE, begin
from nlp.lives import Decided, Decision
from nlp.ports import DecisionStore
from nlp.states import Channel
from nlp.topics.life import requests as ask


def merge_all(
    store: DecisionStore, topic_ids: Sequence[int], heir_id: int, *, actor: str, channel: Channel
) -> Decided:
    """Merge themes into one; its number is that of the first merge.

    Raises ConflictError where one of them was merged since; then none is.
    """
    ends = [t for t in dict.fromkeys(topic_ids) if t != heir_id]
    if not ends:
        raise DecisionError("Pick at least two themes to merge")
    first: int | None = None
    for topic in ends:
        request = ask.Merge(topic, heir_id)
        decided = decide(store, request, actor=actor, channel=channel, step=first)
        first = first or decided.number
    assert first is not None
    return Decided(first, heir_id)


def place_all(
    store: DecisionStore,
    message_ids: Sequence[str],
    intent: str,
    *,
    is_new: bool,
    actor: str,
    channel: Channel,
) -> Decided:
    """Give an intent to those of the messages whose intent nobody decided yet.

    Where `is_new`, the intent is defined in the same step.
    """
    first = None
    if is_new:
        first, intent = taxonomy.define(store, intent, description="", actor=actor, channel=channel)
    request = ask.Place(tuple(message_ids), intent=intent, is_bulk=True)
    decided = decide(store, request, actor=actor, channel=channel, step=first)
    return Decided(first or decided.number, None)


def take_guesses(
    store: DecisionStore, guessed: Mapping[str, Sequence[str]], *, actor: str, channel: Channel
) -> Decided:
    """Give messages the intents that the model guessed, by intent; in one step.

    Those that somebody decided meanwhile stay. Raises ConflictError where nothing is left.
    """
    first: int | None = None
    for intent, ids in guessed.items():
        for start in range(0, len(ids), MAX_AT_ONCE):
            part = tuple(ids[start : start + MAX_AT_ONCE])
            request = ask.Place(part, intent=intent, is_bulk=True, as_guessed=True)
            decided = decide(store, request, actor=actor, channel=channel, step=first)
            first = first or decided.number
    assert first is not None
    return Decided(first, None)


def undo_step(store: DecisionStore, number: int, *, actor: str) -> Decision:
    """Undo all decisions of one step, the last first; return the first one.

    Raises as `undo` does, and then undoes none.
    """
    begin(store, actor)
    for decision in store.step(number):
        if decision.undone_at is None:
            undo(store, decision.number, actor=actor)
    return undo(store, number, actor=actor)
