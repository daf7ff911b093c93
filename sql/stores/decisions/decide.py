"""What people decide about themes: done, logged with its user, to be undone.

Each function takes part in the caller's transaction and returns the number of the decision; `seen`
is as in `sql.stores.decisions.record`.
"""

from sqlalchemy import Connection, text

from nlp.errors import DecisionError
from sql.rows import first
from sql.stores.decisions import names, record
from sql.stores.heirs import settle_merges
from sql.stores.turns import take_turn

MAX_NOTE = 2_000


def rename(
    connection: Connection, topic_id: int, label: str, *, actor: str, seen: str | None = None
) -> int:
    """Give a theme a person's name, which no run overwrites."""
    take_turn(connection)
    topic = record.living(connection, topic_id)
    record.check_seen(connection, seen, topic_id=topic_id)
    label = names.clean_label(label)
    names.check_free(connection, label, topic_id)
    connection.execute(
        text("UPDATE triage.topics SET label = :l, label_source = 'person' WHERE topic_id = :t"),
        {"l": label, "t": topic_id},
    )
    was, became = {"label": topic["label"], "label_source": topic["label_source"]}, {"label": label}
    record.event(connection, "rename", topic_id, actor=actor, detail=f"{topic['label']} → {label}")
    return record.log(connection, "rename", actor=actor, topic_id=topic_id, was=was, became=became)


def merge(
    connection: Connection, topic_id: int, heir_id: int, *, actor: str, seen: str | None = None
) -> int:
    """Let a theme go into another, which takes over its messages of every day."""
    take_turn(connection)
    topic, heir = record.living(connection, topic_id), record.living(connection, heir_id)
    record.check_seen(connection, seen, topic_id=topic_id)
    if topic_id == heir_id:
        raise DecisionError("A theme cannot be merged into itself. Choose another one")
    detail = f"{topic['label']} → {heir['label']}"
    record.event(connection, "merge", topic_id, heir_id, actor=actor, detail=detail)
    settle_merges(connection)
    was = {"status": topic["status"], "label": topic["label"]}
    became = {"heir_id": heir_id, "label": heir["label"]}
    return record.log(connection, "merge", actor=actor, topic_id=topic_id, was=was, became=became)


def mute(
    connection: Connection, topic_id: int, *, muted: bool, actor: str, seen: str | None = None
) -> int:
    """Ask for no more alerts about a theme, or for alerts again."""
    take_turn(connection)
    topic = record.living(connection, topic_id)
    record.check_seen(connection, seen, topic_id=topic_id)
    action = "mute" if muted else "unmute"
    if topic["muted"] == muted:
        raise DecisionError(f"The theme is {action}d already")
    set_muted(connection, topic_id, muted=muted)
    record.event(connection, action, topic_id, actor=actor, detail="")
    was, became = {"muted": topic["muted"]}, {"muted": muted}
    return record.log(connection, action, actor=actor, topic_id=topic_id, was=was, became=became)


def set_muted(connection: Connection, topic_id: int, *, muted: bool) -> None:
    """Set it, and nothing else."""
    connection.execute(
        text("UPDATE triage.topics SET muted = :m WHERE topic_id = :t"),
        {"m": muted, "t": topic_id},
    )


def note(connection: Connection, topic_id: int, words: str, *, actor: str) -> int:
    """Write something down about a theme."""
    record.living(connection, topic_id)
    words = words.strip()
    if not words or len(words) > MAX_NOTE:
        raise DecisionError(f"A note has 1 to {MAX_NOTE} characters. Was: {len(words)}")
    record.event(connection, "note", topic_id, actor=actor, detail=words)
    return record.log(
        connection, "note", actor=actor, topic_id=topic_id, was={}, became={"note": words}
    )


def promote(
    connection: Connection,
    topic_id: int,
    intent: str,
    *,
    description: str = "",
    actor: str,
    seen: str | None = None,
) -> int:
    """Make a theme an intent, with its exemplars as the first labelled examples."""
    take_turn(connection)
    topic = record.living(connection, topic_id)
    record.check_seen(connection, seen, topic_id=topic_id)
    intent = names.clean_intent(intent)
    before = first(connection, "SELECT * FROM triage.intents WHERE name = :i", i=intent)
    connection.execute(
        text(
            "INSERT INTO triage.intents (name, description) VALUES (:i, :d) "
            "ON CONFLICT (name) DO UPDATE SET active = true"
        ),
        {"i": intent, "d": description.strip()[:500]},
    )
    record.event(connection, "promote", topic_id, actor=actor, detail=intent)
    was = {"existed": before is not None, "active": bool(before and before["active"])}
    number = record.log(
        connection, "promote", actor=actor, topic_id=topic_id, was=was, became={"intent": intent}
    )
    connection.execute(
        text(
            "INSERT INTO triage.labelled_examples (text_hash, intent, text, origin) "
            "SELECT DISTINCT ON (text_hash) text_hash, :i, text, :o FROM triage.messages "
            "WHERE message_id = ANY(CAST(:ids AS uuid[])) ORDER BY text_hash, text "
            "ON CONFLICT DO NOTHING"
        ),
        {"i": intent, "o": f"promotion:{number}", "ids": [str(e) for e in topic["exemplars"]]},
    )
    return number
