"""The inverse of each decision, which restores the state before it.

A topic that a person decided about stays held after an undo, which is a decision as well.
"""

from collections.abc import Callable
from dataclasses import replace

from nlp.lives import Change, Decision, Life
from nlp.records import TopicEvent
from nlp.states import ABOUT_ALERTS, Action, Event, LabelSource, TopicStatus
from nlp.topics.life.heirs import heir_of
from nlp.topics.life.labels import check_free
from nlp.topics.life.state import Actor, State, known, living
from nlp.topics.lifecycle import merged

SAME_SUBJECT = {
    Action.MUTE: (Action.MUTE, Action.UNMUTE),
    Action.UNMUTE: (Action.MUTE, Action.UNMUTE),
    Action.MERGE: (Action.MERGE, Action.UNMERGE),
    Action.UNMERGE: (Action.MERGE, Action.UNMERGE),
    Action.DEFINE: (Action.DEFINE, Action.RETIRE, Action.MOVE),
    Action.RETIRE: (Action.DEFINE, Action.RETIRE, Action.MOVE),
    Action.MOVE: (Action.DEFINE, Action.RETIRE, Action.MOVE),
}
"""Of these actions about one topic or intent only the last can be undone; of others, the last of
the same."""
INDEPENDENT = (Action.NOTE, Action.SPLIT, *ABOUT_ALERTS)
"""Actions that later ones about the same topic do not affect."""


def undo(state: State, decision: Decision, by: Actor) -> Change:
    """Return what undoing changes; see `nlp.topics.lifecycle.transition` for what it raises.

    The caller checks whether somebody decided again since, by `SAME_SUBJECT` and `INDEPENDENT`.
    """
    return _INVERSE[decision.action](state, decision, by)


def _rename(state: State, decision: Decision, _by: Actor) -> Change:
    life = living(state, _topic(decision))
    label, source = str(decision.was["label"]), LabelSource(decision.was["label_source"])
    check_free(state.lives.values(), label, but=life.topic_id)
    detail = f"{decision.became['label']} → {label} (undone)"
    event = TopicEvent(Event.RENAME, life.topic_id, None, detail)
    return Change(lives=(replace(life, label=label, label_source=source),), events=(event,))


def _merge(state: State, decision: Decision, _by: Actor) -> Change:
    life = known(state, _topic(decision))
    check_free(state.lives.values(), str(decision.was["label"]), but=life.topic_id)
    event = TopicEvent(Event.UNMERGE, life.topic_id, None, "undone")
    status = TopicStatus(decision.was["status"])
    return Change(lives=(replace(life, merge=None, status=status),), events=(event,))


def _unmerge(state: State, decision: Decision, by: Actor) -> Change:
    """Merge the topic into its heir again, from now on as a person's merge.

    The heir may be merged away itself, before the unmerge or since: then the topic follows it.
    """
    ends, heir = living(state, _topic(decision)), known(state, int(decision.was["heir_id"]))
    if heir_of(state.lives, heir.topic_id) == ends.topic_id:
        living(state, heir.topic_id)  # the heir was merged into the topic since: a conflict
    return _back(state, decision, by, ends=ends, heir=heir, detail="unmerge undone")


def _split(state: State, decision: Decision, by: Actor) -> Change:
    """Move the messages back, and merge the new topic into the one that it came from."""
    return _back(
        state,
        decision,
        by,
        ends=living(state, int(decision.became["topic_id"])),
        heir=living(state, _topic(decision)),
        detail="split undone",
    )


def _back(
    _state: State, decision: Decision, by: Actor, *, ends: Life, heir: Life, detail: str
) -> Change:
    gone, event = merged(ends, heir, by, detail)
    return Change(
        lives=(replace(gone, is_decided=True), replace(heir, is_decided=True)),
        retracted=decision.number,
        events=(event,),
    )


def _mute(state: State, decision: Decision, _by: Actor) -> Change:
    life, muted = living(state, _topic(decision)), bool(decision.was["muted"])
    event = TopicEvent(Event.MUTE if muted else Event.UNMUTE, life.topic_id, None, "undone")
    return Change(lives=(replace(life, muted=muted),), events=(event,))


def _promote(_state: State, decision: Decision, _by: Actor) -> Change:
    detail = f"{decision.became['intent']}: promotion undone"
    event = TopicEvent(Event.NOTE, _topic(decision), None, detail)
    return Change(retracted=decision.number, events=(event,))


def _retract(_state: State, decision: Decision, _by: Actor) -> Change:
    return Change(retracted=decision.number)


def _strike(_state: State, _decision: Decision, _by: Actor) -> Change:
    """Change nothing of topics: the log marks it as undone; `nlp.jobs` restores the rest."""
    return Change()


def _topic(decision: Decision) -> int:
    assert decision.topic_id is not None, f"{decision.action} is about a topic"
    return decision.topic_id


_INVERSE: dict[Action, Callable[[State, Decision, Actor], Change]] = {
    Action.RENAME: _rename,
    Action.MERGE: _merge,
    Action.UNMERGE: _unmerge,
    Action.SPLIT: _split,
    Action.MUTE: _mute,
    Action.UNMUTE: _mute,
    Action.PROMOTE: _promote,
    Action.NOTE: _strike,
    Action.CORRECT: _retract,
    **dict.fromkeys(ABOUT_ALERTS, _strike),
    Action.DEFINE: _strike,
    Action.DESCRIBE: _strike,
    Action.RETIRE: _strike,
    Action.MOVE: _strike,
}
