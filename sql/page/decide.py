"""What people decide about themes, messages and alerts: done, logged with its user, to be undone.

Each function takes part in the caller's transaction and returns the number of the decision. `seen`
is the token that the person's page was made with (`token`); where somebody decided since,
ConflictError says who and what. None skips that check.
"""

import datetime as dt
import json
import re
import time
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, text

from nlp.errors import ConflictError, DecisionError, NotFoundError
from sql.page.rows import Row, first
from sql.topics import settle_merges

MAX_LABEL = 120
"""Characters of a theme's name at most; boards and alerts show it in one line."""
MAX_NOTE = 2_000
_LAST_DECISION = """
SELECT decision_no, actor, action, decided_at, undone_by, undone_at FROM triage.decisions
WHERE {where} AND action <> 'note'
ORDER BY greatest(decided_at, coalesce(undone_at, decided_at)) DESC, decision_no DESC LIMIT 1
"""


def lock(connection: Connection) -> None:
    """Let decisions be taken one after the other; held until the transaction ends."""
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('triage.decide'))"))


def token(connection: Connection, *, topic_id: int | None = None, message_id: str = "") -> str:
    """Return what changes with every decision about the theme, or the message."""
    row = _last_decision(connection, topic_id=topic_id, message_id=message_id)
    return f"{row['decision_no']}{'u' if row['undone_at'] else ''}" if row else "0"


def rename(
    connection: Connection, topic_id: int, label: str, *, actor: str, seen: str | None = None
) -> int:
    """Give a theme a person's name, which no run overwrites."""
    lock(connection)
    topic = living(connection, topic_id)
    check_seen(connection, seen, topic_id=topic_id)
    label = clean_label(label)
    check_free(connection, label, topic_id)
    connection.execute(
        text("UPDATE triage.topics SET label = :l, label_source = 'person' WHERE topic_id = :t"),
        {"l": label, "t": topic_id},
    )
    was, became = {"label": topic["label"], "label_source": topic["label_source"]}, {"label": label}
    event(connection, "rename", topic_id, actor=actor, detail=f"{topic['label']} → {label}")
    return log(connection, "rename", actor=actor, topic_id=topic_id, was=was, became=became)


def merge(
    connection: Connection, topic_id: int, heir_id: int, *, actor: str, seen: str | None = None
) -> int:
    """Let a theme go into another, which takes over its messages of every day."""
    lock(connection)
    topic, heir = living(connection, topic_id), living(connection, heir_id)
    check_seen(connection, seen, topic_id=topic_id)
    if topic_id == heir_id:
        raise DecisionError("A theme cannot be merged into itself. Choose another one")
    detail = f"{topic['label']} → {heir['label']}"
    event(connection, "merge", topic_id, heir_id, actor=actor, detail=detail)
    settle_merges(connection)
    was = {"status": topic["status"], "label": topic["label"]}
    became = {"heir_id": heir_id, "label": heir["label"]}
    return log(connection, "merge", actor=actor, topic_id=topic_id, was=was, became=became)


def mute(
    connection: Connection, topic_id: int, *, muted: bool, actor: str, seen: str | None = None
) -> int:
    """Ask for no more alerts about a theme, or for alerts again."""
    lock(connection)
    topic = living(connection, topic_id)
    check_seen(connection, seen, topic_id=topic_id)
    action = "mute" if muted else "unmute"
    if topic["muted"] == muted:
        raise DecisionError(f"The theme is {action}d already")
    set_muted(connection, topic_id, muted=muted)
    event(connection, action, topic_id, actor=actor, detail="")
    was, became = {"muted": topic["muted"]}, {"muted": muted}
    return log(connection, action, actor=actor, topic_id=topic_id, was=was, became=became)


def set_muted(connection: Connection, topic_id: int, *, muted: bool) -> None:
    """Set it, and nothing else."""
    connection.execute(
        text("UPDATE triage.topics SET muted = :m WHERE topic_id = :t"),
        {"m": muted, "t": topic_id},
    )


def note(connection: Connection, topic_id: int, words: str, *, actor: str) -> int:
    """Write something down about a theme."""
    living(connection, topic_id)
    words = words.strip()
    if not words or len(words) > MAX_NOTE:
        raise DecisionError(f"A note has 1 to {MAX_NOTE} characters. Was: {len(words)}")
    event(connection, "note", topic_id, actor=actor, detail=words)
    return log(connection, "note", actor=actor, topic_id=topic_id, was={}, became={"note": words})


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
    lock(connection)
    topic = living(connection, topic_id)
    check_seen(connection, seen, topic_id=topic_id)
    intent = clean_intent(intent)
    before = first(connection, "SELECT * FROM triage.intents WHERE name = :i", i=intent)
    connection.execute(
        text(
            "INSERT INTO triage.intents (name, description) VALUES (:i, :d) "
            "ON CONFLICT (name) DO UPDATE SET active = true"
        ),
        {"i": intent, "d": description.strip()[:500]},
    )
    event(connection, "promote", topic_id, actor=actor, detail=intent)
    was = {"existed": before is not None, "active": bool(before and before["active"])}
    number = log(
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


def handle_alert(
    connection: Connection, alert_id: str, status: str, *, actor: str, seen: str | None = None
) -> int:
    """Acknowledge, resolve or open an alert again; `seen` is the status the person saw."""
    lock(connection)
    if status not in ("open", "acknowledged", "resolved"):
        raise DecisionError(f"An alert is open, acknowledged or resolved. Was: {status[:40]}")
    alert = first(connection, "SELECT * FROM triage.alerts WHERE alert_id = :a", a=alert_id)
    if alert is None:
        raise NotFoundError(
            f"There is no alert {alert_id[:60]!r}: its day ran again since. Open Today"
        )
    if seen is not None and alert["status"] != seen:
        raise ConflictError(f"{alert['handled_by']} already {alert['status']} this alert")
    set_alert(connection, alert_id, status, actor=actor)
    return log(
        connection,
        "alert",
        actor=actor,
        topic_id=alert["topic_id"],
        alert_id=alert_id,
        was={"status": alert["status"], "handled_by": alert["handled_by"]},
        became={"status": status},
    )


def set_alert(connection: Connection, alert_id: str, status: str, *, actor: str | None) -> None:
    """Set what became of an alert, and nothing else."""
    connection.execute(
        text(
            "UPDATE triage.alerts SET status = :s, handled_by = :u, handled_at = now() "
            "WHERE alert_id = :a"
        ),
        {"s": status, "u": actor, "a": alert_id},
    )


def correct(
    connection: Connection,
    message_id: str,
    *,
    intent: str | None = None,
    topic_id: int | None = None,
    actor: str,
    seen: str | None = None,
) -> int:
    """Say what a message's intent or theme really is; it outranks every prediction."""
    lock(connection)
    row = first(
        connection,
        "SELECT intent, topic_id, theme FROM triage.message_triage "
        "WHERE message_id = CAST(:m AS uuid)",
        m=message_id,
    )
    if row is None:
        raise NotFoundError(f"There is no message {message_id}. It may have been deleted")
    check_seen(connection, seen, message_id=message_id)
    became: dict[str, Any] = {}
    if intent is not None:
        known = first(connection, "SELECT name FROM triage.intents WHERE name = :i", i=intent)
        if known is None:
            raise DecisionError(f"There is no intent {intent[:60]!r}. Choose one of the list")
        became["intent"] = intent
    if topic_id is not None:
        became |= {"topic_id": topic_id, "label": living(connection, topic_id)["label"]}
    if not became:
        raise DecisionError("Nothing was chosen. Choose an intent or a theme")
    made = place(connection, [message_id], intent=intent, topic_id=topic_id, actor=actor)
    was = {"intent": row["intent"], "topic_id": row["topic_id"], "label": row["theme"]}
    became["corrections"] = made
    return log(connection, "correct", actor=actor, message_id=message_id, was=was, became=became)


def place(
    connection: Connection,
    message_ids: Sequence[str],
    *,
    intent: str | None,
    topic_id: int | None,
    actor: str,
) -> list[str]:
    """Write one correction a message; return their ids."""
    rows = connection.execute(
        text(
            "INSERT INTO triage.corrections (message_id, intent, topic_id, corrected_by, "
            "corrected_at) SELECT m, :i, :t, :u, clock_timestamp() "
            "FROM unnest(CAST(:ids AS uuid[])) m RETURNING correction_id::text"
        ),
        {"i": intent, "t": topic_id, "u": actor, "ids": list(message_ids)},
    )
    return list(rows.scalars())


def living(connection: Connection, topic_id: int) -> Row:
    """The topic as a row. Raises NotFoundError, or DecisionError where it was merged away."""
    topic = first(connection, "SELECT * FROM triage.topics WHERE topic_id = :t", t=topic_id)
    if topic is None:
        raise NotFoundError(f"There is no theme {topic_id}. Look it up under Themes")
    if topic["heir_id"] is not None:
        raise ConflictError(
            f"{topic['label']!r} was merged into theme {topic['heir_id']} since. Decide about that"
        )
    return topic


def check_seen(
    connection: Connection, seen: str | None, *, topic_id: int | None = None, message_id: str = ""
) -> None:
    """Raise ConflictError where somebody decided since `seen`."""
    if seen is None or seen == token(connection, topic_id=topic_id, message_id=message_id):
        return
    row = _last_decision(connection, topic_id=topic_id, message_id=message_id)
    if row is None:
        raise ConflictError("This page is older than what is known now. Load it again")
    who, when = row["actor"], row["decided_at"]
    what = f"did “{row['action']}” here"
    if row["undone_at"]:
        who, when, what = row["undone_by"], row["undone_at"], f"undid “{row['action']}” here"
    raise ConflictError(f"{who} {what} at {when:%H:%M:%S} UTC, after your page was loaded")


def check_free(connection: Connection, label: str, topic_id: int) -> None:
    """Raise DecisionError where another living theme bears the label."""
    other = first(
        connection,
        "SELECT topic_id FROM triage.topics WHERE lower(label) = lower(:l) AND topic_id <> :t "
        "AND heir_id IS NULL AND status <> 'retired'",
        l=label,
        t=topic_id,
    )
    if other is not None:
        raise DecisionError(
            f"Theme {other['topic_id']} is called {label!r} already. Choose another name, or merge "
            "the two"
        )


def clean_label(label: str) -> str:
    """Return a name for a theme in one line. Raises DecisionError where it is none."""
    kept = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in label)
    found = " ".join(unicodedata.normalize("NFC", kept).split())
    if len(found) > MAX_LABEL:
        raise DecisionError(
            f"A name has at most {MAX_LABEL} characters, so that it fits a line. Was: {len(found)}"
        )
    if not any(c.isalnum() for c in found):
        raise DecisionError(
            "A name has at least one letter or digit, so that people can search for it"
        )
    return found


def clean_intent(name: str) -> str:
    """Return a name for an intent: lower case, words joined by `_`."""
    found = re.sub(r"\W+", "_", name.strip().lower()).strip("_")
    if not found or len(found) > 60:
        raise DecisionError("The name of an intent has 1 to 60 letters, digits and _")
    return found


def event(
    connection: Connection,
    name: str,
    topic_id: int,
    other_topic_id: int | None = None,
    *,
    actor: str,
    detail: str,
) -> None:
    """Write a person's event into the life of a topic, after all of that day."""
    day = last_day(connection)
    connection.execute(
        text(
            "INSERT INTO triage.topic_events (event_id, day, event, topic_id, other_topic_id, "
            "actor, detail) VALUES (:id, :day, :event, :topic, :other, :actor, :detail)"
        ),
        {
            # The p sorts behind a run's numbers: of one day, a person has the last word.
            "id": f"{day}/p{time.time_ns():020d}", "day": day, "event": name, "topic": topic_id,
            "other": other_topic_id, "actor": actor, "detail": detail,
        },
    )  # fmt: skip


def last_day(connection: Connection) -> dt.date:
    """The day that decisions are filed under: the last one that was discovered."""
    query = "SELECT coalesce(max(day), current_date) FROM triage.topic_days"
    day = connection.scalar(text(query))
    assert isinstance(day, dt.date)
    return day


def log(
    connection: Connection,
    action: str,
    *,
    actor: str,
    was: Mapping[str, Any],
    became: Mapping[str, Any],
    topic_id: int | None = None,
    message_id: str | None = None,
    alert_id: str | None = None,
) -> int:
    """Write who decided what; return its number."""
    number = connection.scalar(
        text(
            "INSERT INTO triage.decisions (actor, action, topic_id, message_id, alert_id, was, "
            "became, decided_at) VALUES (:actor, :action, :topic, CAST(:message AS uuid), :alert, "
            "CAST(:was AS jsonb), CAST(:became AS jsonb), clock_timestamp()) RETURNING decision_no"
        ),
        {
            "actor": actor, "action": action, "topic": topic_id, "message": message_id,
            "alert": alert_id, "was": json.dumps(dict(was)), "became": json.dumps(dict(became)),
        },
    )  # fmt: skip
    assert number is not None
    return int(number)


def _last_decision(connection: Connection, *, topic_id: int | None, message_id: str) -> Row | None:
    if message_id:
        where = "message_id = CAST(:message AS uuid)"
        return first(connection, _LAST_DECISION.format(where=where), message=message_id)
    where = "topic_id = :topic AND action <> 'alert'"
    return first(connection, _LAST_DECISION.format(where=where), topic=topic_id)
