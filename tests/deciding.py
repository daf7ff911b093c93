"""Decisions as tests make them: on a connection of the page, through `nlp.jobs.decide`."""

from collections.abc import Sequence

from sqlalchemy import Connection

from nlp.jobs import alerts
from nlp.jobs import decide as job
from nlp.lives import Decided, Decision
from nlp.states import Channel
from nlp.topics.life import requests as ask
from sql.stores.decisions.store import Decisions


def decide(
    db: Connection, request: ask.PersonRequest, *, actor: str, seen: str | None = None
) -> Decided:
    """Do it as on the page."""
    return job.decide(Decisions(db), request, actor=actor, channel=Channel.PAGE, seen=seen)


def rename(db: Connection, topic: int, label: str, *, actor: str, seen: str | None = None) -> int:
    """Return the number of the decision, like all below."""
    return decide(db, ask.Rename(topic, label), actor=actor, seen=seen).number


def merge(db: Connection, topic: int, heir: int, *, actor: str, seen: str | None = None) -> int:
    """Merge a theme into another."""
    return decide(db, ask.Merge(topic, heir), actor=actor, seen=seen).number


def part(db: Connection, topic: int, *, actor: str) -> int:
    """Restore a theme that a run merged away."""
    return decide(db, ask.Unmerge(topic), actor=actor).number


def split(
    db: Connection,
    topic: int,
    messages: Sequence[str],
    label: str,
    *,
    actor: str,
    seen: str | None = None,
) -> tuple[int, int]:
    """Return also the id of the new theme."""
    wanted = ask.Split(topic, tuple(messages), label)
    decided = decide(db, wanted, actor=actor, seen=seen)
    assert decided.topic_id is not None
    return decided.number, decided.topic_id


def mute(db: Connection, topic: int, *, muted: bool, actor: str, seen: str | None = None) -> int:
    """Stop alerts about a theme, or send them again."""
    return decide(db, ask.Mute(topic, muted=muted), actor=actor, seen=seen).number


def promote(db: Connection, topic: int, intent: str, *, actor: str, description: str = "") -> int:
    """Make a theme an intent."""
    return decide(db, ask.Promote(topic, intent, description), actor=actor).number


def correct(
    db: Connection,
    message: str,
    *,
    actor: str,
    intent: str | None = None,
    topic_id: int | None = None,
    seen: str | None = None,
) -> int:
    """Correct the intent or theme of a message."""
    return decide(db, ask.Place((message,), topic_id, intent), actor=actor, seen=seen).number


def handle(db: Connection, alert: str, status: str, *, actor: str, seen: str | None = None) -> int:
    """Set the status of an alert."""
    decided = alerts.handle(
        Decisions(db), alert, status, actor=actor, channel=Channel.PAGE, seen=seen
    )
    return decided.number


def undo(db: Connection, number: int, *, actor: str) -> Decision:
    """Undo a decision."""
    return job.undo(Decisions(db), number, actor=actor)


def propose(db: Connection, topic: int) -> list[str]:
    """Return the messages that would be split off."""
    return job.propose_split(Decisions(db), topic)
