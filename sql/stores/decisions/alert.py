"""People say what became of an alert."""

from sqlalchemy import Connection, text

from nlp.errors import ConflictError, DecisionError, NotFoundError
from sql.rows import first
from sql.stores.decisions import record
from sql.stores.turns import take_turn


def handle(
    connection: Connection, alert_id: str, status: str, *, actor: str, seen: str | None = None
) -> int:
    """Acknowledge, resolve or open an alert again; `seen` is the status the person saw."""
    take_turn(connection)
    if status not in ("open", "acknowledged", "resolved"):
        raise DecisionError(f"An alert is open, acknowledged or resolved. Was: {status[:40]}")
    alert = first(connection, "SELECT * FROM triage.alerts WHERE alert_id = :a", a=alert_id)
    if alert is None:
        raise NotFoundError(
            f"There is no alert {alert_id[:60]!r}: its day ran again since. Open Today"
        )
    if seen is not None and alert["status"] != seen:
        raise ConflictError(f"{alert['handled_by']} already {alert['status']} this alert")
    set_status(connection, alert_id, status, actor=actor)
    return record.log(
        connection,
        "alert",
        actor=actor,
        topic_id=alert["topic_id"],
        alert_id=alert_id,
        was={"status": alert["status"], "handled_by": alert["handled_by"]},
        became={"status": status},
    )


def set_status(connection: Connection, alert_id: str, status: str, *, actor: str | None) -> None:
    """Set what became of an alert, and nothing else."""
    connection.execute(
        text(
            "UPDATE triage.alerts SET status = :s, handled_by = :u, handled_at = now() "
            "WHERE alert_id = :a"
        ),
        {"s": status, "u": actor, "a": alert_id},
    )
