"""What people do about an alert: take it, put it off, talk about it, close it, hear of the next.

Each decision waits for its turn and is logged, as those about topics are. Subscriptions are a
person's own and are not in the log.
"""

import datetime as dt
import re
from collections.abc import Collection, Mapping

from nlp.errors import ConflictError, DecisionError, NotFoundError
from nlp.jobs.look import begin
from nlp.lives import AlertState, Decided, Decision, Subscription
from nlp.ports import DecisionStore
from nlp.states import Action, AlertStatus, Channel
from nlp.topics.lifecycle import MAX_NOTE

_LONGEST = dt.timedelta(365)
_MENTION = re.compile(r"(?<![\w@.])@(\w[\w.@-]{0,98}\w|\w)")
_ADDRESS = re.compile(r"[^\s@,;<>\"]{1,64}@[^\s@,;<>\"]{1,190}")


def handle(
    store: DecisionStore,
    alert_id: str,
    status: str,
    *,
    actor: str,
    channel: Channel,
    seen: str | None = None,
) -> Decided:
    """Acknowledge, resolve or open an alert again; `seen` is the status that the person saw."""
    begin(store, actor)
    if status not in set(AlertStatus):
        raise DecisionError(f"An alert is open, acknowledged or resolved. Was: {status[:40]}")
    alert = _alert(store, alert_id)
    if seen is not None and alert.status != seen:
        raise ConflictError(f"{alert.handled_by} already {alert.status} this alert")
    store.set_alert(alert_id, AlertStatus(status), actor=actor)
    was = {"status": alert.status, "handled_by": alert.handled_by}
    return _log(store, Action.ALERT, alert, was, {"status": status}, actor, channel)


def assign(
    store: DecisionStore,
    alert_id: str,
    person: str,
    *,
    actor: str,
    channel: Channel,
    seen: str | None = None,
    people: Collection[str] = (),
) -> Decided:
    """Give an alert to a person, or to nobody where `person` is empty.

    `seen` is whom the person saw it assigned to, empty for nobody; `people` are users of Airflow.
    Raises DecisionError where nobody has that name, ConflictError where somebody else was quicker.
    """
    begin(store, actor)
    alert = _alert(store, alert_id)
    person = person.strip()
    known = {*people, *store.people(), actor}
    if person and person not in known:
        raise DecisionError(
            f"Nobody is called {person[:60]!r} here. Known are {', '.join(sorted(known)[:20])}"
        )
    if seen is not None and (alert.assigned_to or "") != seen:
        raise ConflictError(f"This alert is {_owner(alert)} by now")
    store.assign_alert(alert_id, person or None)
    was = {"assigned_to": alert.assigned_to}
    return _log(store, Action.ASSIGN, alert, was, {"assigned_to": person or None}, actor, channel)


def snooze(
    store: DecisionStore, alert_id: str, until: dt.date | None, *, actor: str, channel: Channel
) -> Decided:
    """Put an alert off: it is not among the open ones before the day `until`; None ends that.

    Raises DecisionError where the day is not after the last day, or over a year away.
    """
    begin(store, actor)
    alert, last = _alert(store, alert_id), store.last_day()
    if until is not None and not last < until <= last + _LONGEST:
        raise DecisionError(f"Choose a day after {last}, within a year. Was: {until}")
    store.snooze_alert(alert_id, until)
    was, became = ({"until": _written(day)} for day in (alert.snoozed_until, until))
    return _log(store, Action.SNOOZE, alert, was, became, actor, channel)


def comment(
    store: DecisionStore,
    alert_id: str,
    words: str,
    *,
    actor: str,
    channel: Channel,
    people: Collection[str] = (),
) -> Decided:
    """Write a comment under an alert; an @name of a known person mentions that person."""
    begin(store, actor)
    alert, words = _alert(store, alert_id), " ".join(words.split())
    if not words:
        raise DecisionError("Write something first")
    if len(words) > MAX_NOTE:
        raise DecisionError(f"A comment has at most {MAX_NOTE} characters. Was: {len(words)}")
    known = {*people, *store.people()}
    names = dict.fromkeys(_MENTION.findall(words))
    became = {
        "comment": words,
        "mentions": [name for name in names if name in known],
        "unknown": [name for name in names if name not in known],
    }
    return _log(store, Action.COMMENT, alert, {}, became, actor, channel)


def undo(store: DecisionStore, decision: Decision, *, actor: str) -> None:
    """Make an alert as it was before a decision; nothing where the decision is about none.

    Raises ConflictError where it was assigned or put off again since.
    """
    alert = None if decision.alert_id is None else store.alert(decision.alert_id)
    if alert is None:
        return
    if decision.action == Action.ALERT:
        store.set_alert(alert.alert_id, AlertStatus(decision.was["status"]), actor=actor)
    elif decision.action == Action.ASSIGN:
        if alert.assigned_to != decision.became["assigned_to"]:
            raise ConflictError(f"This alert is {_owner(alert)} by now. Undo that first")
        store.assign_alert(alert.alert_id, decision.was["assigned_to"])
    elif decision.action == Action.SNOOZE:
        if _written(alert.snoozed_until) != decision.became["until"]:
            raise ConflictError("Somebody put this alert off again since. Undo that first")
        until = decision.was["until"]
        store.snooze_alert(alert.alert_id, until and dt.date.fromisoformat(until))


def subscribe(store: DecisionStore, wanted: Subscription) -> None:
    """Tell a person of the alerts about a theme or a segment from now on, at most once each.

    A second subscription to the same only changes the address. Raises DecisionError where the
    address is none, NotFoundError where there is no such theme.
    """
    begin(store, wanted.subscriber)
    if wanted.address and not _ADDRESS.fullmatch(wanted.address):
        raise DecisionError(f"Write an address like me@example.org. Was: {wanted.address[:60]!r}")
    if wanted.topic_id is None and not (wanted.segment_name and wanted.segment_value):
        raise DecisionError("Subscribe to a theme, or to an attribute and its value")
    if wanted.topic_id is not None and not store.lives([wanted.topic_id]):
        raise NotFoundError(f"There is no theme {wanted.topic_id}. Look it up under Themes")
    store.subscribe(wanted)


def _alert(store: DecisionStore, alert_id: str) -> AlertState:
    alert = store.alert(alert_id)
    if alert is None:
        raise NotFoundError(
            f"There is no alert {alert_id[:60]!r}: its day ran again since. Open Today"
        )
    return alert


def _owner(alert: AlertState) -> str:
    return f"assigned to {alert.assigned_to}" if alert.assigned_to else "assigned to nobody"


def _written(day: dt.date | None) -> str | None:
    return None if day is None else day.isoformat()


def _log(
    store: DecisionStore,
    action: Action,
    alert: AlertState,
    was: Mapping[str, object],
    became: Mapping[str, object],
    actor: str,
    channel: Channel,
) -> Decided:
    number = store.log(
        Decision(
            action=action,
            actor=actor,
            channel=channel,
            was=was,
            became=became,
            topic_id=alert.topic_id,
            alert_id=alert.alert_id,
        )
    )
    return Decided(number, alert.topic_id)
