"""Undoing what a person decided."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Connection, text

from nlp.errors import ConflictError, DecisionError, NotFoundError
from sql.rows import Row, first
from sql.stores.decisions import alert, decide, names, record
from sql.stores.heirs import settle_merges
from sql.stores.turns import take_turn

_LATER = """
SELECT actor, action, decided_at FROM triage.decisions
WHERE decision_no > :n AND undone_at IS NULL AND action = ANY(:actions)
  AND (topic_id = :topic OR message_id = :message) LIMIT 1
"""
_SAME = {
    "mute": ["mute", "unmute"], "unmute": ["mute", "unmute"], "merge": ["merge", "unmerge"],
    "unmerge": ["merge", "unmerge"],
}  # fmt: skip


def undo(connection: Connection, number: int, *, actor: str) -> Row:
    """Make it as it was before a decision; return the decision.

    Raises ConflictError where it was undone, or somebody decided anew since.
    """
    take_turn(connection)
    query = "SELECT * FROM triage.decisions WHERE decision_no = :n"
    decision = first(connection, query, n=number)
    if decision is None:
        raise NotFoundError(f"There is no decision {number}")
    if decision["undone_at"] is not None:
        raise ConflictError(f"{decision['undone_by']} has undone this already")
    later = first(
        connection,
        _LATER,
        n=number,
        actions=_SAME.get(decision["action"], [decision["action"]]),
        topic=decision["topic_id"]
        if decision["action"] not in ("note", "alert", "split")
        else None,
        message=decision["message_id"],
    )
    if later is not None:
        raise ConflictError(
            f"{later['actor']} did “{later['action']}” again at "
            f"{later['decided_at']:%H:%M:%S} UTC. Undo that first"
        )
    _INVERSE[decision["action"]](connection, decision, actor)
    connection.execute(
        text(
            "UPDATE triage.decisions SET undone_by = :u, undone_at = clock_timestamp() "
            "WHERE decision_no = :n"
        ),
        {"u": actor, "n": number},
    )
    return decision


def _rename(connection: Connection, decision: Row, actor: str) -> None:
    was, topic = decision["was"], decision["topic_id"]
    record.living(connection, topic)
    names.check_free(connection, was["label"], topic)
    connection.execute(
        text("UPDATE triage.topics SET label = :l, label_source = :s WHERE topic_id = :t"),
        {"l": was["label"], "s": was["label_source"], "t": topic},
    )
    detail = f"{decision['became']['label']} → {was['label']} (undone)"
    record.event(connection, "rename", topic, actor=actor, detail=detail)


def _merge(connection: Connection, decision: Row, actor: str) -> None:
    topic = decision["topic_id"]
    names.check_free(connection, decision["was"]["label"], topic)
    record.event(connection, "unmerge", topic, None, actor=actor, detail="undone")
    settle_merges(connection)
    connection.execute(
        text("UPDATE triage.topics SET status = :s WHERE topic_id = :t AND heir_id IS NULL"),
        {"s": decision["was"]["status"], "t": topic},
    )


def _unmerge(connection: Connection, decision: Row, actor: str) -> None:
    """The theme goes back into its heir, as a person's merge from then on."""
    topic, heir = decision["topic_id"], decision["was"]["heir_id"]
    record.living(connection, topic)
    record.living(connection, heir)
    _retract(connection, decision, actor)
    record.event(connection, "merge", topic, heir, actor=actor, detail="parting undone")
    settle_merges(connection)


def _split(connection: Connection, decision: Row, actor: str) -> None:
    """The messages go back, and the new theme goes into the one that it came from."""
    parent, child = decision["topic_id"], decision["became"]["topic_id"]
    record.living(connection, child)
    record.living(connection, parent)
    _retract(connection, decision, actor)
    record.event(connection, "merge", child, parent, actor=actor, detail="split undone")
    settle_merges(connection)


def _mute(connection: Connection, decision: Row, actor: str) -> None:
    muted = bool(decision["was"]["muted"])
    record.living(connection, decision["topic_id"])
    decide.set_muted(connection, decision["topic_id"], muted=muted)
    name = "mute" if muted else "unmute"
    record.event(connection, name, decision["topic_id"], actor=actor, detail="undone")


def _promote(connection: Connection, decision: Row, actor: str) -> None:
    intent, was = decision["became"]["intent"], decision["was"]
    _retract(connection, decision, actor)
    used = "SELECT 1 AS used FROM triage.labelled_examples WHERE intent = :i LIMIT 1"
    if not was["existed"] and first(connection, used, i=intent):
        raise DecisionError(
            f"{intent!r} has further labelled examples by now. Retire the intent instead of undoing"
        )
    connection.execute(
        text("UPDATE triage.intents SET active = :a WHERE name = :i"),
        {"a": was["active"], "i": intent},
    )
    note = f"{intent}: promotion undone"
    record.event(connection, "note", decision["topic_id"], actor=actor, detail=note)


def _alert(connection: Connection, decision: Row, actor: str) -> None:
    was: Mapping[str, Any] = decision["was"]
    alert.set_status(connection, decision["alert_id"], was["status"], actor=actor)


def _retract(connection: Connection, decision: Row, _actor: str) -> None:
    connection.execute(text("SELECT triage.retract(:n)"), {"n": decision["decision_no"]})


def _nothing(_connection: Connection, _decision: Row, _actor: str) -> None:
    """A note is only struck out."""


_INVERSE: dict[str, Callable[[Connection, Row, str], None]] = {
    "rename": _rename,
    "merge": _merge,
    "unmerge": _unmerge,
    "split": _split,
    "mute": _mute,
    "unmute": _mute,
    "promote": _promote,
    "note": _nothing,
    "correct": _retract,
    "alert": _alert,
}
